import ArgumentParser
import PosternRuntime

struct APIKeysEnable: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "enable", abstract: "Enable a key.")

    @Argument var name: String
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        _ = try await data.perform(SetAPIKeyEnabled(key: name, isEnabled: true), reason: reason.reason)
        Output.line("key \(name) enabled")
    }
}
