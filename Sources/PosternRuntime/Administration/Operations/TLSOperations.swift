package import MailModel
package import OutboundPolicy
import Storage

/// Says which TLS policy holds for a domain, and tries its mail hosts.
package struct CheckTLS: AdministrativeOperation {
    package static let name = "tls.check"
    package static let scope = AccessScope.routesTest
    package var domain: DomainName

    package init(domain: DomainName) { self.domain = domain }

    package func perform(in administration: Administration, _ act: Act) async throws -> TLSCheck {
        guard let live = administration.live else {
            throw AdministrationError(.unavailable, "no gate runs on \(administration.dataDirectory)", "Start it with `postern serve`.")
        }
        return try await live.checkTLS(domain)
    }
}

/// What was counted of a day's TLS sessions, as reports for the domains that they went to (RFC 8460).
package struct ReportTLS: AdministrativeOperation {
    package static let name = "tls.report"
    package static let scope = AccessScope.traceRead
    /// Any time of the day, in UTC; nil for yesterday.
    package var date: Timestamp?
    /// Nil: all.
    package var domain: DomainName?

    package init(date: Timestamp? = nil, domain: DomainName? = nil) {
        self.date = date
        self.domain = domain
    }

    /// Kinds of sessions that are read.
    static let kindsMax = 100_000

    package func perform(in administration: Administration, _ act: Act) async throws -> [TLSReport] {
        let day = date?.day ?? act.at.day - 1
        let domain = domain
        let counts = try await administration.store.read { try $0.tlsSessions(day: day, domain: domain, limit: ReportTLS.kindsMax) }
        let settings = try administration.dataDirectory.settings()
        return TLSReport.reports(
            counts, day: day, organization: settings.node.hostName.text, contact: settings.tlsReports.contact(settings.node)
        ).map(\.report)
    }
}
