import Crypto
import MailModel
import ReportReading
import Storage

/// Why a report that could be read is not kept, in one clause.
struct ReportRefusal: Error, Hashable, Sendable {
    var text: String
}

extension KeptReport {
    /// Days for which reports, and looks at domains, are kept.
    static let daysKept = 400
    /// Of one report; what comes on top is added up.
    static let rowsMax = 2_000

    /// What is kept of a report: one for each domain that it speaks of. `content`: as it came.
    static func reports(
        _ report: ReceivedReport, content: [UInt8], way: String, at now: Timestamp
    ) -> Result<[KeptReport], ReportRefusal> {
        switch report {
        case .aggregate(let report): aggregate(report, way, now).map { [$0] }
        case .failure(let report): failure(report, content, way, now).map { [$0] }
        case .tls(let report): tls(report, way, now)
        }
    }

    private static func aggregate(_ report: AggregateReport, _ way: String, _ now: Timestamp) -> Result<KeptReport, ReportRefusal> {
        let rows = report.records.map { record in
            Row(
                source: record.address.description, about: clean(record.headerFrom), result: clean(record.disposition), dkim: record.dkim,
                spf: record.spf, passes: record.passes, total: record.count)
        }
        return make(
            .aggregate, report.published.domain, report.organization, report.id, (report.begin, report.end), way, now, rows: rows)
    }

    /// Of one message: it has no identifier of its own.
    private static func failure(
        _ report: FailureReport, _ content: [UInt8], _ way: String, _ now: Timestamp
    ) -> Result<KeptReport, ReportRefusal> {
        var row = Row(
            source: report.address?.description ?? "", about: clean(report.domain), result: clean(report.delivery), passes: false,
            total: report.incidents)
        row.dkim = report.alignment == "dkim"
        row.spf = report.alignment == "spf"
        return make(.failure, report.domain, report.reporter, hash(content), (now, now), way, now, rows: [row])
    }

    private static func tls(_ report: ReceivedTLSReport, _ way: String, _ now: Timestamp) -> Result<[KeptReport], ReportRefusal> {
        guard let begin = Timestamp(rfc3339: report.begin), let end = Timestamp(rfc3339: report.end) else {
            return .failure(ReportRefusal(text: "it names no time"))
        }
        var rows: [String: [Row]] = [:]
        for policy in report.policies { rows[policy.domain, default: []] += sessions(policy) }
        var kept: [KeptReport] = []
        for (domain, rows) in rows.sorted(by: { $0.key < $1.key }) {
            switch make(.tls, domain, report.organization, report.id, (begin, end), way, now, rows: rows) {
            case .success(let report): kept.append(report)
            case .failure(let refusal): return .failure(refusal)
            }
        }
        return kept.isEmpty ? .failure(ReportRefusal(text: "it names no domain")) : .success(kept)
    }

    /// Far above what anybody counts, and far below what a sum of all rows holds.
    private static let sessionsMax = 1_000_000_000_000

    private static func sessions(_ policy: ReceivedTLSReport.Policy) -> [Row] {
        func row(_ host: String, _ result: String, _ total: Int) -> Row {
            Row(source: clean(host), about: clean(policy.type), result: result, passes: result.isEmpty, total: min(total, sessionsMax))
        }
        var rows = [row("", "", policy.good)]
        var rest = min(policy.failed, sessionsMax)
        for failure in policy.failures where failure.sessions > 0 {
            rows.append(row(failure.host, failure.type.isEmpty ? "unspecified" : clean(failure.type), failure.sessions))
            rest -= min(failure.sessions, rest)
        }
        // Failures that no detail speaks of.
        if rest > 0 { rows.append(row("", "unspecified", rest)) }
        return rows.filter { $0.total > 0 }
    }

    private static func make(
        _ kind: Kind, _ name: String, _ organization: String, _ id: String, _ time: (begin: Timestamp, end: Timestamp), _ way: String,
        _ now: Timestamp, rows: [Row]
    ) -> Result<KeptReport, ReportRefusal> {
        guard let domain = DomainName(name) else { return .failure(ReportRefusal(text: "\"\(clean(name).prefix(100))\" is no domain")) }
        guard time.begin >= now - .seconds(daysKept * 86_400), time.begin <= now + .seconds(86_400), time.end >= time.begin else {
            return .failure(ReportRefusal(text: "its time, from \(time.begin.rfc3339), is not within the last \(daysKept) days"))
        }
        let organization = clean(organization)
        let name = clean(id)
        // Who names no identifier is known by the time.
        let mark = name.isEmpty ? "\(time.begin.milliseconds) \(time.end.milliseconds)" : name
        return .success(
            KeptReport(
                id: hash(Array("\(kind.rawValue)\n\(organization)\n\(mark)\n\(domain)".utf8)), kind: kind, domain: domain,
                organization: organization, reportID: name, begin: time.begin, end: time.end, receivedAt: now, way: way,
                rows: bounded(rows)))
    }

    /// Rows of which the same is said are one; the smallest beyond `rowsMax` are two.
    private static func bounded(_ rows: [Row]) -> [Row] {
        var totals: [Row: Int] = [:]
        for row in rows {
            var key = row
            key.total = 0
            totals[key, default: 0] += row.total
        }
        let all = totals.map { key, total in
            var row = key
            row.total = total
            return row
        }.sorted { one, other in
            one.total == other.total
                ? (one.source, one.result, one.about) < (other.source, other.result, other.about) : one.total > other.total
        }
        guard all.count > rowsMax else { return all }
        let rest = all[(rowsMax - 2)...]
        return all.prefix(rowsMax - 2)
            + [true, false].compactMap { passes in
                let total = rest.reduce(0) { $0 + ($1.passes == passes ? $1.total : 0) }
                return total == 0 ? nil : Row(source: "", about: "", result: "", passes: passes, total: total)
            }
    }

    /// Words of strangers: one line, bounded.
    private static func clean(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.prefix(200).filter { $0.properties.generalCategory != .control }))
    }

    private static func hash(_ octets: [UInt8]) -> String { Array(SHA256.hash(data: octets).prefix(16)).hexadecimal }
}
