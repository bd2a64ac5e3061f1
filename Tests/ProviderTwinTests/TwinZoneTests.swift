import MailModel
import Testing

@testable import ProviderTwin

/// The DNS of a twin's world, and what receivers find by it.
@Suite struct TwinZoneTests {
    private static func zone(_ records: [(String, String, String)]) throws -> TwinZone {
        var zone = TwinZone()
        for (name, type, value) in records {
            let isAdded = zone.add(try #require(DomainName(name)), try #require(TwinRecord(type: type, value: value)))
            #expect(isAdded)
        }
        return zone
    }

    private static func query(_ name: String, _ type: UInt8, size: Int? = 1232) -> [UInt8] {
        let labels = name.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + $0.utf8 }
        let option: [UInt8] = size.map { [0, 0, 41, UInt8($0 >> 8), UInt8($0 & 0xFF), 0, 0, 0, 0, 0, 0] } ?? []
        return [7, 9, 1, 0, 0, 1, 0, 0, 0, 0, 0, option.isEmpty ? 0 : 1] + labels + [0, 0, type, 0, 1] + option
    }

    @Test func `a question gets the records, its own letters and its number`() throws {
        let zone = try TwinZoneTests.zone([
            ("example.org", "MX", "10 mail.example.org"), ("mail.example.org", "A", "127.0.0.7"),
            ("www.example.org", "CNAME", "mail.example.org"),
        ])
        let answer = try #require(TwinNameServer.answer(TwinZoneTests.query("mAil.example.ORG", 1), from: zone))
        #expect(answer[0...1] == [7, 9] && answer[3] & 0x0F == 0 && answer[7] == 1)
        #expect(answer.contains(UInt8(ascii: "O")))
        #expect(answer.dropLast(11).suffix(4) == [127, 0, 0, 7])
        let alias = try #require(TwinNameServer.answer(TwinZoneTests.query("www.example.org", 1), from: zone))
        #expect(alias[7] == 2 && alias.dropLast(11).suffix(4) == [127, 0, 0, 7])
        // A name with other records, one in between, and one that there is not.
        for (name, code) in [("example.org", UInt8(0)), ("org", 0), ("nothing.test", 3)] {
            let empty = try #require(TwinNameServer.answer(TwinZoneTests.query(name, 1), from: zone))
            #expect(empty[3] & 0x0F == code && empty[7] == 0 && empty[9] == 1, "\(name)")
        }
    }

    @Test func `an answer without room is cut`() throws {
        let zone = try TwinZoneTests.zone([("example.org", "TXT", String(repeating: "x", count: 700))])
        #expect(try #require(TwinNameServer.answer(TwinZoneTests.query("example.org", 16, size: nil), from: zone))[2] & 2 == 2)
        let whole = try #require(TwinNameServer.answer(TwinZoneTests.query("example.org", 16), from: zone))
        #expect(whole[2] & 2 == 0 && whole.count > 700)
    }

    @Test func `hostile packets are answered or left alone`() throws {
        let zone = try TwinZoneTests.zone([("loop.test", "CNAME", "loop.test"), ("example.org", "A", "127.0.0.1")])
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            var packet = TwinZoneTests.query(Bool.random(using: &random) ? "example.org" : "loop.test", 1)
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                packet[Int.random(in: 0..<packet.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            packet = Array(packet.prefix(Int.random(in: 0...packet.count, using: &random)))
            if let answer = TwinNameServer.answer(packet, from: zone) {
                #expect(answer.count <= 1232 && answer[2] & 0x80 != 0, "\(packet)")
            }
        }
        // A response, a pointer as the name, and nothing.
        #expect(TwinNameServer.answer([0, 0, 0x80] + [UInt8](repeating: 0, count: 20), from: zone) == nil)
        #expect(TwinNameServer.answer([0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xC0, 12, 0, 1, 0, 1], from: zone)?[3] == 0x81)
        #expect(TwinNameServer.answer([], from: zone) == nil)
    }

    @Test func `the zone is bounded`() throws {
        var zone = TwinZone()
        let name = try #require(DomainName("example.org"))
        let added = (0..<200).count { number in zone.add(name, .txt("\(number) \(String(repeating: "x", count: 100))")) }
        #expect(added == 8)
        zone.remove(name, type: "txt")
        #expect(zone.records.isEmpty)
    }

    @Test(arguments: [
        ("v=spf1 ip4:192.0.2.0/24 -all", "pass"), ("v=spf1 ip4:198.51.100.0/24 -all", "fail"), ("v=spf1 ~all", "softFail"),
        ("v=spf1", "neutral"), ("v=spf1 a -all", "pass"), ("v=spf1 mx -all", "pass"), ("v=spf1 include:other.test -all", "pass"),
        ("v=spf1 include:strict.test ?all", "neutral"), ("v=spf1 include:none.test -all", "permanentError"),
        ("v=spf1 redirect=other.test", "pass"),
        ("v=spf1 redirect=example.org", "permanentError"), ("v=spf1 +a:host.test/8 -all", "pass"),
        ("v=spf1 nonsense -all", "permanentError"),
        ("v=spf1 ip4:192.0.2.9/33 -all", "permanentError"), ("v=spf1 ip6:2001:db8::/32 -all", "fail"),
        ("V=SPF1 IP4:192.0.2.9 -ALL", "pass"),
        ("v=spf2 all", "none"), ("v=spf1 exp=text.test ip4:192.0.2.9", "pass"),
    ]) func `SPF is evaluated`(_ record: String, _ expected: String) throws {
        let zone = try TwinZoneTests.zone([
            ("example.org", "TXT", record), ("example.org", "A", "192.0.2.9"), ("example.org", "MX", "10 mail.test"),
            ("mail.test", "A", "192.0.2.9"),
            ("other.test", "TXT", "v=spf1 ip4:192.0.2.9 -all"), ("strict.test", "TXT", "v=spf1 -all"), ("host.test", "A", "192.9.9.9"),
        ])
        var check = SPFCheck(zone, address: try #require(IPAddress("192.0.2.9")))
        #expect("\(check.result(for: try #require(DomainName("example.org"))))" == expected)
    }

    @Test func `canonical forms are those of the RFC`() {
        // RFC 6376 §3.4.5.
        let header = DKIMCheck.field(Array("B : Y\t\r\n\tZ  \r\n".utf8), isRelaxed: true)
        #expect(String(decoding: header, as: UTF8.self) == "b:Y Z\r\n")
        let body = Array(" C \r\nD \t E\r\n\r\n\r\n".utf8)
        #expect(String(decoding: DKIMCheck.body(body[...], isRelaxed: true), as: UTF8.self) == " C\r\nD E\r\n")
        #expect(String(decoding: DKIMCheck.body(body[...], isRelaxed: false), as: UTF8.self) == " C \r\nD \t E\r\n")
        #expect(DKIMCheck.body([], isRelaxed: false) == [0x0D, 0x0A] && DKIMCheck.body([], isRelaxed: true) == [])
    }

    @Test func `alignment and policy follow the domain's record`() throws {
        let zone = try TwinZoneTests.zone([
            ("news.example.org", "TXT", "v=spf1 ip4:192.0.2.9 -all"), ("_dmarc.example.org", "TXT", "v=DMARC1; p=reject; aspf=r"),
            ("other.test", "TXT", "v=spf1 ip4:192.0.2.9 -all"),
        ])
        let check = AuthenticationCheck(zone, TwinCryptography(sha256: { _ in [] }, isSigned: { _, _, _, _ in false }))
        func facts(_ envelope: String) throws -> ReceiverAuthentication {
            check.facts(
                Array("From: a@example.org\r\n\r\nx\r\n".utf8), reversePath: .address(try #require(EmailAddress(envelope))), helloName: nil,
                from: try #require(IPAddress("192.0.2.9")), at: Timestamp(seconds: 0))
        }
        let aligned = try facts("bounce@news.example.org")
        #expect(aligned.spf && aligned.dmarc && aligned.policy == .reject)
        let foreign = try facts("bounce@other.test")
        #expect(foreign.spf && !foreign.dmarc && foreign.policy == .reject)
        var gmail = ReceiverTwin(.gmail)
        var content = ExchangeContentFacts()
        content.from = EmailAddress("a@example.org")
        let decision = gmail.submitted(
            content, recipients: [], from: try #require(IPAddress("192.0.2.9")), evaluated: foreign, at: Timestamp(seconds: 0))
        #expect(
            "\(decision.reply)".hasPrefix("550 5.7.26 Unauthenticated email from example.org is not accepted due to domain's DMARC policy"))
    }
}
