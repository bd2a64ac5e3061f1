import ArgumentParser
import OutboundPolicy
import PosternRuntime

struct APIKeysGrant: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "grant", abstract: "Let a key send as further addresses, or no longer.")

    @Argument var name: String
    @Argument(help: "Address, @domain, *.domain or *.", transform: Arguments.grant)
    var grants: [AddressGrant]
    @Flag(help: "Withdraw them.")
    var remove = false
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let operation = ChangeAPIKeyGrants(key: name, add: remove ? [] : grants, remove: remove ? grants : [])
        let key = try await data.perform(operation, reason: reason.reason)
        Output.line("key \(key.name) may send as: \(key.grants.isEmpty ? "nobody" : key.grants.joined(separator: ", "))")
    }
}
