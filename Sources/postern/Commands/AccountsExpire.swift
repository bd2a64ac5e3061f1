import ArgumentParser
import MailModel
import PosternRuntime

struct AccountsExpire: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "expire", abstract: "Let an account send until a time; it can sign in after that, and send nothing.")

    @Argument(transform: Arguments.address)
    var address: EmailAddress
    @Argument(help: "A time (2026-12-31T18:00:00Z), a date (from its first moment in UTC on), or never.", transform: Arguments.expiry)
    var end: Expiry
    @OptionGroup var reason: ReasonOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let outcome = try await data.perform(SetAccountExpiry(address: address, expiresAt: end.time), reason: reason.reason)
        Accounts.show(outcome, outcome.account.expires.isEmpty ? "does not expire" : "sends until \(Output.time(outcome.account.expires))")
    }
}
