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
    @Flag(help: "It may administer the gate.")
    var administrator = false
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let password = passwordStdin ? try PasswordInput.read() : nil
        let operation = AddAccount(
            address: address, password: password, grants: grant, roles: administrator ? ["administrator"] : [], trafficClass: trafficClass)
        Accounts.show(try await data.perform(operation, reason: reason.reason), "added")
    }
}
