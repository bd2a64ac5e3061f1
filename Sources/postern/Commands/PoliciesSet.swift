import ArgumentParser
import PosternRuntime

struct PoliciesSet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Change what is given of a policy; values of a scope option take the place of those before.")

    @Argument var name: String
    @Flag(help: "Drop the scope and the exceptions that it has.")
    var everybody = false
    @OptionGroup var fields: PolicyOptions
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func validate() throws {
        if fields.changes.isEmpty, !everybody { throw ValidationError("name something to change") }
    }

    func run() async throws {
        var changes = fields.changes
        if everybody {
            (changes.senders, changes.groups, changes.domains) = (changes.senders ?? [], changes.groups ?? [], changes.domains ?? [])
            changes.exceptSenders = changes.exceptSenders ?? []
            changes.exceptGroups = changes.exceptGroups ?? []
            changes.exceptDomains = changes.exceptDomains ?? []
        }
        let view = try await data.perform(ChangePolicy(policy: name, changes: changes), reason: reason.reason)
        Output.line("policy \(view.name) changed. \(view.text)")
    }
}
