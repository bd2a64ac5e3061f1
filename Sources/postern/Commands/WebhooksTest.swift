import ArgumentParser
import PosternRuntime

struct WebhooksTest: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "test", abstract: "Call a webhook once, and say how it went.")

    @Argument var name: String
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let result = try await data.perform(TestWebhook(webhook: name))
        try format.print([result], ["RESULT", "ADDRESS", "WHAT"], empty: "") { [$0.ok ? "ok" : "failed", $0.address, $0.text] }
        if !result.ok { throw ExitCode(CommandExit.failed.rawValue) }
    }
}
