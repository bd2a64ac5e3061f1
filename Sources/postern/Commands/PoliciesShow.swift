import ArgumentParser
import PosternRuntime

struct PoliciesShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show the policies in the order in which they are tried, and the service limits.")

    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    private struct Shown: Encodable {
        var policies: [PolicyView]
        var service: [ServiceLimitView]
    }

    func run() async throws {
        let policies = try await data.perform(ListPolicies())
        let service = try await data.perform(ListServiceLimits())
        if format.json { return try Output.json([Shown(policies: policies, service: service)]) }
        Policies.show(policies, service)
    }
}
