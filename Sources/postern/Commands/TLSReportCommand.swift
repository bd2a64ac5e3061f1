import ArgumentParser
import MailModel
import PosternRuntime

struct TLSReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "What was counted of a day's TLS sessions, as a report for each domain (RFC 8460).")

    @Option(help: "A day in UTC; yesterday unless given.", transform: Arguments.time)
    var date: Timestamp?
    @Option(help: "The report of this domain alone.", transform: Arguments.domain)
    var domain: DomainName?
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let reports = try await data.perform(ReportTLS(date: date, domain: domain))
        guard !format.json else { return try Output.json(reports) }
        let rows = reports.flatMap { report in
            report.policies.map { entry in
                [
                    entry.policy.domain, entry.policy.type, "\(entry.summary.good)", "\(entry.summary.failed)",
                    entry.failures.map { "\($0.type) \($0.count)" }.joined(separator: ", "),
                ]
            }
        }
        Output.table(["DOMAIN", "POLICY", "GOOD", "FAILED", "WHY"], rows, empty: "No TLS sessions were counted on that day.")
    }
}
