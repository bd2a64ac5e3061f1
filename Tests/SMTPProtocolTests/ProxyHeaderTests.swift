import MailModel
import SMTPProtocol
import Testing

struct ProxyHeaderTests {
    static func parse(_ bytes: [UInt8]) -> ProxyHeader.Result { bytes.withUnsafeBytes { ProxyHeader.parse($0) } }
    static let signature: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A]
    static let v4: [UInt8] = signature + [0x21, 0x11, 0, 12, 192, 0, 2, 1, 198, 51, 100, 1, 0x30, 0x39, 0, 25]
    static let v6: [UInt8] =
        signature + [0x21, 0x21, 0, 39] + [0x20, 0x01, 0x0D, 0xB8] + [UInt8](repeating: 0, count: 11) + [1]
        + [UInt8](repeating: 0, count: 16) + [1, 0, 0, 25] + [4, 0, 0]

    @Test(arguments: [
        (Array("PROXY TCP4 192.0.2.1 198.51.100.1 12345 25\r\n".utf8), "192.0.2.1", 12345),
        (Array("PROXY TCP6 2001:db8::1 ::1 1 65535\r\n".utf8), "2001:db8::1", 1),
        (v4, "192.0.2.1", 12345), (v6, "2001:db8::1", 256),
    ])
    func wholeHeadersNameTheSource(bytes: [UInt8], source: String, port: Int) {
        let expected = ProxyHeader.Result.complete(source: IPAddress(source), port: port, consumed: bytes.count)
        #expect(ProxyHeaderTests.parse(bytes) == expected)
        #expect(ProxyHeaderTests.parse(bytes + Array("EHLO x\r\n".utf8)) == expected)
        for count in 0..<bytes.count { #expect(ProxyHeaderTests.parse(Array(bytes[..<count])) == .incomplete) }
    }

    @Test(arguments: [
        Array("PROXY UNKNOWN\r\n".utf8), Array("PROXY UNKNOWN ffff::1 whatever\r\n".utf8), signature + [0x20, 0x00, 0, 0],
        signature + [0x20, 0x11, 0, 2, 9, 9], signature + [0x21, 0x00, 0, 0],
    ])
    func headersWithoutAnAddress(bytes: [UInt8]) {
        #expect(ProxyHeaderTests.parse(bytes) == .complete(source: nil, port: nil, consumed: bytes.count))
    }

    @Test(arguments: [
        "EHLO x\r\n", "PROXY\r\n", "PROXY TCP4 192.0.2.1 198.51.100.1 12345\r\n", "PROXY TCP4 192.0.2.1 198.51.100.1 65536 25\r\n",
        "PROXY TCP4 ::1 ::1 1 2\r\n", "PROXY TCP6 192.0.2.1 192.0.2.1 1 2\r\n", "PROXY TCP4 192.0.2.1 198.51.100.1 -1 25\r\n",
        "PROXY TCP4 192.0.2.1 198.51.100.1 1 2\n", "PROXY TCP4  192.0.2.1 198.51.100.1 1 2\r\n",
        "PROXY UDP4 192.0.2.1 198.51.100.1 1 2\r\n",
    ])
    func otherTextIsInvalid(text: String) { #expect(ProxyHeaderTests.parse(Array(text.utf8)) == .invalid) }

    @Test(arguments: [[0x11, 0x11, 0, 12], [0x22, 0x11, 0, 12], [0x21, 0x12, 0, 12], [0x21, 0x31, 0, 0], [0x21, 0x11, 0x08, 0x01]])
    func otherBinaryHeadersAreInvalid(head: [UInt8]) {
        #expect(ProxyHeaderTests.parse(ProxyHeaderTests.signature + head + [UInt8](repeating: 0, count: 12)) == .invalid)
    }

    @Test func tooShortAddressBlocksAreInvalid() {
        #expect(ProxyHeaderTests.parse(ProxyHeaderTests.signature + [0x21, 0x11, 0, 11] + [UInt8](repeating: 0, count: 11)) == .invalid)
    }

    @Test func textHeadersEndWithin107Octets() {
        let start = "PROXY UNKNOWN "
        func header(_ count: Int) -> [UInt8] { Array((start + String(repeating: "x", count: count - start.count - 2) + "\r\n").utf8) }
        #expect(ProxyHeaderTests.parse(header(107)) == .complete(source: nil, port: nil, consumed: 107))
        #expect(ProxyHeaderTests.parse(header(108)) == .invalid)
        #expect(ProxyHeaderTests.parse(Array(header(200)[..<106])) == .incomplete)
        #expect(ProxyHeaderTests.parse(Array(header(200)[..<107])) == .invalid)
    }
}
