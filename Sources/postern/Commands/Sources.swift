import ArgumentParser

struct Sources: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Where mail leaves from: addresses of nodes, and the name that goes with each.",
        subcommands: [
            SourcesAdd.self, SourcesList.self, SourcesPool.self, SourcesPublic.self, SourcesDisable.self, SourcesEnable.self,
            SourcesRemove.self,
        ])
}
