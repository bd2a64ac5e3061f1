import Console
import MailModel

extension APIRoutes {
    var tlsRoutes: [APIRoute] {
        [
            route(
                Way(.post, "/v1/tls/{domain}/check", "Say which TLS policy holds for a domain, and try its mail hosts"), CheckTLS.self),
            list(
                "/v1/tls-reports", "What was counted of a day's TLS sessions, as a report for each domain (RFC 8460)", TLSReportInput.self,
                operation: { $0.operation }, page: { try $0.page($1) }),
        ]
    }
}

struct TLSReportInput: Decodable, Sendable {
    /// Any time of the day, in UTC; yesterday unless given.
    var date: RFC3339Time?
    /// All unless given.
    var domain: DomainName?

    var cursor: CursorText?
    var limit: PageSize?

    var operation: ReportTLS { ReportTLS(date: date?.time, domain: domain) }

    func page(_ reports: [TLSReport]) throws -> ResultPage<TLSReport> {
        try PageInput(cursor: cursor, limit: limit).page(reports) { $0.id }
    }
}
