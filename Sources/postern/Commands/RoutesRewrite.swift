import ArgumentParser
import PosternRuntime

struct RoutesRewrite: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rewrite", abstract: "Say how senders' addresses are written in what leaves by a route.",
        discussion: "postern routes rewrite office 'root@*.local=postern@example.org' --keep-original reply-to")

    @Argument(help: "The route.") var name: String
    @OptionGroup var rewriting: RewriteOptions
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let operation = SetRouteRewriting(
            route: name, rules: rewriting.rules, parts: rewriting.parts, original: rewriting.keepOriginal)
        let view = try await data.perform(operation, reason: reason.reason)
        if format.json { return try Output.json([view]) }
        Output.line(rewriting.words(of: "route \(name)"))
    }
}
