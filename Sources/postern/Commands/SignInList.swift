import ArgumentParser
import PosternRuntime

struct SignInList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the providers.")

    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let rows = try await data.perform(ListSignInProviders())
        try format.print(
            rows, ["NAME", "ISSUER", "CLIENT", "ADDRESS FROM", "GROUPS FROM", "MAKES ACCOUNTS", "ENDS PASSWORDS", "STATE"],
            empty: "No providers. People sign in by password."
        ) { row in
            [
                row.name, row.issuer, row.clientID, row.addressClaim, row.groupsClaim ?? "", row.createsAccounts ? "yes" : "no",
                row.endsPasswords ? "yes" : "no", row.disabled ? "off" : "on",
            ]
        }
    }
}

struct SignInCheck: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Ask a provider for its description and keys, as a sign-in does.")

    @Argument var name: String
    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let check = try await data.perform(CheckSignInProvider(provider: name))
        try format.print([check], ["RESULT", "KEYS", "SIGN-OUT", "WHAT"], empty: "") {
            [$0.ok ? "ok" : "failed", "\($0.keys)", $0.offersSignOut ? "offered" : "not offered", $0.text]
        }
        if !check.ok { throw ExitCode(CommandExit.failed.rawValue) }
    }
}
