import MailAuthentication
import MailModel
import Testing

@testable import DomainHealth

/// Findings from facts; the whole way, with DNS, is in the tests of the gate.
struct DomainCheckTests {
    private static let now = Timestamp(milliseconds: 1_795_996_800_000)

    private func name(_ text: String) throws -> DomainName { try #require(DomainName(text)) }

    private func found<Record>(_ records: Record...) -> DNSAnswer<Record> { .records(records, isSecure: false, ttlSeconds: 60) }

    private func none<Record>() -> DNSAnswer<Record> { .noRecords(nameExists: true, isSecure: false, ttlSeconds: 60) }

    /// A domain with nothing to be said of, but for what `spf` and `dmarc` have.
    private func facts(_ spf: String, dmarc: String) throws -> DomainFacts {
        let domain = try name("example.org")
        var answers = SPF.Answers()
        answers.txt[domain] = found(spf)
        guard case .done(let survey) = SPFSurvey.step(domain, answers),
            case .done(let walk) = DMARCWalk.step(domain, [domain: found(dmarc), try name("org"): none()])
        else { throw Missing() }
        let host = try name("mail.example.org")
        var facts = DomainFacts(
            domain: domain, authority: found([1]), zoneKeys: none(), delegationSigners: none(), addresses: none(),
            mx: found(MXRecord(preference: 10, exchange: host)), spf: survey, dmarc: walk, mtaSTS: none(), tlsReports: none(), bimi: none())
        facts.hosts[host] = HostFacts(addresses: found(try #require(IPAddress("192.0.2.1"))), tlsa: none())
        return facts
    }

    private struct Missing: Error {}

    private func rules(_ report: DomainReport) -> [String] { report.findings.filter { $0.severity != .advice }.map(\.rule) }

    private let spf = "v=spf1 ip4:45.0.0.1 -all"
    private let dmarc = "v=DMARC1; p=reject; rua=mailto:d@example.org"

    @Test func nothingIsFoundWhereNothingIsWrong() throws {
        let report = DomainCheck.report(try facts(spf, dmarc: dmarc), at: DomainCheckTests.now)
        #expect(rules(report) == [])
        #expect(report.state == .healthy)
    }

    @Test func obsoleteTagsComeWithTheRecordWithoutThem() throws {
        let report = DomainCheck.report(
            try facts(spf, dmarc: "v=DMARC1; p=quarantine; np=reject; pct=20; rua=mailto:d@example.org!10m"), at: DomainCheckTests.now)
        let obsolete = report.findings.filter { $0.rule == "dmarc.obsolete" }
        #expect(obsolete.map(\.subject).sorted() == ["!size", "pct"])
        #expect(obsolete.first?.records.first?.value == "v=DMARC1; p=quarantine; np=reject; rua=mailto:d@example.org")
    }

    @Test func aSourceWithoutReverseNameAndOutsideSPFIsAnError() throws {
        var facts = try facts(spf, dmarc: dmarc)
        let (hello, address) = (try name("out.example.org"), try #require(IPAddress("45.0.0.9")))
        let source = AddressFacts(
            source: "main", address: address, helloName: hello, names: .noRecords(nameExists: false, isSecure: false, ttlSeconds: 60),
            forward: [hello: found(address)], results: [facts.domain: .fail])
        facts.own = OwnFacts(sources: [source], routes: [RouteFacts(name: "out", kind: .direct(sources: ["main"]))])
        let report = DomainCheck.report(facts, at: DomainCheckTests.now)
        #expect(Set(rules(report)).isSuperset(of: ["spf.source", "dkim.none", "alignment.route", "ptr.missing"]))
        let pointer = try #require(report.findings.first { $0.rule == "ptr.missing" })
        #expect(pointer.records.map(\.line).first == "9.0.0.45.in-addr.arpa. PTR out.example.org.")
        #expect(report.alignment.map(\.passes) == [false])
    }

    @Test func longTextsAreSplitForTheZone() {
        let record = HealthFinding.Record("k._domainkey.example.org", "TXT", String(repeating: "a", count: 300))
        #expect(record.line.hasSuffix("\" \"" + String(repeating: "a", count: 45) + "\""))
    }

    @Test func changesAreWhatMattersAndSilenceIsNone() throws {
        let old = DomainCheck.report(try facts(spf, dmarc: dmarc), at: DomainCheckTests.now)
        #expect(DomainCheck.changes(from: old, to: old).isEmpty)
        let new = DomainCheck.report(try facts("v=spf1 ip4:45.0.0.1 +all", dmarc: dmarc), at: DomainCheckTests.now)
        let changes = DomainCheck.changes(from: old, to: new)
        #expect(changes.contains { $0.hasPrefix("New: ") && $0.contains("+all") })
        #expect(changes.contains { $0.hasPrefix("The SPF record is now") })
        var silent = try facts(spf, dmarc: dmarc)
        silent.mx = .failure(reason: "time-out", isBogus: false)
        #expect(DomainCheck.changes(from: old, to: DomainCheck.report(silent, at: DomainCheckTests.now)).isEmpty)
    }
}
