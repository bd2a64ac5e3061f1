import ArgumentParser
import MailModel
import PosternRuntime

struct ReportsList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Reports that were taken in, the last received first.")

    @Option(help: "On this domain alone.", transform: Arguments.domain)
    var domain: DomainName?
    @Option(help: ArgumentHelp("aggregate, failure or tls.", valueName: "kind"))
    var kind: String?
    @Option(help: "Lines at most, 1…10000.")
    var limit = 100
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let rows = try await data.perform(ListDomainReports(domain: domain, kind: kind, limit: limit))
        try format.print(
            rows, ["RECEIVED", "ID", "KIND", "DOMAIN", "FROM", "BEGIN", "COUNT", "PASSING"],
            empty: "No reports. Name reports.domain-addresses in rua of the DMARC record, or use `postern reports import`."
        ) {
            [
                Output.time($0.receivedAt), $0.id, $0.kind, $0.domain, Output.cut($0.organization, 30), String($0.begin.prefix(10)),
                "\($0.total)", "\($0.passing)",
            ]
        }
    }
}
