import ArgumentParser
import PosternRuntime

struct APIKeysRemove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "remove", abstract: "Remove a key; its queued mail stays.")

    @Argument var name: String
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        _ = try await data.perform(RemoveAPIKey(key: name), reason: reason.reason)
        Output.line("key \(name) removed")
    }
}
