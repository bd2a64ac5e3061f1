import ArgumentParser
import PosternRuntime

struct SourcesList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the egress sources, which nodes have them, and what waits for them.")

    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let sources = try await data.perform(ListSources())
        try format.print(
            sources, ["NAME", "IPV4", "IPV6", "HELLO", "POOL", "STATE", "NODES", "ROUTES", "WAITING", "STEPS ASIDE FOR"],
            empty: "No sources."
        ) {
            [
                $0.name, $0.ipv4, $0.ipv6, $0.helloName, $0.pool, $0.state.rawValue, Output.cut($0.nodes.joined(separator: " "), 40),
                Output.cut($0.routes.joined(separator: " "), 40), "\($0.waiting)",
                $0.stepsAside.map { "\($0.destination) until \(Output.time($0.until))" }.joined(separator: ", "),
            ]
        }
    }
}
