import ArgumentParser

struct Webhooks: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Programs elsewhere that are told of alerts.",
        subcommands: [WebhooksAdd.self, WebhooksList.self, WebhooksTest.self, WebhooksCalls.self, WebhooksReplay.self, WebhooksRemove.self])
}
