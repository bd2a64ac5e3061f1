import Console
import MailModel
import Storage

extension APIRoutes {
    var domainHealthRoutes: [APIRoute] {
        [
            route(Way(.post, "/v1/domains/{domain}/health", "Look at an own domain now, and keep what is found"), LookAtDomain.self),
            list(
                "/v1/domain-health", "What the latest look at each own domain found", PageInput.self,
                operation: { _ in ListDomainHealth() },
                page: { try $0.page($1) { $0.domain } }),
            route(
                Way(.get, "/v1/domains/{domain}/history", "What the latest look at a domain found, and what changed when"),
                ShowDomainHistory.self),
            list(
                "/v1/domain-reports", "Reports of others (DMARC, TLS) on our domains, the last received first", DomainReportsInput.self,
                operation: { ListDomainReports(domain: $0.domain, kind: $0.kind?.rawValue, limit: DomainReportsInput.rowsMax) },
                page: { try PageInput(cursor: $0.cursor, limit: $0.limit).page($1) { $0.id } }),
            route(Way(.get, "/v1/domain-reports/{id}", "A report of others, with its rows"), ShowDomainReport.self),
            importRoute,
            route(
                Way(.get, "/v1/domains/{domain}/sources", "Who sends as a domain and passes DMARC, by the reports"), ShowReportSources.self),
            route(Way(.get, "/v1/domains/{domain}/tls", "How others reach a domain by TLS, by their reports"), ShowReportedTLS.self),
        ]
    }

    private var importRoute: APIRoute {
        var route = route(
            Way(.post, "/v1/domain-reports", "Take in a report of others: XML, JSON, gzip, zip or a message"), ImportDomainReport.self)
        route.details = "The report in base64. One that was taken in before counts once."
        // Base 64 makes four octets of three.
        route.bodyBytesMax = 30 << 20
        return route
    }
}

struct DomainReportsInput: Decodable, Sendable {
    var domain: DomainName?
    var kind: KeptReport.Kind?
    var cursor: CursorText?
    var limit: PageSize?

    static let rowsMax = 10_000
}
