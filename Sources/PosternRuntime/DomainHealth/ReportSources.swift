package import MailModel
package import OutboundPolicy
import Storage

/// Who sends as a domain, and whether receivers find it true: added up over the reports.
package struct ReportSourcesView: Codable, Hashable, Sendable {
    package struct Source: Codable, Hashable, Sendable {
        /// Empty: the rest of very long reports.
        package var address: String
        /// The egress source of ours that has the address; nil for all others.
        package var ours: String?
        /// PTR, of the first ones; empty where none is known.
        package var names: [String]
        package var messages: Int
        /// Passed DMARC.
        package var passing: Int
        /// Aligned, and passed.
        package var dkim: Int
        package var spf: Int
        package var quarantined: Int
        package var rejected: Int
        /// `2026-11-22`, in UTC.
        package var firstDate: String
        package var lastDate: String
    }

    package struct Day: Codable, Hashable, Sendable {
        package var date: String
        package var ownPassing: Int
        package var ownFailing: Int
        package var otherPassing: Int
        package var otherFailing: Int
    }

    package var domain: String
    package var messages: Int
    package var passing: Int
    /// The most mail first.
    package var sources: [Source]
    /// The first day first; days without a report are not there.
    package var days: [Day]
}

package struct ShowReportSources: AdministrativeOperation {
    package static let name = "reports.sources"
    package static let scope = AccessScope.domainsRead
    package var domain: DomainName
    /// 1…400; nil: 30.
    package var days: Int?
    /// The days of this source alone; nil: of all.
    package var source: String?

    package init(domain: DomainName, days: Int? = nil, source: String? = nil) {
        self.domain = domain
        self.days = days
        self.source = source
    }

    static let daysStandard = 30
    static let sourcesMax = 1_000
    private static let dayRowsMax = 100_000
    /// Sources whose names are asked for.
    private static let namesMax = 20

    static func check(_ days: Int?) throws -> Int {
        let days = days ?? daysStandard
        guard (1...KeptReport.daysKept).contains(days) else {
            throw AdministrationError(.invalid, "\(days) days are out of range", "It takes 1 to \(KeptReport.daysKept).")
        }
        return days
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> ReportSourcesView {
        let since = act.at.day - Int32(clamping: try ShowReportSources.check(days)) + 1
        let span = ReportSpan(domain, .aggregate, since: since, limit: ShowReportSources.sourcesMax)
        var daySpan = span
        daySpan.limit = ShowReportSources.dayRowsMax
        let wanted = daySpan
        let (sources, rows) = try await administration.store.read { (try $0.reportedSources(span), try $0.reportedDays(wanted)) }
        let own = try await ShowReportSources.ownAddresses(administration)
        let names = await administration.names(of: sources.prefix(ShowReportSources.namesMax).compactMap { IPAddress($0.source) })
        let shown = rows.filter { source == nil || $0.source == source }
        return ReportSourcesView(
            domain: domain.text, messages: sources.reduce(0) { $0 + $1.total }, passing: sources.reduce(0) { $0 + $1.passing },
            sources: sources.map { ReportSourcesView.Source($0, ours: own[$0.source], names: names[$0.source] ?? []) },
            days: ShowReportSources.days(shown, own))
    }

    /// By address, the names of our egress sources.
    private static func ownAddresses(_ administration: Administration) async throws -> [String: String] {
        var own: [String: String] = [:]
        let settings = try administration.dataDirectory.settings()
        if let address = settings.delivery.sourceAddress { own[address.description] = EgressSource.standardName }
        for source in try await administration.directory().sources.values {
            for address in source.addresses { own[address.description] = source.name }
        }
        return own
    }

    private static func days(_ rows: [ReportedDay], _ own: [String: String]) -> [ReportSourcesView.Day] {
        var days: [Int32: ReportSourcesView.Day] = [:]
        for row in rows {
            var day =
                days[row.day]
                ?? ReportSourcesView.Day(
                    date: Timestamp.date(day: row.day), ownPassing: 0, ownFailing: 0, otherPassing: 0, otherFailing: 0)
            if own[row.source] != nil {
                day.ownPassing += row.passing
                day.ownFailing += row.total - row.passing
            } else {
                day.otherPassing += row.passing
                day.otherFailing += row.total - row.passing
            }
            days[row.day] = day
        }
        return days.sorted { $0.key < $1.key }.map(\.value)
    }
}

extension ReportSourcesView.Source {
    fileprivate init(_ source: ReportedSource, ours: String?, names: [String]) {
        self.init(
            address: source.source, ours: ours, names: names, messages: source.total, passing: source.passing, dkim: source.dkim,
            spf: source.spf, quarantined: source.quarantined, rejected: source.rejected,
            firstDate: Timestamp.date(day: source.firstDay), lastDate: Timestamp.date(day: source.lastDay))
    }
}

/// How others reach our domains by TLS: added up over their reports.
package struct ReportedTLSView: Codable, Hashable, Sendable {
    package struct Line: Codable, Hashable, Sendable {
        /// The host of ours that was spoken to; empty where nothing is said.
        package var host: String
        /// `certificate-expired`, …; empty: it worked.
        package var failure: String
        package var sessions: Int
        package var firstDate: String
        package var lastDate: String
    }

    package struct Day: Codable, Hashable, Sendable {
        package var date: String
        package var good: Int
        package var failed: Int
    }

    package var domain: String
    package var sessions: Int
    package var good: Int
    /// The most sessions first.
    package var lines: [Line]
    package var days: [Day]
}

package struct ShowReportedTLS: AdministrativeOperation {
    package static let name = "reports.tls"
    package static let scope = AccessScope.domainsRead
    package var domain: DomainName
    /// 1…400; nil: 30.
    package var days: Int?

    package init(domain: DomainName, days: Int? = nil) {
        self.domain = domain
        self.days = days
    }

    private static let rowsMax = 10_000

    package func perform(in administration: Administration, _ act: Act) async throws -> ReportedTLSView {
        let since = act.at.day - Int32(clamping: try ShowReportSources.check(days)) + 1
        let span = ReportSpan(domain, .tls, since: since, limit: ShowReportedTLS.rowsMax)
        let (lines, rows) = try await administration.store.read { (try $0.reportedSources(span), try $0.reportedDays(span)) }
        var days: [Int32: ReportedTLSView.Day] = [:]
        for row in rows {
            var day = days[row.day] ?? ReportedTLSView.Day(date: Timestamp.date(day: row.day), good: 0, failed: 0)
            day.good += row.passing
            day.failed += row.total - row.passing
            days[row.day] = day
        }
        return ReportedTLSView(
            domain: domain.text, sessions: lines.reduce(0) { $0 + $1.total }, good: lines.reduce(0) { $0 + $1.passing },
            lines: lines.map {
                ReportedTLSView.Line(
                    host: $0.source, failure: $0.result, sessions: $0.total, firstDate: Timestamp.date(day: $0.firstDay),
                    lastDate: Timestamp.date(day: $0.lastDay))
            }, days: days.sorted { $0.key < $1.key }.map(\.value))
    }
}

extension Timestamp {
    /// `2026-11-22` of a day since 1970.
    static func date(day: Int32) -> String { String(Timestamp(seconds: Int64(day) * 86_400).rfc3339.prefix(10)) }
}

extension Administration {
    /// What addresses call themselves, as far as DNS says so soon; nothing without a gate.
    func names(of addresses: [IPAddress]) async -> [String: [String]] {
        guard let resolver = live?.dns() else { return [:] }
        let session = DomainSurveyor.Session(resolver: resolver, end: .now + .seconds(5))
        let found = await session.each(addresses) { address in await session.asked { await $0.names(of: address) } }
        var names: [String: [String]] = [:]
        for (address, answer) in found {
            if case .records(let records, _, _) = answer { names[address.description] = records.prefix(3).map(\.text) }
        }
        return names
    }
}
