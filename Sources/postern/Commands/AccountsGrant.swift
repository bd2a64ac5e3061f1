import ArgumentParser
import MailModel
import OutboundPolicy
import PosternRuntime

struct AccountsGrant: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "grant", abstract: "Let an account use further addresses, or no longer.")

    @Argument(transform: Arguments.address)
    var address: EmailAddress
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
        let outcome = try await data.perform(ChangeGrants(address: address, add: grants, remove: remove), reason: reason.reason)
        let text = outcome.account.grants.joined(separator: " ")
        Accounts.show(outcome, "may use its own address\(text.isEmpty ? " only" : " and \(text)")")
    }
}
