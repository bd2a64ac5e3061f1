import ArgumentParser
import MailModel
import OutboundPolicy
import PosternRuntime

struct APIKeysAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "add", abstract: "Add a key; it is shown once.")

    @Argument var name: String
    @Option(help: "administrator, operator, help-desk, author, campaigns, approver or viewer; may be repeated.", transform: Arguments.role)
    var role: [Role] = []
    @Option(help: "Single right such as messages:send; may be repeated.", transform: Arguments.scope)
    var scope: [AccessScope] = []
    @Option(help: "The account that it acts for.", transform: Arguments.address)
    var account: EmailAddress?
    @Option(help: "Address, @domain, *.domain or * that it may send as; may be repeated.", transform: Arguments.grant)
    var grant: [AddressGrant] = []
    @Option(help: "Requests a second, over time.")
    var requestsPerSecond: Int?
    @Option(help: "After how long it expires, such as 90d.", transform: Arguments.duration)
    var expiresIn: Duration?
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let operation = AddAPIKey(
            key: name, roles: role, scopes: scope, account: account, grants: grant, requestsPerSecondMax: requestsPerSecond,
            expiresAt: expiresIn.map { .now + $0 })
        let outcome = try await data.perform(operation, reason: reason.reason)
        if format.json { return try Output.json([outcome]) }
        Output.line("key \(name) added; this is its only showing:")
        Output.line(outcome.token)
    }
}
