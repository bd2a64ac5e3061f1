import ArgumentParser
import PosternRuntime

struct PoliciesRemove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "remove", abstract: "Remove a policy.")

    @Argument var name: String
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        _ = try await data.perform(RemovePolicy(policy: name), reason: reason.reason)
        Output.line("policy \(name) removed")
    }
}
