import ArgumentParser
import PosternRuntime

struct WebhooksRemove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "remove", abstract: "Remove a webhook.")

    @Argument var name: String
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        _ = try await data.perform(RemoveWebhook(webhook: name), reason: reason.reason)
        Output.line("webhook \(name) removed")
    }
}
