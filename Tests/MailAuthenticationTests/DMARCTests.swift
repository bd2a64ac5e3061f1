import MailModel
import Testing

@testable import MailAuthentication

@Suite struct DMARCTests {
    private func domain(_ text: String) -> DomainName { DomainName(text)! }

    /// Texts at `_dmarc.` of each domain.
    private func walk(_ start: String, _ zone: [String: [String]], failing: Set<String> = []) -> (walk: DMARCWalk, asked: [String]) {
        var answers: [DomainName: DNSAnswer<String>] = [:]
        var asked: [String] = []
        while true {
            switch DMARCWalk.step(domain(start), answers) {
            case .done(let walk): return (walk, asked)
            case .ask(let place):
                asked.append(place.text)
                if failing.contains(place.text) {
                    answers[place] = .failure(reason: "SERVFAIL", isBogus: false)
                } else if let texts = zone[place.text] {
                    answers[place] = .records(texts, isSecure: false, ttlSeconds: 60)
                } else {
                    answers[place] = .noRecords(nameExists: false, isSecure: false, ttlSeconds: 60)
                }
            }
        }
    }

    @Test func aRecordIsReadTagByTag() throws {
        let record = try #require(
            DMARCRecord("v=DMARC1; p=reject; sp=quarantine; np=reject; adkim=s; aspf=r; t=y; psd=n; fo=1:d:s; rua=mailto:a@b.test!10m"))
        #expect(record.policy == .reject && record.subdomainPolicy == .quarantine && record.absentPolicy == .reject)
        #expect(record.dkimAlignment == .strict && record.spfAlignment == .relaxed)
        #expect(record.isTest && record.suffixMark == .no && record.failureOptions == ["1", "d", "s"])
        #expect(record.reports == ["mailto:a@b.test"])
        #expect(record.notes == [.sizeLimit("mailto:a@b.test!10m")])
    }

    @Test(arguments: ["v=DMARC1", "v = DMARC1 ;p=none", "v=DMARC1;"]) func theseAreRecords(text: String) {
        #expect(DMARCRecord(text) != nil)
    }

    @Test(arguments: [
        "", "v=DMARC2; p=none", "p=none; v=DMARC1", " v=DMARC1; p=none", "v=dmarc1; p=none", "v=DMARC1 p=none", "v=spf1 -all",
    ])
    func theseAreNone(text: String) {
        #expect(DMARCRecord(text) == nil)
    }

    /// What RFC 9989 took away, and what it never had, is said and passed over.
    @Test func oldAndUnknownTagsAreNoted() throws {
        let record = try #require(DMARCRecord("v=DMARC1; pct=50; p=none; rf=afrf; ri=3600; x=1; p=reject; sp=maybe; junk; fo=0:1; adkim=z"))
        #expect(record.policy == DMARCRecord.Policy.none)
        #expect(
            record.notes == [
                .obsolete("pct"), .obsolete("rf"), .obsolete("ri"), .unknownTag("x"), .repeatedTag("p"),
                .badValue(tag: "sp", value: "maybe"),
                .badPart("junk"), .badValue(tag: "fo", value: "0:1"), .badValue(tag: "adkim", value: "z"), .policyNotFirst,
            ])
        #expect(record.dkimAlignment == .relaxed && record.failureOptions == ["0"] && record.hasBadPolicy)
        #expect(try #require(DMARCRecord("v=DMARC1; rua=mailto:a@b.test")).notes == [.missingPolicy])
    }

    /// RFC 9989 §4.10: at most eight questions, whatever the name's length.
    @Test func theWalkGoesUpAndIsBounded() {
        #expect(walk("mail.example.com", [:]).asked == ["mail.example.com", "example.com", "com"])
        let long = walk("a.b.c.d.e.f.g.h.i.j.mail.example.com", [:]).asked
        #expect(
            long == [
                "a.b.c.d.e.f.g.h.i.j.mail.example.com", "g.h.i.j.mail.example.com", "h.i.j.mail.example.com", "i.j.mail.example.com",
                "j.mail.example.com", "mail.example.com", "example.com", "com",
            ])
        #expect(long.count <= DMARCWalk.questionsMax)
    }

    @Test func theOrganizationIsWhereTheHighestRecordStands() {
        let zone = ["example.com": ["v=DMARC1; p=reject"], "mail.example.com": ["v=DMARC1; p=none"]]
        let found = walk("a.mail.example.com", zone).walk
        #expect(found.organization == domain("example.com"))
        #expect(found.governing?.domain == domain("example.com"))
        #expect(walk("mail.example.com", zone).walk.governing?.domain == domain("mail.example.com"))
        #expect(walk("other.test", zone).walk.organization == domain("other.test"))
    }

    @Test func marksOfSuffixesDrawTheBorder() {
        let zone = [
            "uk": ["v=DMARC1; p=reject"], "gov.uk": ["v=DMARC1; p=reject; np=reject; psd=y"], "college.test": ["v=DMARC1; p=none"],
            "arts.college.test": ["v=DMARC1; p=reject; psd=n"],
        ]
        // Above psd=y nothing is asked; the organization is one label below.
        let below = walk("a.tax.gov.uk", zone)
        #expect(below.asked == ["a.tax.gov.uk", "tax.gov.uk", "gov.uk"])
        #expect(below.walk.organization == domain("tax.gov.uk"))
        #expect(below.walk.governing?.domain == domain("gov.uk"))
        // A suffix that sends mail itself is its own organization.
        #expect(walk("gov.uk", zone).walk.organization == domain("gov.uk"))
        // psd=n ends the walk at a branch that is on its own.
        let arts = walk("mail.arts.college.test", zone)
        #expect(arts.asked == ["mail.arts.college.test", "arts.college.test"])
        #expect(arts.walk.organization == domain("arts.college.test"))
    }

    @Test func twoRecordsAreAsGoodAsNone() {
        let found = walk("example.com", ["example.com": ["v=DMARC1; p=reject", "v=DMARC1; p=none", "other"]]).walk
        #expect(found.doubled == [domain("example.com")] && found.governing == nil)
        #expect(DMARC.ruling(found, exists: true) == nil)
    }

    @Test(arguments: [
        ("example.com", true, "v=DMARC1; p=reject; sp=none", DMARCRecord.Policy.reject, "p"),
        ("a.example.com", true, "v=DMARC1; p=reject; sp=none", .none, "sp"),
        ("a.example.com", true, "v=DMARC1; p=reject; np=quarantine", .reject, "p"),
        ("a.example.com", false, "v=DMARC1; p=none; sp=quarantine; np=reject", .reject, "np"),
        ("a.example.com", false, "v=DMARC1; p=none; sp=quarantine", .quarantine, "sp"),
        ("a.example.com", true, "v=DMARC1; p=reject; t=y", .quarantine, "p"),
        ("a.example.com", true, "v=DMARC1; p=quarantine; t=y", .none, "p"),
        ("example.com", true, "v=DMARC1; p=bad; rua=mailto:a@b.test", .none, "p"),
    ]) func policiesHoldWhereTheirTagsSay(start: String, exists: Bool, record: String, expected: DMARCRecord.Policy, tag: String) {
        let ruling = DMARC.ruling(walk(start, ["example.com": [record]]).walk, exists: exists)
        #expect(ruling?.effective == expected && ruling?.tag == tag)
    }

    /// RFC 9989 §4.10.1: without a policy that can be read, and without an address for reports, there is no DMARC.
    @Test(arguments: ["v=DMARC1", "v=DMARC1; p=bad", "v=DMARC1; p=reject; sp=bad"]) func aUselessRecordIsNone(record: String) {
        #expect(DMARC.ruling(walk("example.com", ["example.com": [record]]).walk, exists: true) == nil)
    }

    @Test(arguments: [
        ("r", "mail.example.com", DMARC.Result.pass), ("r", "example.com", .pass), ("s", "mail.example.com", .fail),
        ("s", "example.com", .pass), ("r", "example.net", .fail), ("r", "news.example.com", .pass),
    ]) func alignmentIsRelaxedOrStrict(mode: String, signer: String, expected: DMARC.Result) {
        let zone = ["example.com": ["v=DMARC1; p=reject; adkim=\(mode)"]]
        let author = walk("example.com", zone).walk
        let organizations = [domain(signer): walk(signer, zone).walk.organization]
        let outcome = DMARC.evaluate(author, exists: true, DMARC.Proofs(dkim: [domain(signer)]), organizations: organizations)
        #expect(outcome.result == expected && outcome.isDKIMAligned == (expected == .pass) && !outcome.isSPFAligned)
    }

    @Test func whereNothingIsSaidNothingHolds() {
        #expect(DMARC.evaluate(walk("example.com", [:]).walk, exists: true, DMARC.Proofs(), organizations: [:]).result == .none)
        let silent = walk("example.com", [:], failing: ["example.com"]).walk
        #expect(DMARC.evaluate(silent, exists: true, DMARC.Proofs(), organizations: [:]).result == .temporaryError)
    }

    @Test func reportsToOthersNeedTheirLeave() {
        let address = EmailAddress("dmarc@reports.test")!
        let name = DMARC.permission(
            ofReportsAbout: domain("example.com"), organization: domain("example.com"), to: address, organization: domain("reports.test"))
        #expect(name == domain("example.com._report._dmarc.reports.test"))
        let own = DMARC.permission(
            ofReportsAbout: domain("a.example.com"), organization: domain("example.com"), to: EmailAddress("d@b.example.com")!,
            organization: domain("example.com"))
        #expect(own == nil)
    }
}

@Suite struct SPFSurveyTests {
    private func survey(_ zone: [String: String], addresses: [String: [String]] = [:], _ start: String = "example.com") -> SPFSurvey {
        var answers = SPF.Answers()
        func answer<Value>(_ values: [Value]?) -> DNSAnswer<Value> {
            values.map { .records($0, isSecure: false, ttlSeconds: 60) } ?? .noRecords(nameExists: false, isSecure: false, ttlSeconds: 60)
        }
        while true {
            switch SPFSurvey.step(DomainName(start)!, answers) {
            case .done(let survey): return survey
            case .ask(.txt(let name)): answers.txt[name] = answer(zone[name.text].map { [$0] })
            case .ask(.addresses(let name)): answers.addresses[name] = answer(addresses[name.text]?.compactMap { IPAddress($0) })
            case .ask(.mx(let name)): answers.mx[name] = answer(nil)
            case .ask(.pointers): Issue.record("a survey is not about one client")
            }
        }
    }

    @Test func everyBranchIsCounted() {
        let found = survey(
            [
                "example.com": "v=spf1 include:a.test a:gone.test ip4:192.0.2.0/24 redirect=b.test", "a.test": "v=spf1 mx a:h.test ?all",
                "b.test": "v=spf1 exists:%{i}.x.test ~all",
            ], addresses: ["h.test": ["192.0.2.1"]])
        // include, mx, a, a, redirect, exists
        #expect(found.lookups == 6 && found.voids == 2 && found.allQualifier == "~")
        #expect(
            found.picture == [
                "example.com  [6 look-ups]", "  include:a.test  [3 look-ups]", "    mx  [1 look-up]  void", "    a:h.test  [1 look-up]",
                "    ?all", "  a:gone.test  [1 look-up]  void", "  ip4:192.0.2.0/24", "  redirect=b.test  [2 look-ups]",
                "    exists:%{i}.x.test  [1 look-up]", "    ~all",
            ])
    }

    @Test func loopsAndMistakesAreNamed() {
        let found = survey([
            "example.com": "v=spf1 include:a.test include:none.test include:bad.test -all", "a.test": "v=spf1 include:example.com -all",
            "bad.test": "v=spf1 nonsense",
        ])
        let faults = Dictionary(found.nodes.compactMap { node in node.fault.map { (node.term, $0) } }) { first, _ in first }
        #expect(faults == ["include:example.com": .loop, "include:none.test": .missing, "include:bad.test": .unreadable])
    }
}
