import ArgumentParser
import PosternRuntime

struct PoliciesDisable: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "disable", abstract: "Disable a policy.")

    @Argument var name: String
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let view = try await data.perform(SetPolicyEnabled(policy: name, isEnabled: false), reason: reason.reason)
        Output.line("policy \(view.name) disabled")
    }
}
