import ArgumentParser
import PosternRuntime

struct WebhooksList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List webhooks.")

    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let webhooks = try await data.perform(ListWebhooks())
        try format.print(webhooks, ["NAME", "URL", "PRIVATE ADDRESSES", "CREATED"], empty: "No webhooks.") {
            [$0.name, $0.url, $0.allowsPrivateAddresses ? "allowed" : "refused", Output.time($0.created)]
        }
    }
}
