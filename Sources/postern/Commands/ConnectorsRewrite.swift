import ArgumentParser
import PosternRuntime

struct ConnectorsRewrite: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rewrite", abstract: "Say how senders' addresses are written in what comes by a connector, before rights are checked.",
        discussion: "postern connectors rewrite printers 'root@*.local=scanner@example.org' --keep-original field")

    @Argument(help: "The connector.") var name: String
    @OptionGroup var rewriting: RewriteOptions
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let operation = SetConnectorRewriting(
            connector: name, rules: rewriting.rules, parts: rewriting.parts, original: rewriting.keepOriginal)
        let view = try await data.perform(operation, reason: reason.reason)
        if format.json { return try Output.json([view]) }
        Output.line(rewriting.words(of: "connector \(name)"))
    }
}
