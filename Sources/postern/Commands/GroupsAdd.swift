import ArgumentParser
import MailModel
import OutboundPolicy
import PosternRuntime

struct GroupsAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "add", abstract: "Add a group.")

    @Argument(help: "In an accepted domain, and no account's.", transform: Arguments.address)
    var address: EmailAddress
    @Option(help: "An address, that of another group too; may be repeated.", transform: Arguments.address)
    var member: [EmailAddress] = []
    @Option(
        name: .customLong("senders"),
        help: "Who may write to it: an address, @domain, *.domain or *; may be repeated. Everybody otherwise.",
        transform: Arguments.grant)
    var senders: [AddressGrant] = []
    @Option(help: "Who decides about it; may be repeated.", transform: Arguments.address)
    var owner: [EmailAddress] = []
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let operation = AddGroup(group: address, members: member, senders: senders, owners: owner)
        Groups.show(try await data.perform(operation, reason: reason.reason), "added")
    }
}
