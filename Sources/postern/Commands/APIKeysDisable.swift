import ArgumentParser
import PosternRuntime

struct APIKeysDisable: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "disable", abstract: "Disable a key.")

    @Argument var name: String
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        _ = try await data.perform(SetAPIKeyEnabled(key: name, isEnabled: false), reason: reason.reason)
        Output.line("key \(name) disabled")
    }
}
