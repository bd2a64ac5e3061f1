import ArgumentParser
import MailModel
import PosternRuntime

struct ReportsSources: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sources", abstract: "Who sends as a domain and passes DMARC, added up over the reports.",
        discussion: "Reverse names are asked for where a gate runs.")

    @Argument(transform: Arguments.domain)
    var domain: DomainName
    @Option(help: "The last days, 1…400.")
    var days = 30
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let view = try await data.perform(ShowReportSources(domain: domain, days: days))
        if format.json { return try Output.json([view]) }
        Output.line("\(view.messages) messages in \(days) days, \(view.passing) passed DMARC.")
        Output.table(
            ["SOURCE", "OURS", "NAME", "MESSAGES", "PASSED", "DKIM", "SPF", "QUARANTINED", "REJECTED", "LAST"],
            view.sources.map {
                [
                    $0.address.isEmpty ? "(others)" : $0.address, $0.ours ?? "", $0.names.first ?? "", "\($0.messages)", "\($0.passing)",
                    "\($0.dkim)", "\($0.spf)", "\($0.quarantined)", "\($0.rejected)", $0.lastDate,
                ]
            }, empty: "No reports.")
    }
}
