import ArgumentParser
import OutboundPolicy
import PosternRuntime

struct ConnectorsGrant: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "grant", abstract: "Let a connector use further addresses, or no longer.")

    @Argument var name: String
    @Argument(help: "Addresses, @domains, *.domains or *.", transform: Arguments.grant)
    var grants: [AddressGrant] = []
    @Option(help: "One to withdraw; may be repeated.", transform: Arguments.grant)
    var remove: [AddressGrant] = []
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func validate() throws {
        if grants.isEmpty, remove.isEmpty { throw ValidationError("name at least one grant to add or to --remove") }
    }

    func run() async throws {
        let view = try await data.perform(ChangeConnectorGrants(connector: name, add: grants, remove: remove), reason: reason.reason)
        Output.line("connector \(view.name) may use \(view.grants.isEmpty ? "no address" : view.grants.joined(separator: " "))")
    }
}
