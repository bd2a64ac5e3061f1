import ArgumentParser

struct StorageCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "storage", abstract: "The store as a whole.", subcommands: [StorageMove.self])
}
