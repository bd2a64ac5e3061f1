import MailModel
import OutboundPolicy
import OwnThreads
import Storage
import Testing

/// What reports on domains, and looks at them, promise on every driver.
@Suite(.ownThreads) struct DomainContract {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private let day = Sample.start.day

    private func time(_ days: Int32, _ seconds: Int64 = 0) -> Timestamp { Timestamp(seconds: Int64(day + days) * 86_400 + seconds) }

    private func report(
        _ id: String, of domain: String = "example.org", kind: KeptReport.Kind = .aggregate, onDay days: Int32 = 0,
        received: Int64 = 90_000, _ rows: [KeptReport.Row]
    ) throws -> KeptReport {
        KeptReport(
            id: id, kind: kind, domain: try #require(DomainName(domain)), organization: "Receiver \u{FC}", reportID: "r-\(id)",
            begin: time(days), end: time(days, 86_399), receivedAt: time(days, received), way: "listener", rows: rows)
    }

    private func row(_ source: String, _ total: Int, dkim: Bool = true, spf: Bool = false, _ result: String = "none") -> KeptReport.Row {
        KeptReport.Row(source: source, about: "example.org", result: result, dkim: dkim, spf: spf, passes: dkim || spf, total: total)
    }

    private func affected(_ store: any Store, _ work: DomainWork) throws -> Int? {
        guard case .affected(let count) = try store.commit([.domain(work)])[0] else { return nil }
        return count
    }

    @Test(arguments: StoreDriver.onGivenTime)
    func aReportCountsOnceAndIsReadBackAsItWas(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        let one = try report("a", [row("192.0.2.1", 10), row("192.0.2.9", 5, dkim: false, "reject")])
        #expect(one.total == 15 && one.passing == 10)
        #expect(try affected(store, .keepReport(one, dayMax: 10)) == 1)
        #expect(try affected(store, .keepReport(one, dayMax: 10)) == 0)
        var query = KeptReportQuery()
        query.id = "a"
        #expect(try store.domainReports(query) == [one])
        query.id = nil
        query.domain = one.domain
        var listed = one
        listed.rows = []
        #expect(try store.domainReports(query) == [listed])
        query.kind = .tls
        #expect(try store.domainReports(query).isEmpty)
    }

    @Test(arguments: StoreDriver.onGivenTime)
    func sourcesAreAddedUpOverReports(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        let first = try report("a", [row("192.0.2.1", 10, spf: true), row("192.0.2.9", 5, dkim: false, "reject")])
        let second = try report("b", onDay: 1, [row("192.0.2.1", 7), row("192.0.2.9", 2, dkim: false, "quarantine")])
        let other = try report("c", of: "example.net", [row("192.0.2.1", 100)])
        for report in [first, second, other] { #expect(try affected(store, .keepReport(report, dayMax: 10)) == 1) }
        let span = ReportSpan(first.domain, .aggregate, since: day, limit: 100)
        #expect(
            try store.reportedSources(span) == [
                ReportedSource(
                    source: "192.0.2.1", result: "", total: 17, passing: 17, dkim: 17, spf: 10, quarantined: 0, rejected: 0, firstDay: day,
                    lastDay: day + 1),
                ReportedSource(
                    source: "192.0.2.9", result: "", total: 7, passing: 0, dkim: 0, spf: 0, quarantined: 2, rejected: 5, firstDay: day,
                    lastDay: day + 1),
            ])
        let days = try store.reportedDays(ReportSpan(first.domain, .aggregate, since: day + 1, limit: 100))
        #expect(
            days == [
                ReportedDay(day: day + 1, source: "192.0.2.1", total: 7, passing: 7),
                ReportedDay(day: day + 1, source: "192.0.2.9", total: 2, passing: 0),
            ])
    }

    @Test(arguments: StoreDriver.onGivenTime)
    func whyTLSFailedIsALineOfItsOwn(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        func row(_ host: String, _ result: String, _ total: Int) -> KeptReport.Row {
            KeptReport.Row(source: host, about: "sts", result: result, passes: result.isEmpty, total: total)
        }
        let rows = [row("", "", 50), row("mx.example.org", "certificate-expired", 3), row("mx.example.org", "starttls-not-supported", 2)]
        let kept = try report("t", kind: .tls, rows)
        #expect(try affected(store, .keepReport(kept, dayMax: 10)) == 1)
        let sources = try store.reportedSources(ReportSpan(kept.domain, .tls, since: day, limit: 10))
        #expect(sources.map(\.result) == ["", "certificate-expired", "starttls-not-supported"])
        #expect(sources.map(\.total) == [50, 3, 2] && sources.map(\.passing) == [50, 0, 0])
    }

    @Test(arguments: StoreDriver.onGivenTime)
    func aDayTakesSoManyAndOldOnesGo(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        #expect(try affected(store, .keepReport(try report("a", [row("192.0.2.1", 1)]), dayMax: 1)) == 1)
        #expect(try affected(store, .keepReport(try report("b", [row("192.0.2.1", 1)]), dayMax: 1)) == -1)
        #expect(try affected(store, .keepReport(try report("a", [row("192.0.2.1", 1)]), dayMax: 1)) == 0)
        #expect(try store.domainReports(KeptReportQuery()).map(\.id) == ["a"])
        let next = try report("b", onDay: 1, [row("192.0.2.1", 1)])
        #expect(try affected(store, .keepReport(next, dayMax: 1)) == 1)
        #expect(try affected(store, .tidy(before: time(2), limit: 100)) == 3, "report a and the rows of both")
        #expect(try affected(store, .tidy(before: time(3), limit: 100)) == 1)
        #expect(try store.domainReports(KeptReportQuery()).isEmpty)
        #expect(try store.reportedSources(ReportSpan(next.domain, .aggregate, since: 0, limit: 10)).isEmpty)
    }

    @Test(arguments: StoreDriver.onGivenTime)
    func theLatestLookStandsAndAllAreRemembered(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        let domain = try #require(DomainName("example.org"))
        func check(_ days: Int32, _ state: String, _ changes: [String] = []) -> KeptCheck {
            KeptCheck(domain: domain, at: time(days), state: state, digest: "d\(days)", changes: changes, memory: "{\"n\":\(days)}")
        }
        let looks = [check(0, "healthy"), check(1, "failing", ["New: \"it\" broke \u{FC}"]), check(2, "healthy", ["Gone: it broke"])]
        // The one before comes last: it does not become the latest.
        for look in [looks[0], looks[2], looks[1]] { _ = try store.commit([.domain(.keepCheck(look))]) }
        #expect(try store.domainStates(nil, limit: 10) == [looks[2]])
        #expect(try store.domainStates(domain, limit: 10) == [looks[2]])
        #expect(try store.domainStates(DomainName("example.net"), limit: 10).isEmpty)
        let history = looks.reversed().map { look in
            var look = look
            look.memory = ""
            return look
        }
        #expect(try store.domainChecks(domain, limit: 10) == history)
        #expect(try store.domainChecks(domain, limit: 1) == [history[0]])
        #expect(try affected(store, .tidy(before: time(1), limit: 10)) == 1)
        #expect(try store.domainChecks(domain, limit: 10).count == 2)
        _ = try affected(store, .tidy(before: time(3), limit: 10))
        #expect(try store.domainStates(nil, limit: 10).isEmpty)
    }
}
