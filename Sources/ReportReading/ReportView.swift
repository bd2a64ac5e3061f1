import MailModel

/// A report as the command line and programs see it: one object, whatever its kind.
package struct ReportView: Codable, Hashable, Sendable {
    /// Of an aggregate report, one for each record; of the others one for each policy, or for the message.
    package struct Row: Codable, Hashable, Sendable {
        /// Who sent; empty where nothing is said.
        package var address: String
        /// Messages, or TLS sessions.
        package var count: Int
        package var passes: Bool
        /// `none`, `quarantine`, …; of TLS the policy's type.
        package var disposition: String
        package var dkim: String
        package var spf: String
        package var from: String
    }

    package var file: String
    /// `aggregate`, `failure`, `tls`, `refused`.
    package var kind: String
    /// Why it cannot be read; empty where it can.
    package var reason = ""
    package var organization = ""
    package var id = ""
    package var domain = ""
    /// RFC 3339; empty where nothing is said.
    package var begin = ""
    package var end = ""
    /// Messages, or TLS sessions.
    package var count = 0
    package var passing = 0
    /// Records that could not be read.
    package var skipped = 0
    package var rows: [Row] = []

    package init(file: String, _ result: Result<ReceivedReport, ReportFault>) {
        self.file = file
        switch result {
        case .failure(let fault): (kind, reason) = ("refused", fault.text)
        case .success(.aggregate(let report)):
            kind = "aggregate"
            (organization, id, domain) = (report.organization, report.id, report.published.domain)
            (begin, end, skipped) = (report.begin.rfc3339, report.end.rfc3339, report.skipped)
            (count, passing) = (report.messages, report.passing)
            rows = report.records.map(Row.init)
        case .success(.failure(let report)):
            kind = "failure"
            (organization, domain, count) = (report.reporter, report.domain, report.incidents)
            rows = [
                Row(
                    address: report.address?.description ?? "", count: report.incidents, passes: false, disposition: report.delivery,
                    dkim: "", spf: "", from: report.domain)
            ]
        case .success(.tls(let report)):
            kind = "tls"
            (organization, id, begin, end) = (report.organization, report.id, report.begin, report.end)
            domain = report.policies.first?.domain ?? ""
            count = report.policies.reduce(0) { $0 &+ $1.good &+ $1.failed }
            passing = report.policies.reduce(0) { $0 &+ $1.good }
            rows = report.policies.map {
                Row(
                    address: "", count: $0.good &+ $0.failed, passes: $0.failed == 0, disposition: $0.type, dkim: "", spf: "",
                    from: $0.domain)
            }
        }
    }
}

extension ReportView.Row {
    fileprivate init(_ record: AggregateReport.Record) {
        self.init(
            address: record.address.description, count: record.count, passes: record.passes, disposition: record.disposition,
            dkim: record.dkim ? "pass" : "fail", spf: record.spf ? "pass" : "fail", from: record.headerFrom)
    }
}
