import ArgumentParser
import OutboundPolicy
import PosternRuntime

struct Policies: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy", abstract: "How much people may send, and what happens past that.",
        subcommands: [
            PoliciesPreset.self, PoliciesShow.self, PoliciesAdd.self, PoliciesSet.self, PoliciesEnable.self, PoliciesDisable.self,
            PoliciesRemove.self, PoliciesTest.self,
        ])

    /// The policies, then the service limits, in words.
    static func show(_ policies: [PolicyView], _ service: [ServiceLimitView]) {
        if policies.isEmpty, service.isEmpty {
            return Output.line("Nothing is limited. `postern policy preset standard` chooses the usual limits.")
        }
        for policy in policies {
            let place = policy.isDefault ? "last" : "\(policy.priority)"
            Output.line("\(place)  \(policy.name)\(policy.disabled ? " (disabled)" : "")")
            Output.line("  \(Output.printable(policy.text))")
        }
        if policies.isEmpty { Output.line("No policies; only the service limits count.") }
        for limit in service where limit.value != .number(0) {
            let action = limit.action.map { "; past that, \($0.text)" } ?? ""
            Output.line("service  \(limit.name) \(limit.value)\(action)\(limit.failsOpen ? " (fails open)" : "")")
        }
    }
}
