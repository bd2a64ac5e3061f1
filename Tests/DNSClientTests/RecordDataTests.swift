import MailModel
import OwnThreads
import Testing

@testable import DNSClient

@Suite("Record data from the wire", .ownThreads)
struct RecordDataTests {
    private func read<T>(_ bytes: [UInt8], _ body: (UnsafeRawBufferPointer) -> T?) -> T? { bytes.withUnsafeBytes(body) }

    static let notMX: [[UInt8]] = [
        [], [0], [0, 10], [0, 10, 1], [0, 10, 5, 0x61], [0, 10, 1, 0x61], [0, 10, 0xC0, 12], [0, 10, 1, 0x61, 0, 0],
        [0, 10, 3, 0x61, 0x2E, 0x62, 0], [0, 10, 1, 0xFF, 0], [0, 10, 1, 0x20, 0],
    ]

    @Test(arguments: notMX) func `MX data that is cut, points elsewhere or names no host is no record`(bytes: [UInt8]) {
        #expect(read(bytes, RecordData.mx) == nil)
    }

    static let notTXT: [[UInt8]] = [[], [1], [5, 0x61], [0, 2, 0x61]]

    @Test(arguments: notTXT) func `TXT data that is cut is no record`(bytes: [UInt8]) {
        #expect(read(bytes, RecordData.txt) == nil)
    }

    @Test func `addresses have exactly their length`() {
        #expect(read([192, 0, 2, 1], RecordData.a) == IPAddress("192.0.2.1"))
        #expect(read([192, 0, 2], RecordData.a) == nil)
        #expect(read([192, 0, 2, 1, 0], RecordData.a) == nil)
        #expect(read([UInt8](repeating: 0, count: 15) + [1], RecordData.aaaa) == IPAddress("::1"))
        #expect(read([192, 0, 2, 1], RecordData.aaaa) == nil)
    }

    @Test func `names with U-labels become A-labels, and names without such a form none`() {
        #expect(DomainName("example.org")?.asciiForm == "example.org")
        #expect(DomainName("_dmarc.bücher.example")?.asciiForm == "_dmarc.xn--bcher-kva.example")
        #expect(DomainName("faß.example")?.asciiForm == "xn--fa-hia.example")
        #expect(DomainName("a\u{200D}b.example")?.asciiForm == nil)
    }

    static let servers = [
        ("192.0.2.1", "192.0.2.1@53"), ("192.0.2.1@5353", "192.0.2.1@5353"), ("2001:db8::1@54", "2001:db8::1@54"),
        ("192.0.2.1@0", nil), ("192.0.2.1@65536", nil), ("dns.example", nil), ("192.0.2.1@", nil), ("192.0.2.1@5@3", nil),
    ]

    @Test(arguments: servers) func `a server is an address with a port`(text: String, expected: String?) {
        #expect(DNSServerAddress(text)?.description == expected)
    }
}
