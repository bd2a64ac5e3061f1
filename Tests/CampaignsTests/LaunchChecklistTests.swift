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
        facts.hasContact = true
        facts.perDay = 10
        var route = ChecklistFacts.RouteLine(name: "direct")
        route.isAligned = true
        facts.routes = [route]
        facts.health = ChecklistFacts.Health(findings: [])
        facts.form = form
        return facts
    }

    private static var form: ChecklistFacts.Form {
        var form = ChecklistFacts.Form()
        let fields = [
            ("date", "Mon, 23 Nov 2026 12:00:00 +0000"), ("message-id", "<a@example.org>"), ("from", "Northwind News <news@example.org>"),
            ("to", "ada@example.net"), ("subject", "What is new in November"),
            ("list-unsubscribe", "<https://mail.example.org/u/T>, <mailto:unsubscribe@bounces.example.org?subject=T>"),
            ("list-unsubscribe-post", "List-Unsubscribe=One-Click"), ("list-id", "News <news.example.org>"),
        ]
        form.fields = fields.map { ChecklistFacts.Form.Field(name: $0.0, value: $0.1) }
        form.longestLine = 76
        form.signedFields = ["from", "subject", "list-unsubscribe", "list-unsubscribe-post", "list-id"]
        return form
    }

    private static func set(_ name: String, _ values: [String], in facts: inout ChecklistFacts) {
        facts.form.fields.removeAll { $0.name == name }
        facts.form.fields += values.map { ChecklistFacts.Form.Field(name: name, value: $0) }
    }

    private static func found(_ rule: String, isError: Bool = true) -> ChecklistFacts.Health {
        ChecklistFacts.Health(findings: [.init(rule: rule, isError: isError, text: "It is wrong.", record: "example.org. TXT x")])
    }

    private static func file(_ name: String, octets: Int = 1000) -> ChecklistFacts.Attachment {
        ChecklistFacts.Attachment(name: name, type: "application/octet-stream", octets: octets)
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
        ("GM-08", .amber, { $0.publicURLProblem = "mail.example.org answers 404." }),
        ("DOMAINS", .amber, { $0.audience.openDomains = 3 }),
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
        ("GM-18", .amber, { $0.audience.hasUnknownSource = true }),
        ("EU-1", .amber, { $0.audience.withoutWording = 3 }),
        ("EU-8", .amber, { $0.audience.unconfirmed = 3 }),
        ("ALIGN", .red, { $0.routes[0].isAligned = false }),
        ("ALIGN", .red, { $0.routes[0].fromWritten = DomainName("other.example") }),
        ("GM-05", .red, { $0.routes[0].encrypts = false }),
        ("M365-02", .red, { $0.routes[0].stopped = "restricted" }),
        ("M365-01", .red, { ($0.routes[0].isMailbox, $0.perDay, $0.past.busiestDay) = (true, 10_001, 10_000) }),
        ("M365-01", .amber, { ($0.routes[0].isMailbox, $0.perDay, $0.past.busiestDay) = (true, 1001, 10_000) }),
        ("DNS", .amber, { $0.health = nil }),
        ("GM-02", .red, { $0.health = found("dmarc.missing") }),
        ("GM-04", .red, { $0.health = found("ptr.missing") }),
        ("GM-19", .amber, { $0.health = found("dkim.short", isError: false) }),
        ("MS-06", .red, { $0.health = found("spf.lookups") }),
        ("YH-04", .red, { $0.health = found("mx.null") }),
        ("GM-14", .amber, { ($0.perDay, $0.past.busiestDay) = (5000, 800) }),
        ("GM-14", .amber, { $0.perDay = 5000 }),
        ("GM-06", .red, { ($0.past.delivered, $0.past.complaints) = (1000, 3) }),
        ("GM-06", .amber, { ($0.past.delivered, $0.past.complaints) = (1000, 2) }),
        ("CONTRAST", .amber, { $0.contrast = Contrast.faults(in: "<p style=\"color:#999\">grey</p>") }),
        ("SAME", .amber, { ($0.sameness, $0.audience.planned) = (1, 2000) }),
        ("SAME", .amber, { ($0.isPersonal, $0.audience.planned) = (false, 2000) }),
        ("IDN", .amber, { $0.links = [link("https://xn--pple-43d.example/", host: "xn--pple-43d.example")] }),
        ("CA-4", .amber, { $0.hasContact = false }),
        ("ATTACH", .red, { $0.attachments = [file("setup.EXE")] }),
        ("ATTACH-KIND", .amber, { $0.attachments = [file("all.zip")] }),
        ("ATTACH-SIZE", .amber, { $0.attachments = [file("plan.pdf", octets: 300_000)] }),
        ("5322", .red, { set("from", ["a@example.org", "b@example.org"], in: &$0) }),
        ("5322", .red, { set("message-id", [], in: &$0) }),
        ("5322", .red, { $0.form.longestLine = 999 }),
        ("5322", .red, { $0.form.hasBareLineEnds = true }),
        ("8058-1", .red, { set("list-unsubscribe-post", ["List-Unsubscribe=one-click"], in: &$0) }),
        ("8058-1", .red, { set("list-unsubscribe", ["<mailto:u@example.org>"], in: &$0) }),
        ("8058-2", .red, { $0.form.signedFields = nil }),
        ("8058-2", .red, { $0.form.signedFields = ["from", "list-unsubscribe"] }),
        ("2369-1", .red, { set("list-unsubscribe", ["https://mail.example.org/u/T"], in: &$0) }),
        ("2919-1", .red, { set("list-id", ["News <news>"], in: &$0) }),
        ("2919-1", .red, { $0.listID = String(repeating: "x", count: 300) }),
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
        (facts.publicURL, facts.postalAddress, facts.isUnsubscribeVisible, facts.hasContact) = (nil, "", false, false)
        LaunchChecklistTests.set("list-unsubscribe", [], in: &facts)
        LaunchChecklistTests.set("list-unsubscribe-post", [], in: &facts)
        facts.health = LaunchChecklistTests.found("dmarc.missing")
        #expect(!LaunchChecklist.lines(facts).contains { $0.level == .red })
    }

    @Test func `sameness comes with a hint from what is known of the people`() {
        var facts = LaunchChecklistTests.facts
        (facts.sameness, facts.audience.planned, facts.audience.attributes) = (0.995, 2000, ["city": 200, "first name": 1800])
        let line = LaunchChecklist.lines(facts).first { $0.code == "SAME" }
        #expect(line?.fix.contains("{{first name|reader}} is known of 90 %") == true, "\(line?.fix ?? "")")
        facts.sameness = 0.9
        #expect(LaunchChecklist.lines(facts).first { $0.code == "SAME" }?.level == .green)
    }

    @Test func `little is no sudden growth, and one complaint no rate`() {
        var facts = LaunchChecklistTests.facts
        (facts.perDay, facts.past.busiestDay, facts.past.delivered, facts.past.complaints) = (1000, nil, 10, 1)
        let lines = LaunchChecklist.lines(facts)
        for code in ["GM-14", "GM-06"] { #expect(lines.first { $0.code == code }?.level == .green) }
        facts.health = LaunchChecklistTests.found("dkim.unanswered", isError: false)
        #expect(LaunchChecklist.lines(facts).allSatisfy { $0.level == .green })
    }

    @Test func `nobody sends as a mailbox provider`() {
        var facts = ChecklistFacts(from: EmailAddress("us@gmail.com")!)
        facts.signedDomains = [DomainName("example.org")!]
        let red = Set(LaunchChecklist.lines(facts).filter { $0.level == .red }.map(\.code))
        #expect(red.isSuperset(of: ["GM-10", "GM-01", "GM-03"]))
    }
}
