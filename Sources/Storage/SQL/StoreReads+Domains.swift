import Foundation
import MailModel

/// Reports on domains, and looks at them.
extension StoreReads {
    private static func domain(_ text: String) throws -> DomainName {
        guard let domain = DomainName(text) else { throw RowText.damaged("domain", text) }
        return domain
    }

    /// Rows of one report, far above what is kept of one.
    private static let rowsMax = 10_000

    static func domainReports(_ connection: some StoreConnection, _ query: KeptReportQuery) throws -> [KeptReport] {
        let statement = try connection.prepare(DomainStatements.reports).begin().bind(query.domain?.text ?? "")
            .bind(query.kind?.rawValue ?? "").bind(query.id ?? "").bind(min(max(query.limit, 1), 10_000))
        var reports: [KeptReport] = []
        while try statement.step() { reports.append(try report(statement)) }
        guard let id = query.id, !reports.isEmpty else { return reports }
        let rows = try connection.prepare(DomainStatements.rows).begin().bind(id).bind(rowsMax)
        while try rows.step() {
            reports[0].rows.append(
                KeptReport.Row(
                    source: rows.readText(), about: rows.readText(), result: rows.readText(), dkim: rows.readBool(), spf: rows.readBool(),
                    passes: rows.readBool(), total: rows.readInt()))
        }
        return reports
    }

    private static func report(_ row: some StoreStatement) throws -> KeptReport {
        let id = row.readText()
        let domain = try domain(row.readText())
        let kindText = row.readText()
        guard let kind = KeptReport.Kind(rawValue: kindText) else { throw RowText.damaged("kind of report", kindText) }
        let (organization, reportID, way) = (row.readText(), row.readText(), row.readText())
        func time() -> Timestamp { Timestamp(milliseconds: row.readInt64()) }
        var report = KeptReport(
            id: id, kind: kind, domain: domain, organization: organization, reportID: reportID, begin: time(), end: time(),
            receivedAt: time(), way: way, rows: [])
        (report.total, report.passing) = (row.readInt(), row.readInt())
        return report
    }

    static func reportedSources(_ connection: some StoreConnection, _ span: ReportSpan) throws -> [ReportedSource] {
        let row = try bound(connection, DomainStatements.sources(byResult: span.kind == .tls), span)
        var sources: [ReportedSource] = []
        while try row.step() {
            sources.append(
                ReportedSource(
                    source: row.readText(), result: row.readText(), total: row.readInt(), passing: row.readInt(), dkim: row.readInt(),
                    spf: row.readInt(), quarantined: row.readInt(), rejected: row.readInt(), firstDay: row.readInt32(),
                    lastDay: row.readInt32()))
        }
        return sources
    }

    static func reportedDays(_ connection: some StoreConnection, _ span: ReportSpan) throws -> [ReportedDay] {
        let row = try bound(connection, DomainStatements.days, span)
        var days: [ReportedDay] = []
        while try row.step() {
            days.append(ReportedDay(day: row.readInt32(), source: row.readText(), total: row.readInt(), passing: row.readInt()))
        }
        return days
    }

    private static func bound<Connection: StoreConnection>(
        _ connection: Connection, _ sql: String, _ span: ReportSpan
    ) throws -> Connection.Statement {
        try connection.prepare(sql).begin().bind(span.domain.text).bind(span.kind.rawValue).bind(span.since)
            .bind(min(max(span.limit, 1), 100_000))
    }

    /// The latest look at each domain, or at one.
    static func domainStates(_ connection: some StoreConnection, _ one: DomainName?, limit: Int) throws -> [KeptCheck] {
        let row = try connection.prepare(DomainStatements.states).begin().bind(one?.text ?? "").bind(limit)
        var checks: [KeptCheck] = []
        while try row.step() {
            var check = try self.check(row)
            check.memory = row.readText()
            checks.append(check)
        }
        return checks
    }

    static func domainChecks(_ connection: some StoreConnection, _ domain: DomainName, limit: Int) throws -> [KeptCheck] {
        let row = try connection.prepare(DomainStatements.checks).begin().bind(domain.text).bind(limit)
        var checks: [KeptCheck] = []
        while try row.step() { checks.append(try check(row)) }
        return checks
    }

    private static func check(_ row: some StoreStatement) throws -> KeptCheck {
        let domain = try domain(row.readText())
        let at = Timestamp(milliseconds: row.readInt64())
        let (state, digest, changes) = (row.readText(), row.readText(), row.readText())
        do {
            return KeptCheck(
                domain: domain, at: at, state: state, digest: digest,
                changes: try JSONDecoder().decode([String].self, from: Data(changes.utf8)), memory: "")
        } catch {
            throw RowText.damaged("changes of a domain", changes)
        }
    }
}
