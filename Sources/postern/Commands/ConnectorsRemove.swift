import ArgumentParser
import PosternRuntime

struct ConnectorsRemove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "remove", abstract: "Remove a connector; its queued mail stays.")

    @Argument var name: String
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        _ = try await data.perform(RemoveConnector(connector: name), reason: reason.reason)
        Output.line("connector \(name) removed")
    }
}
