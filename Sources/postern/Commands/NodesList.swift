import ArgumentParser
import PosternRuntime

struct NodesList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the nodes that run on the store, and the last run of each that ended lately.")

    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let nodes = try await data.perform(ListNodes())
        try format.print(
            nodes, ["NUMBER", "NAME", "VERSION", "STATE", "SINCE", "LAST SEEN", "HOLDS", "SOURCES"], empty: "No node has run yet."
        ) {
            [
                "\($0.number)", $0.name, $0.version, $0.state, Output.time($0.since), Output.time($0.seen), "\($0.recipients)",
                $0.sources.joined(separator: " "),
            ]
        }
    }
}
