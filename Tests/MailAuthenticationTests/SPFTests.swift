import MailModel
import Testing

@testable import MailAuthentication

@Suite struct SPFTests {
    /// The zone of RFC 7208, appendix A, and what the tests add.
    private struct Zone {
        var txt: [String: [String]] = [:]
        var addresses: [String: [String]] = [
            "example.com": ["192.0.2.10", "192.0.2.11"], "amy.example.com": ["192.0.2.65"], "bob.example.com": ["192.0.2.66"],
            "mail-a.example.com": ["192.0.2.129"], "mail-b.example.com": ["192.0.2.130"], "mail-c.example.org": ["192.0.2.140"],
        ]
        var mx: [String: [String]] = [
            "example.com": ["mail-a.example.com", "mail-b.example.com"], "example.org": ["mail-c.example.org"],
        ]
        var failing: Set<String> = []

        func answer<Record>(_ name: DomainName, _ records: [Record]?) -> DNSAnswer<Record> {
            if failing.contains(name.text) { return .failure(reason: "SERVFAIL", isBogus: false) }
            guard let records else { return .noRecords(nameExists: false, isSecure: false, ttlSeconds: 60) }
            return .records(records, isSecure: false, ttlSeconds: 60)
        }

        /// The result, and how many questions it took.
        func check(_ client: String, _ sender: String = "strong-bad@example.com", hello: String = "mx.example.org") -> (SPF.Result, Int) {
            let path = sender.isEmpty ? ReversePath.null : .address(EmailAddress(sender)!)
            let subject = SPF.Subject(client: IPAddress(client)!, reversePath: path, helloName: hello)!
            var answers = SPF.Answers()
            for count in 0...SPF.questionsMax {
                switch SPF.step(subject, answers) {
                case .done(let result): return (result, count)
                case .ask(.txt(let name)): answers.txt[name] = answer(name, txt[name.text])
                case .ask(.addresses(let name)):
                    answers.addresses[name] = answer(name, addresses[name.text]?.compactMap { IPAddress($0) })
                case .ask(.pointers): answers.pointers = answer(DomainName("client")!, nil)
                case .ask(.mx(let name)):
                    answers.mx[name] = answer(name, mx[name.text]?.map { MXRecord(preference: 10, exchange: DomainName($0)) })
                }
            }
            Issue.record("more questions than there may be")
            return (.none, 0)
        }
    }

    private func result(_ record: String, _ client: String = "192.0.2.3", _ change: (inout Zone) -> Void = { _ in }) -> SPF.Result {
        var zone = Zone()
        zone.txt["example.com"] = [record]
        change(&zone)
        return zone.check(client).0
    }

    /// RFC 7208, appendix A.1.
    @Test(arguments: [
        ("v=spf1 +all", "203.0.113.1", SPF.Result.pass), ("v=spf1 a -all", "192.0.2.10", .pass), ("v=spf1 a -all", "192.0.2.12", .fail),
        ("v=spf1 a:example.org -all", "192.0.2.10", .fail), ("v=spf1 mx -all", "192.0.2.129", .pass),
        ("v=spf1 mx -all", "192.0.2.140", .fail), ("v=spf1 mx:example.org -all", "192.0.2.140", .pass),
        ("v=spf1 mx mx:example.org -all", "192.0.2.130", .pass), ("v=spf1 mx/30 mx:example.org/30 -all", "192.0.2.131", .pass),
        ("v=spf1 mx/30 mx:example.org/30 -all", "192.0.2.143", .pass), ("v=spf1 mx/30 mx:example.org/30 -all", "192.0.2.132", .fail),
        ("v=spf1 ip4:192.0.2.128/28 -all", "192.0.2.140", .pass), ("v=spf1 ip4:192.0.2.128/28 -all", "192.0.2.65", .fail),
        ("v=spf1 ip6:2001:db8::/33 ~all", "2001:db8:7fff::1", .pass), ("v=spf1 ip6:2001:db8::/33 ~all", "2001:db8:8000::1", .softfail),
        ("v=spf1 a//64 ?all", "192.0.2.10", .pass), ("v=spf1", "192.0.2.3", .neutral), ("V=SPF1 ?ALL", "192.0.2.3", .neutral),
        ("v=spf10 -all", "192.0.2.3", .none), ("other", "192.0.2.3", .none),
    ]) func mechanismsMatchAsTheirStandardSays(record: String, client: String, expected: SPF.Result) {
        #expect(result(record, client) == expected)
    }

    @Test(arguments: [
        "v=spf1 ip4:192.0.2.0/33 -all", "v=spf1 ip4:2001:db8::1 -all", "v=spf1 -all extra", "v=spf1 a:/24", "v=spf1 all:x",
        "v=spf1 include -all", "v=spf1 redirect=a.test redirect=b.test", "v=spf1 a/24/64", "v=spf1 ip4:", "v=spf1 -",
    ]) func oneMistakeMakesARecordUseless(record: String) {
        #expect(result(record) == .permanentError)
    }

    @Test func recordsLeadToOthers() {
        func check(_ record: String, _ other: String?) -> SPF.Result { result(record) { $0.txt["b.test"] = other.map { [$0] } } }
        #expect(check("v=spf1 include:b.test -all", "v=spf1 ip4:192.0.2.3 -all") == .pass)
        #expect(check("v=spf1 include:b.test ~all", "v=spf1 -all") == .softfail)
        #expect(check("v=spf1 include:b.test -all", nil) == .permanentError)
        #expect(check("v=spf1 redirect=b.test", "v=spf1 -all") == .fail)
        #expect(check("v=spf1 redirect=b.test", nil) == .permanentError)
        #expect(check("v=spf1 redirect=example.com", nil) == .permanentError)
        #expect(result("v=spf1 -all") { $0.txt["example.com"]?.append("v=spf1 +all") } == .permanentError)
        #expect(result("v=spf1 include:b.test -all") { $0.failing = ["b.test"] } == .temporaryError)
        #expect(result("v=spf1 ip4:192.0.2.3 include:b.test -all") { $0.failing = ["b.test"] } == .pass)
    }

    @Test func lookUpsAreBounded() {
        let many = "v=spf1 " + (0..<11).map { "a:h\($0).test" }.joined(separator: " ") + " -all"
        func known(_ zone: inout Zone) { for index in 0..<11 { zone.addresses["h\(index).test"] = ["203.0.113.9"] } }
        #expect(result(many, "192.0.2.3", known) == .permanentError)
        #expect(result(many.replacing(" a:h10.test", with: ""), "192.0.2.3", known) == .fail)
        // Three names that are not there.
        #expect(result("v=spf1 a:x.test a:y.test a:z.test +all") == .permanentError)
        #expect(result("v=spf1 a:x.test a:y.test +all") == .pass)
        #expect(result("v=spf1 mx -all") { $0.mx["example.com"] = (0..<11).map { "m\($0).test" } } == .permanentError)
    }

    /// RFC 7208 §7.4.
    @Test(arguments: [
        ("%{s}", "strong-bad@email.example.com"), ("%{o}", "email.example.com"), ("%{d}", "email.example.com"),
        ("%{d4}", "email.example.com"), ("%{d2}", "example.com"), ("%{dr}", "com.example.email"), ("%{d2r}", "example.email"),
        ("%{l}", "strong-bad"), ("%{l-}", "strong.bad"), ("%{lr-}", "bad.strong"), ("%{l1r-}", "strong"),
        ("%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"), ("%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com"),
        ("%%%_%-", "% %20"), ("%{S}", "strong-bad%40email.example.com"), ("%{h}", "mx.example.org"),
    ]) func macrosStandForTheSession(text: String, expected: String) {
        let path = ReversePath.address(EmailAddress("strong-bad@email.example.com")!)
        let subject = SPF.Subject(client: IPAddress("192.0.2.3")!, reversePath: path, helloName: "mx.example.org")!
        let macro = SPFMacro(subject: subject, domain: subject.domain)
        #expect(macro.expand(text) == expected)
        for bad in ["%", "%{", "%{x}", "%{d0}", "%{d2x}", "%a", "%{}"] { #expect(macro.expand(bad) == nil, "\(bad)") }
    }

    @Test func whoSendsWithoutASenderIsItsHost() {
        var zone = Zone()
        zone.txt["mx.example.org"] = ["v=spf1 exists:%{l}.%{h} -all"]
        zone.addresses["postmaster.mx.example.org"] = ["127.0.0.2"]
        #expect(zone.check("192.0.2.3", "").0 == .pass)
        #expect(SPF.Subject(client: IPAddress("192.0.2.3")!, reversePath: .null, helloName: "[192.0.2.3]") == nil)
    }
}
