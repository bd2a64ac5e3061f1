import MailModel
import OutboundPolicy
import Testing

@testable import DeliveryPlanning

/// What lists' answers mean.
@Suite struct BlocklistTests {
    private func list(_ name: String) throws -> Blocklist { try #require(Blocklist.known.first { $0.name == name }) }

    private func answer(_ addresses: String...) -> DNSAnswer<IPAddress> {
        .records(addresses.compactMap { IPAddress($0) }, isSecure: false, ttlSeconds: 60)
    }

    private let none = DNSAnswer<IPAddress>.noRecords(nameExists: false, isSecure: false, ttlSeconds: 60)

    @Test func `questions are the reversed address, or the domain, below the zone`() throws {
        let zen = try list("spamhaus-zen")
        #expect(zen.question(try #require(IPAddress("198.51.100.7")))?.text == "7.100.51.198.zen.spamhaus.org")
        #expect(zen.question(try #require(IPAddress("2001:db8::1")))?.text.hasPrefix("1.0.0.0.") == true)
        #expect(try list("spamcop").question(try #require(IPAddress("2001:db8::1"))) == nil)
        #expect(zen.question(try #require(DomainName("example.org"))) == nil)
        #expect(try list("spamhaus-dbl").question(try #require(DomainName("example.org")))?.text == "example.org.dbl.spamhaus.org")
    }

    @Test func `a listing is named with its reason`() throws {
        let zen = try list("spamhaus-zen")
        #expect(zen.reading(none) == .clear(""))
        #expect(zen.reading(answer("127.0.0.2")) == .bad("SBL: a source of spam (127.0.0.2)"))
        #expect(zen.reading(answer("127.0.0.5")) == .bad("XBL: a machine that was taken over (127.0.0.5)"))
        #expect(try list("uribl").reading(answer("127.0.0.4")) == .clear("grey: seen in bulk mail (127.0.0.4)"))
    }

    @Test(arguments: ["127.255.255.254", "127.255.255.255", "127.0.0.77", "192.0.2.1", "127.0.1.2"])
    func `a refusal, a strange code and somebody else's answer are no listing`(_ code: String) throws {
        guard case .unknown = try list("spamhaus-zen").reading(answer(code)) else {
            Issue.record("\(code) is taken for an answer")
            return
        }
        guard case .unknown = try list("spamhaus-zen").reading(answer("127.0.0.2", code)) else {
            Issue.record("\(code) beside a listing is overlooked")
            return
        }
    }

    @Test func `silence is no listing`() throws {
        #expect(try list("spamcop").reading(.failure(reason: "SERVFAIL", isBogus: false)) == .unknown("SERVFAIL"))
    }

    @Test func `a list that does not have its own test entry, or has everything, is not believed`() throws {
        let spamcop = try list("spamcop")
        #expect(spamcop.doubt(present: answer("127.0.0.2"), absent: none) == nil)
        #expect(spamcop.doubt(present: none, absent: none)?.contains("does not answer this resolver") == true)
        #expect(spamcop.doubt(present: answer("127.0.0.2"), absent: answer("127.0.0.2"))?.contains("lists everything") == true)
        #expect(spamcop.doubt(present: .failure(reason: "REFUSED", isBogus: false), absent: none) == "REFUSED")
    }

    @Test func `every known list has names, terms and steps, and its own test entry is a listing`() {
        #expect(Set(Blocklist.known.map(\.name)).count == Blocklist.known.count)
        for list in Blocklist.known {
            #expect(list.presentQuestion != nil && list.absentQuestion != nil, "\(list.name)")
            #expect(!list.terms.isEmpty && list.page.hasPrefix("https://") && !list.steps.isEmpty, "\(list.name)")
            #expect(list.codes.contains { $0.meaning == .listed }, "\(list.name)")
        }
    }
}
