import ArgumentParser
import MailModel
import PosternRuntime

struct AccountsSecondFactor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "second-factor", abstract: "One-time codes beside the password, at the console.",
        subcommands: [AccountsSecondFactorBegin.self, AccountsSecondFactorConfirm.self, AccountsSecondFactorRemove.self])
}

struct AccountsSecondFactorBegin: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "begin", abstract: "Make a secret for an authenticator, and recovery codes; shown once.")

    @Argument(transform: Arguments.address)
    var address: EmailAddress
    @OptionGroup var data: DataOptions

    func run() async throws {
        let outcome = try await data.perform(BeginSecondFactor(address: address))
        Output.line("Secret: \(outcome.secret)")
        Output.line(outcome.link)
        Output.line("Recovery codes, each for one sign-in:")
        for code in outcome.recoveryCodes { Output.line("  \(code)") }
        Output.line("It counts once `postern accounts second-factor confirm \(address) CODE` was told its first code.")
    }
}

struct AccountsSecondFactorConfirm: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "confirm", abstract: "Take the first code; from then on each sign-in asks for one.")

    @Argument(transform: Arguments.address)
    var address: EmailAddress
    @Argument(help: "Six digits.")
    var code: String
    @OptionGroup var data: DataOptions

    func run() async throws {
        _ = try await data.perform(ConfirmSecondFactor(address: address, code: code))
        Output.line("\(address) is asked for a code at each sign-in to the console")
    }
}

struct AccountsSecondFactorRemove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "For a lost device: the password alone opens the console again.")

    @Argument(transform: Arguments.address)
    var address: EmailAddress
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        _ = try await data.perform(RemoveSecondFactor(address: address), reason: reason.reason)
        Output.line("\(address) has no second factor any more")
    }
}
