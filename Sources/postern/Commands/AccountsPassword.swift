import ArgumentParser
import MailModel
import PosternRuntime

struct AccountsPassword: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "password", abstract: "Set an account's password; without --password-stdin one is made and shown once.")

    @Argument(transform: Arguments.address)
    var address: EmailAddress
    @Flag(help: "Read the password from standard input, one line.")
    var passwordStdin = false
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let password = passwordStdin ? try PasswordInput.read() : nil
        Accounts.show(
            try await data.perform(SetPassword(address: address, password: password), reason: reason.reason), "has a new password")
    }
}
