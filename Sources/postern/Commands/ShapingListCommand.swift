import ArgumentParser
import PosternRuntime

struct ShapingListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List shaping policies.")

    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let policies = try await data.perform(ListShaping())
        if format.json { return try Output.json(policies) }
        Output.table(
            ["NAME", "FOR", "LIMITS"], policies.map { [$0.name, ShapingListCommand.scope($0), ShapingListCommand.limits($0)] },
            empty: "No shaping policy is set: `postern shaping preset` and `postern shaping set` put one.")
    }

    static func scope(_ policy: ShapingView) -> String {
        let parts = [
            ("route", policy.route), ("provider", policy.provider), ("hosts", policy.hosts.joined(separator: ",")),
            ("domain", policy.domain), ("source", policy.source),
        ].filter { !$0.1.isEmpty }.map { "\($0.0) \($0.1)" }
        let each = (policy.eachSite ? ["each site"] : []) + (policy.eachSource ? ["each source"] : [])
        return (parts.isEmpty && each.isEmpty ? ["everything together"] : parts + each).joined(separator: ", ")
    }

    static func limits(_ policy: ShapingView) -> String {
        var parts = policy.rates
        if let most = policy.connections { parts.insert("\(most) connections", at: 0) }
        if let most = policy.messagesPerConnection { parts.append("\(most) messages on a connection") }
        if let most = policy.recipientsPerMessage { parts.append("\(most) recipients in a message") }
        return (parts + policy.hours).joined(separator: "; ")
    }
}
