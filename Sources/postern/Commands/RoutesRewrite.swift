import ArgumentParser
import PosternRuntime

struct RoutesRewrite: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rewrite", abstract: "Say how senders' addresses are written in what leaves by a route.",
        discussion: "postern routes rewrite office 'root@*.local=postern@example.org' --keep-original reply-to")

    @OptionGroup var options: RewriteOptions

    func run() async throws {
        try await options.perform(
            SetRewriting<RouteRewriting>(name: options.name, rules: options.rules, parts: options.parts, original: options.keepOriginal))
    }
}
