import ArgumentParser
import MailModel
import OutboundPolicy
import PosternRuntime

struct AccountsRoles: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "roles", abstract: "Say what an account may do at the console and by its API keys.")

    @Argument(transform: Arguments.address)
    var address: EmailAddress
    @Argument(help: "\(Role.allCases.map(\.rawValue).joined(separator: ", ")); none for own mail only.", transform: Arguments.role)
    var roles: [Role] = []
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let outcome = try await data.perform(SetAccountRoles(address: address, roles: roles), reason: reason.reason)
        Accounts.show(outcome, outcome.account.roles.isEmpty ? "has no role" : "is \(outcome.account.roles.joined(separator: ", "))")
    }
}
