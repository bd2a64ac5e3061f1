import MailModel
import OutboundPolicy
import OwnThreads
import Storage
import Testing

@testable import DomainHealth
@testable import PosternRuntime
@testable import ReportReading

/// Reports on own domains: what is kept of them, and what is added up.
@Suite(.ownThreads) struct DomainReportTests {
    private let domain = "example.org"

    private struct Row {
        var address: String
        var count: Int
        var dkim = "pass"
        var spf = "fail"
        var disposition = "none"
    }

    private func aggregate(_ id: String, of domain: String = "example.org", begin: Int64 = 0, _ rows: Row...) -> [UInt8] {
        let start = TestData.now.milliseconds / 1000 - 86_400 + begin
        let records = rows.map {
            """
            <record><row><source_ip>\($0.address)</source_ip><count>\($0.count)</count><policy_evaluated>\
            <disposition>\($0.disposition)</disposition><dkim>\($0.dkim)</dkim><spf>\($0.spf)</spf></policy_evaluated></row>\
            <identifiers><header_from>\(domain)</header_from></identifiers></record>
            """
        }
        return Array(
            """
            <?xml version="1.0"?><feedback><report_metadata><org_name>Receiver</org_name><email>d@example.net</email>\
            <report_id>\(id)</report_id><date_range><begin>\(start)</begin><end>\(start + 3600)</end></date_range></report_metadata>\
            <policy_published><domain>\(domain)</domain><p>reject</p></policy_published>\(records.joined())</feedback>
            """.utf8)
    }

    private func withDomain() async throws -> TestData {
        let data = try await TestData()
        _ = try await data.perform(AddDomain(domain: AcceptedDomain(name: try #require(DomainName(domain)))))
        return data
    }

    private func take(_ data: TestData, _ octets: [UInt8]) async throws -> [ReportIntakeView.Outcome] {
        try await data.perform(ImportDomainReport(octets: octets)).map(\.outcome)
    }

    @Test func aReportIsKeptOnceAndAddedUp() async throws {
        let data = try await withDomain()
        let first = aggregate("1", Row(address: "192.0.2.1", count: 9, spf: "pass"), Row(address: "198.51.100.7", count: 4, dkim: "fail"))
        #expect(try await take(data, first) == [.kept])
        #expect(try await take(data, first) == [.known])
        #expect(try await take(data, aggregate("2", Row(address: "192.0.2.1", count: 1))) == [.kept])
        _ = try await data.perform(AddSource(source: EgressSource(name: "main", ipv4: IPAddress("192.0.2.1"), createdAt: TestData.now)))
        let view = try await data.perform(ShowReportSources(domain: try #require(DomainName(domain)), days: 7))
        #expect(view.messages == 14 && view.passing == 10)
        #expect(view.sources.map(\.address) == ["192.0.2.1", "198.51.100.7"])
        #expect(view.sources.map(\.ours) == ["main", nil])
        #expect(view.sources.map(\.spf) == [9, 0] && view.sources.map(\.dkim) == [10, 0])
        #expect(view.days.map { [$0.ownPassing, $0.ownFailing, $0.otherPassing, $0.otherFailing] } == [[10, 0, 0, 4]])
        let listed = try await data.perform(ListDomainReports(limit: 10))
        #expect(listed.count == 2 && listed.allSatisfy { $0.rows == nil && $0.organization == "Receiver" })
        let shown = try await data.perform(ShowDomainReport(id: listed[0].id))
        #expect(shown.rows?.reduce(0) { $0 + $1.total } == shown.total)
        await #expect(throws: AdministrationError.self) { try await data.perform(ShowDomainReport(id: "none")) }
    }

    @Test func whatIsNotOursOrOutOfTimeOrHostileIsRefused() async throws {
        let data = try await withDomain()
        #expect(try await take(data, aggregate("1", of: "example.net", Row(address: "192.0.2.1", count: 9))) == [.refused])
        #expect(try await take(data, aggregate("2", begin: -401 * 86_400, Row(address: "192.0.2.1", count: 9))) == [.refused])
        #expect(try await take(data, aggregate("3", begin: 3 * 86_400, Row(address: "192.0.2.1", count: 9))) == [.refused])
        let hostile = "<!DOCTYPE a [<!ENTITY b \"b\">]><feedback>&b;</feedback>"
        #expect(try await take(data, Array(hostile.utf8)) == [.refused])
        #expect(try await take(data, Array("hello".utf8)) == [.refused])
        #expect(try await take(data, aggregate("4", of: "mail.example.org", Row(address: "192.0.2.1", count: 9))) == [.kept])
        #expect(try await data.perform(ListDomainReports(limit: 10)).map(\.domain) == ["mail.example.org"])
    }

    @Test func aVeryLongReportIsBoundedAndLosesNoMessage() throws {
        var report = AggregateReport()
        (report.organization, report.id, report.published.domain) = ("Receiver", "1", "example.org")
        (report.begin, report.end) = (TestData.now - .seconds(3600), TestData.now)
        report.records = try (0..<5000).map { number in
            let address = try #require(IPAddress("10.0.\(number / 250).\(number % 250)"))
            return AggregateReport.Record(address: address, count: number + 1, dkim: number % 2 == 0)
        }
        let kept = try KeptReport.reports(.aggregate(report), content: [], way: "import", at: TestData.now).get()[0]
        #expect(kept.rows.count == KeptReport.rowsMax)
        #expect(kept.total == 5000 * 5001 / 2 && kept.total == report.messages && kept.passing == report.passing)
        #expect(kept.rows.first?.total == 5000)
    }

    @Test func failuresOfTLSThatNoDetailSpeaksOfAreCounted() async throws {
        let data = try await withDomain()
        let begin = (TestData.now - .seconds(86_400)).rfc3339
        let text = """
            {"organization-name":"Receiver","date-range":{"start-datetime":"\(begin)","end-datetime":"\(TestData.now.rfc3339)"},\
            "contact-info":"t@example.net","report-id":"t1","policies":[{"policy":{"policy-type":"sts","policy-domain":"example.org"},\
            "summary":{"total-successful-session-count":50,"total-failure-session-count":7},"failure-details":[\
            {"result-type":"certificate-expired","receiving-mx-hostname":"mx.example.org","failed-session-count":3}]}]}
            """
        #expect(try await take(data, Array(text.utf8)) == [.kept])
        #expect(try await take(data, Array(text.utf8)) == [.known])
        let view = try await data.perform(ShowReportedTLS(domain: try #require(DomainName(domain))))
        #expect(view.sessions == 57 && view.good == 50)
        #expect(view.lines.map(\.failure) == ["", "unspecified", "certificate-expired"])
        #expect(view.lines.map(\.sessions) == [50, 4, 3])
        #expect(view.days.map { [$0.good, $0.failed] } == [[50, 7]])
    }

    // MARK: - Looks

    private func report(_ findings: HealthFinding..., spf: String = "v=spf1 mx -all", policy: String? = nil) -> DomainReport {
        DomainReport(
            domain: "example.org", checkedAt: "", state: findings.isEmpty ? .healthy : .failing,
            spf: DomainReport.SPFPart(record: spf, isValid: true, lookups: 0, voids: 0, tree: [], sources: []), dkim: [],
            dmarc: DomainReport.DMARCPart(
                record: "", at: "", policy: policy, subdomainPolicy: nil, absentPolicy: nil, effective: policy, organization: "",
                dkimAlignment: "r", spfAlignment: "r", isTest: false, reports: [], failureReports: []),
            alignment: [], mx: [], hasNullMX: false,
            transport: DomainReport.Transport(mtaSTS: nil, tlsReports: [], dane: "none", dnssec: "unsigned", bimi: "none"),
            addresses: [], findings: findings)
    }

    @Test func submissionGoesByWhatReceiversRefuse() throws {
        let domain = try #require(DomainName(domain))
        #expect(DomainStanding(domain, report()) == nil)
        let missing = HealthFinding(
            "spf.missing", .error, "There is no SPF record.", why: "", records: [HealthFinding.Record("example.org", "TXT", "v=spf1 -all")])
        let bare = try #require(DomainStanding(domain, report(missing, spf: "")))
        #expect(bare.problems.map(\.rule) == ["identity.unauthenticated"])
        #expect(bare.problems[0].publish == ["example.org. TXT \"v=spf1 -all\""])
        let silent = HealthFinding("dkim.unanswered", .warning, "DNS gave no answer.", why: "")
        #expect(DomainStanding(domain, report(missing, silent, spf: "")) == nil, "silence is no fault")
        let gone = HealthFinding("domain.missing", .error, "DNS has no domain example.org.", why: "")
        #expect(DomainStanding(domain, report(gone))?.problems.map(\.rule) == ["identity.unreachable"])
        func line(_ route: String, _ source: String, passes: Bool) -> DomainReport.Alignment {
            DomainReport.Alignment(route: route, source: source, kind: "mail", spf: passes, dkim: false, passes: passes)
        }
        var aligned = report(policy: "reject")
        aligned.alignment = [line("out", "main 192.0.2.1", passes: false), line("partner", "", passes: false)]
        #expect(DomainStanding(domain, aligned)?.problems.map(\.routes) == [["out"]])
        aligned.alignment = [line("out", "main 192.0.2.1", passes: false)]
        #expect(DomainStanding(domain, aligned)?.problems.map(\.routes) == [nil])
        aligned.alignment.append(line("out", "second 192.0.2.2", passes: true))
        #expect(DomainStanding(domain, aligned) == nil)
    }

    @Test func whatGotWorseIsToldAndSettled() async throws {
        let data = try await withDomain()
        let gate = RecordingGate()
        let look = DomainLook(administration: data.administration(live: gate))
        let domain = try #require(DomainName(domain))
        let missing = HealthFinding(
            "spf.missing", .error, "There is no SPF record.", why: "", records: [HealthFinding.Record("example.org", "TXT", "v=spf1 -all")])
        let day = Duration.seconds(86_400)
        try await look.keep(report(), of: domain, at: TestData.now)
        try await look.keep(report(missing), of: domain, at: TestData.now + day)
        try await look.keep(report(missing), of: domain, at: TestData.now + day * 2)
        #expect(gate.recorded.filter { $0.hasPrefix("raise") } == ["raise domain-health false"])
        try await look.keep(report(), of: domain, at: TestData.now + day * 3)
        #expect(gate.recorded.filter { $0.hasPrefix("raise") } == ["raise domain-health false", "raise domain-health true"])
        let history = try await data.perform(ShowDomainHistory(domain: domain)).history
        #expect(history.map(\.state) == ["healthy", "failing", "healthy"])
        #expect(history.map(\.changes) == [["Mended: There is no SPF record."], ["New: There is no SPF record."], []])
        let listed = try await data.perform(ListDomainHealth())
        #expect(listed.first { $0.domain == "example.org" }?.state == "healthy")
        await #expect(throws: AdministrationError.self) {
            try await data.perform(ShowDomainHistory(domain: try #require(DomainName("example.net"))))
        }
    }
}
