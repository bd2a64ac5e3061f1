import Glibc
import MailModel
import Testing

@Suite struct IPAddressTests {
    /// RFC 5952 §4 and the corners of RFC 4291 §2.2.
    static let texts: [(text: String, canonical: String)] = [
        ("192.0.2.1", "192.0.2.1"), ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"),
        ("::", "::"), ("::1", "::1"), ("1::", "1::"),
        ("2001:0db8:0000:0000:0001:0000:0000:0001", "2001:db8::1:0:0:1"),
        ("2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
        ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
        ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"), ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"),
        ("0:0:3:4:5:6:0:0", "::3:4:5:6:0:0"),
        ("::ffff:192.0.2.1", "192.0.2.1"), ("::FFFF:c000:201", "192.0.2.1"), ("0:0:0:0:0:ffff:0:0", "0.0.0.0"),
        ("64:ff9b::192.0.2.1", "64:ff9b::c000:201"), ("::192.0.2.1", "::c000:201"),
    ]

    @Test(arguments: texts) func textIsReadAndWrittenInItsCanonicalForm(_ row: (text: String, canonical: String)) {
        #expect(IPAddress(row.text)?.description == row.canonical)
    }

    @Test(arguments: [
        "", ":", ":::", "::1::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "12345::", "g::", ":1",
        "1:",
        "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.04", "1.2.3.", "1..3.4", " 1.2.3.4", "1.2.3.4 ", "1.2.3.4/8", "0x1.2.3.4",
        "1.2.3.٤",
        "fe80::1%eth0", "[::1]", "::1.2.3", "1.2.3.4::", "::1.2.3.4:5", "::ffff:01.2.3.4", "1", "3232235777",
    ])
    func whatIsNoAddressIsNotRead(text: String) { #expect(IPAddress(text) == nil) }

    @Test func octetsAndTextReadBack() {
        var random = SeededGenerator(7)
        for round in 0..<2000 {
            let octets = (0..<(round % 2 == 0 ? 4 : 16)).map { _ in
                UInt8.random(in: 0...3, using: &random) == 0 ? UInt8.random(in: 0...255, using: &random) : 0
            }
            let address = IPAddress(octets: octets)
            #expect(address?.octets == octets)
            #expect(address.map { IPAddress($0.description) } == address)
        }
        #expect(IPAddress(octets: [1, 2, 3]) == nil)
        #expect(IPAddress(octets: [UInt8](repeating: 1, count: 15)) == nil)
    }

    /// The C library is the other party; it writes IPv4-mapped and -compatible addresses in a mixed form, which are left out.
    @Test func textAgreesWithTheCLibrary() {
        var random = SeededGenerator(8)
        for _ in 0..<2000 {
            var octets = (0..<16).map { _ in Bool.random(using: &random) ? UInt8(0) : UInt8.random(in: 0...255, using: &random) }
            octets[0] = 0x20
            var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
            inet_ntop(AF_INET6, octets, &text, socklen_t(text.count))
            #expect(
                IPAddress(octets: octets)?.description
                    == String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
        }
    }

    static let blocks: [(block: String, inside: [String], outside: [String])] = [
        ("192.0.2.0/24", ["192.0.2.0", "192.0.2.255", "::ffff:192.0.2.7"], ["192.0.1.255", "192.0.3.0", "2001:db8::"]),
        ("10.0.0.0/8", ["10.255.255.255"], ["11.0.0.0", "9.255.255.255"]),
        ("0.0.0.0/0", ["0.0.0.0", "255.255.255.255"], ["::", "::1"]),
        ("203.0.113.7", ["203.0.113.7"], ["203.0.113.6", "203.0.113.8"]),
        ("203.0.113.6/31", ["203.0.113.6", "203.0.113.7"], ["203.0.113.8", "203.0.113.5"]),
        ("2001:db8::/32", ["2001:db8::", "2001:db8:ffff::1"], ["2001:db9::", "10.0.0.1"]),
        ("2001:db8::/63", ["2001:db8:0:1:ffff::"], ["2001:db8:0:2::"]),
        ("2001:db8::/64", ["2001:db8::ffff:ffff:ffff:ffff"], ["2001:db8:0:1::"]),
        ("2001:db8::/65", ["2001:db8::7fff:0:0:1"], ["2001:db8::8000:0:0:0"]),
        ("::/0", ["::1", "ffff::"], ["1.2.3.4"]),
        ("::1/128", ["::1"], ["::2", "::"]),
    ]

    @Test(arguments: blocks) func aBlockHasItsAddressesAndNoOthers(_ row: (block: String, inside: [String], outside: [String])) throws {
        let block = try #require(IPNetwork(row.block))
        for text in row.inside { #expect(block.contains(try #require(IPAddress(text))), "\(text)") }
        for text in row.outside { #expect(!block.contains(try #require(IPAddress(text))), "\(text)") }
        #expect(IPNetwork(block.description) == block)
    }

    @Test(arguments: [
        "", "/", "10.0.0.0/", "/8", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8/8", "10.0.0.0/ 8", "10.0.0.1/8",
        "192.0.2.1/31",
        "::/129", "2001:db8::1/64", "2001:db8::/31x", "10.0.0.0/255.0.0.0", "host/8", "10.0.0.0/0008",
    ])
    func whatIsNoBlockIsNotRead(text: String) { #expect(IPNetwork(text) == nil) }

    /// First and last address of each special-purpose block, and their neighbours.
    static let special: [(block: String, first: String, last: String)] = [
        ("this network", "0.0.0.0", "0.255.255.255"), ("private", "10.0.0.0", "10.255.255.255"),
        ("shared", "100.64.0.0", "100.127.255.255"),
        ("loopback", "127.0.0.0", "127.255.255.255"), ("link-local", "169.254.0.0", "169.254.255.255"),
        ("private", "172.16.0.0", "172.31.255.255"), ("protocol assignments", "192.0.0.0", "192.0.0.255"),
        ("documentation", "192.0.2.0", "192.0.2.255"), ("private", "192.168.0.0", "192.168.255.255"),
        ("benchmarking", "198.18.0.0", "198.19.255.255"), ("documentation", "198.51.100.0", "198.51.100.255"),
        ("documentation", "203.0.113.0", "203.0.113.255"), ("multicast and reserved", "224.0.0.0", "255.255.255.255"),
        ("unspecified and loopback", "::", "::1"), ("mapped loopback", "::ffff:127.0.0.1", "::ffff:127.0.0.1"),
        ("local NAT64", "64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff"), ("discard", "100::", "100::ffff:ffff:ffff:ffff"),
        ("benchmarking", "2001:2::", "2001:2:0:ffff:ffff:ffff:ffff:ffff"),
        ("documentation", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("documentation", "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("unique local", "fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("link-local", "fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("multicast", "ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ]

    @Test(arguments: special) func noPublicMailHostHasASpecialPurposeAddress(_ row: (block: String, first: String, last: String)) throws {
        #expect(try #require(IPAddress(row.first)).isSpecialPurpose, "\(row.block)")
        #expect(try #require(IPAddress(row.last)).isSpecialPurpose, "\(row.block)")
    }

    @Test(arguments: [
        "1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0", "169.253.255.255",
        "172.15.255.255",
        "172.32.0.0", "192.0.1.0", "192.0.3.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255",
        "8.8.8.8",
        "::2", "64:ff9b::808:808", "2001:4860:4860::8888", "2001:db7::", "2001:db9::", "2a00::1", "3fff:1000::", "fbff::1",
        "2606:4700::1111",
    ])
    func publicAddressesAreNotSpecial(text: String) throws { #expect(try #require(IPAddress(text)).isSpecialPurpose == false) }
}
