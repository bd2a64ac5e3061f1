import ArgumentParser
import PosternRuntime

struct PoliciesEnable: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "enable", abstract: "Enable a policy.")

    @Argument var name: String
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let view = try await data.perform(SetPolicyEnabled(policy: name, isEnabled: true), reason: reason.reason)
        Output.line("policy \(view.name) enabled")
    }
}
