import Foundation
import InternetMessage
package import MailModel
package import OutboundPolicy
import Storage

/// A report of others as it is kept.
package struct KeptReportView: Codable, Hashable, Sendable {
    package struct Row: Codable, Hashable, Sendable {
        /// The address that sent; of TLS the receiving host. Empty where nothing is said, or for the rest of a very long report.
        package var source: String
        /// The domain in From; of TLS the policy's type.
        package var about: String
        /// What the receiver did; of TLS why it failed, empty where it did not.
        package var result: String
        package var dkim: Bool
        package var spf: Bool
        package var passes: Bool
        package var total: Int
    }

    package var id: String
    package var kind: String
    package var domain: String
    package var organization: String
    /// As the organization calls it.
    package var reportID: String
    package var begin: String
    package var end: String
    package var receivedAt: String
    /// `listener`, `import`.
    package var way: String
    /// Messages or sessions.
    package var total: Int
    package var passing: Int
    /// Nil in a list.
    package var rows: [Row]?

    init(_ report: KeptReport, withRows: Bool) {
        (id, kind, domain) = (report.id, report.kind.rawValue, report.domain.text)
        (organization, reportID, way) = (report.organization, report.reportID, report.way)
        (begin, end, receivedAt) = (report.begin.rfc3339, report.end.rfc3339, report.receivedAt.rfc3339)
        (total, passing) = (report.total, report.passing)
        rows =
            withRows
            ? report.rows.map {
                Row(source: $0.source, about: $0.about, result: $0.result, dkim: $0.dkim, spf: $0.spf, passes: $0.passes, total: $0.total)
            } : nil
    }
}

/// What others reported, the last received first.
package struct ListDomainReports: AdministrativeOperation {
    package static let name = "reports.list"
    package static let scope = AccessScope.domainsRead
    /// Nil: all.
    package var domain: DomainName?
    /// `aggregate`, `failure`, `tls`; nil: all.
    package var kind: String?
    /// 1…10,000.
    package var limit: Int

    package init(domain: DomainName? = nil, kind: String? = nil, limit: Int) {
        self.domain = domain
        self.kind = kind
        self.limit = limit
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> [KeptReportView] {
        try PageLimit.check(limit)
        var query = KeptReportQuery()
        (query.domain, query.limit) = (domain, limit)
        if let kind {
            guard let known = KeptReport.Kind(rawValue: kind) else {
                throw AdministrationError(.invalid, "\"\(kind)\" is no kind of report", "There are aggregate, failure and tls.")
            }
            query.kind = known
        }
        let wanted = query
        return try await administration.store.read { try $0.domainReports(wanted).map { KeptReportView($0, withRows: false) } }
    }
}

/// One report with its rows.
package struct ShowDomainReport: AdministrativeOperation {
    package static let name = "reports.show"
    package static let scope = AccessScope.domainsRead
    package var id: String

    package init(id: String) { self.id = id }

    package func perform(in administration: Administration, _ act: Act) async throws -> KeptReportView {
        var query = KeptReportQuery()
        query.id = id
        query.limit = 1
        let wanted = query
        guard !id.isEmpty, let report = try await administration.store.read({ try $0.domainReports(wanted) }).first else {
            throw AdministrationError(.notFound, "there is no report \(id)", "`postern reports list` shows those there are.")
        }
        return KeptReportView(report, withRows: true)
    }
}

/// Takes a report in as the listener would.
package struct ImportDomainReport: AdministrativeOperation {
    package static let name = "reports.import"
    package static let scope = AccessScope.domainsWrite
    /// The report in base64: XML, JSON, gzip, zip or a message.
    package var content: String

    package init(content: String) { self.content = content }

    package init(octets: [UInt8]) { self.init(content: String(decoding: Base64.encode(octets), as: UTF8.self)) }

    /// One for each domain that the report speaks of.
    package func perform(in administration: Administration, _ act: Act) async throws -> [ReportIntakeView] {
        guard let octets = Base64.decode(content.utf8) else { throw AdministrationError(.invalid, "content is not base64") }
        let intake = DomainReportIntake(store: administration.store, directory: try await administration.directory())
        let views = try await intake.take(octets, way: "import", at: act.at)
        for view in views where view.outcome == .kept {
            _ = try await administration.store.perform(.audit(act.entry("reports.import", target: "\(view.domain) \(view.id)")))
        }
        return views
    }
}
