import ArgumentParser
import MailModel
import PosternRuntime

struct ReportsTLS: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tls", abstract: "How others reach a domain by TLS, added up over their reports.")

    @Argument(transform: Arguments.domain)
    var domain: DomainName
    @Option(help: "The last days, 1…400.")
    var days = 30
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let view = try await data.perform(ShowReportedTLS(domain: domain, days: days))
        if format.json { return try Output.json([view]) }
        Output.line("\(view.sessions) sessions in \(days) days, \(view.good) with the TLS that was asked for.")
        Output.table(
            ["HOST", "WHAT", "SESSIONS", "FIRST", "LAST"],
            view.lines.map { [$0.host, $0.failure.isEmpty ? "good" : $0.failure, "\($0.sessions)", $0.firstDate, $0.lastDate] },
            empty: "No reports.")
    }
}
