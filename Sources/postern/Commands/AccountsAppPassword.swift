import ArgumentParser
import MailModel
import PosternRuntime

struct AccountsAppPassword: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "app-password", abstract: "Passwords for one device or program, which can be withdrawn alone.",
        subcommands: [Add.self, Remove.self])

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make an app password; it is shown once.")

        @Argument(transform: Arguments.address)
        var address: EmailAddress
        @Option(help: "What it is for: \"scanner, 2nd floor\".")
        var label: String
        @OptionGroup var reason: ReasonOptions
        @OptionGroup var data: DataOptions

        func run() async throws {
            let outcome = try await data.perform(AddAppPassword(address: address, label: label), reason: reason.reason)
            Accounts.show(outcome, "has an app password for \(label)")
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Withdraw an app password.")

        @Argument(transform: Arguments.address)
        var address: EmailAddress
        @Option(help: "As `accounts list` shows it.")
        var label: String
        @OptionGroup var reason: ReasonOptions
        @OptionGroup var data: DataOptions

        func run() async throws {
            let outcome = try await data.perform(RemoveAppPassword(address: address, label: label), reason: reason.reason)
            Accounts.show(outcome, "no longer has the app password for \(label)")
        }
    }
}
