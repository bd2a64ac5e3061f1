import ArgumentParser

struct Nodes: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The nodes that share the store.", subcommands: [NodesList.self])
}
