import ArgumentParser
import MailModel
import PosternRuntime

struct WebhooksCalls: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "calls", abstract: "What became of each call, the newest first.")

    @Argument(help: "Of this webhook alone.")
    var name: String?
    @Option(help: "Since a time, such as 2026-11-23 or 2026-11-23T08:00:00Z.", transform: Arguments.time)
    var since: Timestamp?
    @Option(help: "1 to 1000.")
    var limit = 50
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let rows = try await data.perform(ListWebhookCalls(webhook: name, since: since, limit: limit))
        try format.print(
            rows, ["TIME", "WEBHOOK", "CALL", "TYPE", "ATTEMPT", "STATUS", "MS", "WHAT"], empty: "No calls are kept."
        ) { row in
            [
                Output.time(row.time), row.webhook, row.id, row.type, row.attempt == 0 ? "by hand" : "\(row.attempt)",
                row.status == 0 ? "" : "\(row.status)", "\(row.milliseconds)", Output.cut(row.ok ? row.answer : row.fault, 60),
            ]
        }
    }
}
