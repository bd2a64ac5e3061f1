import ArgumentParser
import MailModel
import OutboundPolicy
import PosternRuntime

struct AccountsAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Add an account; without --password-stdin a password is made and shown once.")

    @Argument(help: "The address it signs in with, and may always use.", transform: Arguments.address)
    var address: EmailAddress
    @Flag(help: "Read the password from standard input, one line.")
    var passwordStdin = false
    @Option(help: "Further address, @domain, *.domain or * that it may use; may be repeated.", transform: Arguments.grant)
    var grant: [AddressGrant] = []
    @Option(name: .customLong("class"), help: "personal, application or campaign.", transform: Arguments.trafficClass)
    var trafficClass: TrafficClass = .personal
    @Flag(help: "It may administer the gate: --role administrator.")
    var administrator = false
    @Option(help: "administrator, operator, help-desk, author, campaigns, approver or viewer; may be repeated.", transform: Arguments.role)
    var role: [Role] = []
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let password = passwordStdin ? try PasswordInput.read() : nil
        let roles = (administrator ? [.administrator] : []) + role
        let operation = AddAccount(
            address: address, password: password, grants: grant, roles: Role.allCases.filter(roles.contains).map(\.rawValue),
            trafficClass: trafficClass)
        Accounts.show(try await data.perform(operation, reason: reason.reason), "added")
    }
}
