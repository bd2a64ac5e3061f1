import ArgumentParser
import MailModel
import PosternRuntime

struct WebhooksReplay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Send one call, or all of a time, once more: same id, same body, the oldest first.")

    @Argument var name: String
    @Option(help: "The id of one call, as `webhooks calls` shows it.")
    var call: String?
    @Option(help: "All since a time, such as 2026-11-23 or 2026-11-23T08:00:00Z.", transform: Arguments.time)
    var since: Timestamp?
    @Option(help: "With --since: those before this time.", transform: Arguments.time)
    var until: Timestamp?
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let operation = ReplayWebhook(webhook: name, call: call, since: since, until: until)
        let outcome = try await data.perform(operation, reason: reason.reason)
        try format.print([outcome], ["SENT", "LEFT", "WHY"], empty: "") { ["\($0.sent)", "\($0.left)", $0.fault] }
        if !outcome.fault.isEmpty { throw ExitCode(CommandExit.failed.rawValue) }
    }
}
