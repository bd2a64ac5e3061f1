import Campaigns
import MailModel
import Testing

struct PeopleTests {
    private static let now = Timestamp(rfc3339: "2026-11-22T12:00:00Z")!
    private static func time(_ text: String) -> Timestamp { Timestamp(rfc3339: text)! }

    @Test
    func `implied consent ends when CASL says`() {
        let bought = PeopleTests.time("2024-02-29T08:30:00Z")
        #expect(ConsentBasis.relationship.expiry(from: bought) == PeopleTests.time("2026-02-28T08:30:00Z"))
        #expect(ConsentBasis.inquiry.expiry(from: PeopleTests.time("2026-08-31T00:00:00Z")) == PeopleTests.time("2027-02-28T00:00:00Z"))
        #expect(ConsentBasis.express.expiry(from: bought) == nil)
    }

    @Test
    func `what holds follows from all entries in order`() {
        func entry(
            _ at: String, _ act: ConsentAct, _ basis: ConsentBasis = .express, _ list: String? = "news", _ subject: ConsentSubject = .mail
        ) -> ConsentEntry {
            ConsentEntry(at: PeopleTests.time(at), act: act, subject: subject, basis: basis, list: list, source: "test")
        }
        func state(_ entries: [ConsentEntry], _ subject: ConsentSubject = .mail) -> ConsentState {
            ConsentState(entries, list: "news", subject: subject, at: PeopleTests.now)
        }
        #expect(state([]) == .none)
        #expect(state([entry("2026-01-01T00:00:00Z", .asked)]) == .pending)
        let confirmed = [entry("2026-01-01T00:00:00Z", .asked), entry("2026-01-02T00:00:00Z", .granted)]
        #expect(state(confirmed) == .valid)
        #expect(state(confirmed, .tracking) == .none)
        #expect(state(confirmed + [entry("2026-02-01T00:00:00Z", .withdrawn, .express, nil)]) == .withdrawn)
        #expect(state(confirmed + [entry("2026-02-01T00:00:00Z", .withdrawn, .express, "other")]) == .valid)
        #expect(state([entry("2024-01-01T00:00:00Z", .granted, .relationship)]) == .expired)
        #expect(state([entry("2025-01-01T00:00:00Z", .granted, .relationship)]) == .valid)
        // What was implied and has ended takes nothing away from an express yes.
        #expect(state(confirmed + [entry("2026-01-03T00:00:00Z", .granted, .inquiry)]) == .valid)
        #expect(state([entry("2027-01-01T00:00:00Z", .granted)]) == .none)
    }

    private static func facts(_ attributes: [String: String], consent: ConsentState = .valid, joined: String = "2026-11-01T00:00:00Z")
        -> SubscriberFacts
    {
        let person = Subscriber(address: EmailAddress("ada@example.org")!, attributes: attributes, addedAt: time(joined))
        return SubscriberFacts(person, consent: consent, activeAt: time("2026-11-20T00:00:00Z"))
    }

    @Test(arguments: [
        ("city = London", true), ("city != London", false), ("city = \"london\"", true), ("city in (Paris, London)", true),
        ("has city", true), ("has town", false),
        ("not has town and city contains ond", true), ("city = Paris or role = staff", true),
        ("(city = Paris or role = staff) and consent is withdrawn", false),
        ("consent is valid", true), ("joined within 30 days", true), ("joined within 1 day", false), ("active within 7 days", true),
        ("domain = example.org", true),
        ("domain in (example.com, example.net)", false), ("not not city = London", true), ("town != x", true),
    ])
    func `segments`(_ text: String, _ matches: Bool) throws {
        #expect(try Segment(text).matches(PeopleTests.facts(["city": "London", "role": "staff"]), at: PeopleTests.now) == matches)
    }

    @Test(arguments: [
        ("", 1), ("city", 5), ("city =", 7), ("city = a b", 10), ("(city = a", 10), ("city in ()", 10), ("city = \"a", 8),
        ("joined within x days", 15),
        ("consent is maybe", 12), ("a ! b", 3),
    ])
    func `what is wrong is said with its place`(_ text: String, _ column: Int) {
        #expect { try Segment(text) } throws: { ($0 as? SegmentError)?.column == column }
    }

    @Test
    func `depth is bounded`() {
        #expect(throws: SegmentError.self) {
            try Segment(String(repeating: "(", count: 100) + "a = b" + String(repeating: ")", count: 100))
        }
        #expect(throws: SegmentError.self) { try Segment(String(repeating: "not ", count: 100) + "a = b") }
    }
}
