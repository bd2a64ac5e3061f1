import ArgumentParser
import PosternRuntime

struct WebhooksAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "add", abstract: "Add a webhook; its secret is shown once.")

    @Argument var name: String
    @Argument(help: "https://HOST/PATH")
    var url: String
    @Flag(help: "Allow loopback, private and other special addresses, and plain http to those.")
    var allowPrivate = false
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let operation = AddWebhook(webhook: name, url: url, allowsPrivateAddresses: allowPrivate)
        let outcome = try await data.perform(operation, reason: reason.reason)
        if format.json { return try Output.json([outcome]) }
        Output.line("webhook \(name) added; its calls are signed with this secret, which is shown only now:")
        Output.line(outcome.secret)
    }
}
