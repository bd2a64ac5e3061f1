import ArgumentParser
import PosternRuntime

struct RoutesSources: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sources", abstract: "Say which egress sources a route's mail may leave from; the preferred first.")

    @Argument(help: "The route.") var name: String
    @Argument(help: "The sources; without any, the default source only.") var sources: [String] = []
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let view = try await data.perform(SetRouteSources(route: name, sources: sources), reason: reason.reason)
        if format.json { return try Output.json([view]) }
        Output.line("route \(name) leaves from \(sources.isEmpty ? "the default source" : sources.joined(separator: ", then "))")
    }
}
