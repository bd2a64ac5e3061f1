import ArgumentParser
import OutboundPolicy
import PosternRuntime

struct PoliciesAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Add a policy; the first that matches a message's From address counts.")

    @Argument(help: "Up to 64 letters, digits, dots, hyphens and underscores.")
    var name: String
    @OptionGroup var fields: PolicyOptions
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let changes = fields.changes
        var policy = SendingPolicy(name: name, priority: 0)
        changes.apply(to: &policy)
        let view = try await data.perform(AddPolicy(policy: policy, place: changes.priority), reason: reason.reason)
        Output.line("policy \(view.name) added. \(view.text)")
    }
}
