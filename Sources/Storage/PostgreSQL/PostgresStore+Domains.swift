package import MailModel

/// Reports on domains, and looks at them.
extension PostgresStore {
    package func domainReports(_ query: KeptReportQuery) throws -> [KeptReport] { try read { try StoreReads.domainReports($0, query) } }
    package func reportedSources(_ span: ReportSpan) throws -> [ReportedSource] { try read { try StoreReads.reportedSources($0, span) } }
    package func reportedDays(_ span: ReportSpan) throws -> [ReportedDay] { try read { try StoreReads.reportedDays($0, span) } }
    package func domainStates(_ domain: DomainName?, limit: Int) throws -> [KeptCheck] {
        try read { try StoreReads.domainStates($0, domain, limit: limit) }
    }
    package func domainChecks(_ domain: DomainName, limit: Int) throws -> [KeptCheck] {
        try read { try StoreReads.domainChecks($0, domain, limit: limit) }
    }
}
