import ArgumentParser
import PosternRuntime

struct Accounts: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Who signs in with a name and a password.",
        subcommands: [
            AccountsAdd.self, AccountsList.self, AccountsDisable.self, AccountsEnable.self, AccountsPassword.self, AccountsAppPassword.self,
            AccountsGrant.self, AccountsExpire.self, AccountsRoles.self, AccountsSecondFactor.self,
        ])

    static func show(_ outcome: AccountOutcome, _ done: String) {
        Output.line("\(outcome.account.address) \(done)")
        if let password = outcome.generatedPassword { Output.line("Password, shown this once: \(password)") }
    }
}
