import Campaigns
import MailModel
import Testing

struct LaunchChecklistTests {
    /// A campaign that nothing is wrong with.
    private static var facts: ChecklistFacts {
        var facts = ChecklistFacts(from: EmailAddress("news@example.org")!)
        facts.fromName = "Northwind News"
        facts.subject = "What is new in November"
        facts.postalAddress = "1 Main Street\nTown"
        facts.visibleText = "Hello Ada, this is what is new.\n1  Main Street\nTown"
        facts.plainText = facts.visibleText
        facts.publicURL = "https://mail.example.org"
        facts.unsubscribe = "https://mail.example.org/u/T"
        facts.isUnsubscribeVisible = true
        facts.hasMailto = true
        facts.octets = 5000
        facts.octetsMax = 1_000_000
        facts.signedDomains = [DomainName("example.org")!]
        facts.ownDomains = [DomainName("example.org")!]
        facts.returnPathDomain = DomainName("bounces.example.org")
        facts.hasFeedbackID = true
        facts.audience.people = 10
        facts.audience.planned = 10
        facts.isPersonal = true
        facts.shorteners = ["bit.ly"]
        facts.listID = "news.example.org"
        return facts
    }

    @Test func `nothing is said of a good campaign`() {
        let lines = LaunchChecklist.lines(LaunchChecklistTests.facts)
        #expect(lines.filter { $0.level != .green } == [])
        #expect(Set(lines.map(\.code)).count == lines.count && lines.count >= 30)
        #expect(LaunchChecklist.isReady(lines, ticks: []))
    }

    private static func link(_ address: String, host: String, site: String? = nil, shown: String? = nil) -> ChecklistFacts.Link {
        ChecklistFacts.Link(
            scheme: String(address.prefix { $0 != ":" }), host: host, site: site ?? host, shownSite: shown, address: address)
    }

    private static let faults: [(String, ChecklistLine.Level, @Sendable (inout ChecklistFacts) -> Void)] = [
        ("AUDIENCE", .red, { $0.audience.planned = 0 }),
        ("CA-1", .red, { $0.audience.withoutConsent = 3 }),
        ("CA-2", .amber, { $0.audience.expiredConsent = 3 }),
        ("RISK", .amber, { $0.audience.risk = .high }),
        ("MERGE", .amber, { $0.audience.gaps = ["first name": 312] }),
        ("MERGE", .red, { $0.audience.unknownNames = ["fist name"] }),
        ("GM-01", .red, { $0.signedDomains = [] }),
        ("GM-11", .amber, { $0.fromName = "Re: your order" }),
        ("GM-11", .amber, { $0.fromName = "" }),
        ("MS-02", .amber, { $0.replyTo = EmailAddress("no-reply@example.org") }),
        ("ROUTE", .amber, { $0.hasRoute = false }),
        ("SUBJECT", .red, { $0.subject = " " }),
        ("US-1", .red, { $0.subject = "RE: our talk" }),
        ("LOUD", .amber, { $0.subject = "BUY NOW OR NEVER" }),
        ("IMAGES", .amber, { $0.images = 3 }),
        ("GM-12", .amber, { $0.hiddenText = String(repeating: "x", count: 300) }),
        ("SCRIPT", .red, { $0.scripts = 1 }),
        ("EU-7", .amber, { $0.pixels = 1 }),
        ("SHORT", .red, { $0.links = [link("https://bit.ly/x", host: "bit.ly")] }),
        ("GM-13", .red, { $0.links = [link("https://evil.example/", host: "evil.example", shown: "bank.example")] }),
        ("NUMERIC", .red, { $0.links = [link("https://192.0.2.1/", host: "192.0.2.1")] }),
        ("HTTPS", .amber, { $0.links = [link("http://example.org/", host: "example.org")] }),
        ("REDIRECT", .amber, { $0.links = [link("https://t.example/?url=https://example.org/", host: "t.example")] }),
        ("LINKS", .amber, { $0.links = (0..<12).map { link("https://h\($0).example/", host: "h\($0).example") } }),
        ("GM-07", .red, { $0.publicURL = nil }),
        ("GM-07", .red, { $0.publicURL = "http://mail.example.org" }),
        ("US-3", .red, { $0.isUnsubscribeVisible = false }),
        ("US-2", .red, { $0.postalAddress = "Elsewhere" }),
        ("YH-02", .amber, { $0.hasMailto = false }),
        ("GM-17", .amber, { $0.hasFeedbackID = false }),
        ("VERP", .amber, { $0.returnPathDomain = nil }),
        ("SIZE", .red, { $0.octets = 2_000_000 }),
        ("CLIP", .amber, { $0.htmlOctets = 200_000 }),
        ("SCAN", .red, { $0.scanVerdict = "spam" }),
    ]

    @Test(arguments: faults.indices)
    func `each fault has its line, with a reason and what to do`(_ index: Int) {
        let (code, level, spoil) = LaunchChecklistTests.faults[index]
        var facts = LaunchChecklistTests.facts
        spoil(&facts)
        let lines = LaunchChecklist.lines(facts)
        let found = lines.first { $0.code == code }
        #expect(found?.level == level, "\(code)")
        #expect(found?.why.isEmpty == false && found?.fix.isEmpty == false)
        #expect(!LaunchChecklist.isReady(lines, ticks: []))
        #expect(LaunchChecklist.isReady(lines, ticks: Set(lines.map(\.code))) == !lines.contains { $0.level == .red })
    }

    @Test func `what people must know needs no marketing rules`() {
        var facts = LaunchChecklistTests.facts
        facts.isMarketing = false
        (facts.publicURL, facts.postalAddress, facts.isUnsubscribeVisible) = (nil, "", false)
        #expect(!LaunchChecklist.lines(facts).contains { $0.level == .red })
    }

    @Test func `nobody sends as a mailbox provider`() {
        var facts = ChecklistFacts(from: EmailAddress("us@gmail.com")!)
        facts.signedDomains = [DomainName("example.org")!]
        let red = Set(LaunchChecklist.lines(facts).filter { $0.level == .red }.map(\.code))
        #expect(red.isSuperset(of: ["GM-10", "GM-01", "GM-03"]))
    }
}
