import ArgumentParser
import PosternRuntime

struct ConnectorsRewrite: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rewrite", abstract: "Say how senders' addresses are written in what comes by a connector, before rights are checked.",
        discussion: "postern connectors rewrite printers 'root@*.local=scanner@example.org' --keep-original field")

    @OptionGroup var options: RewriteOptions

    func run() async throws {
        try await options.perform(
            SetRewriting<ConnectorRewriting>(name: options.name, rules: options.rules, parts: options.parts, original: options.keepOriginal)
        )
    }
}
