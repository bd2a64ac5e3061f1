import ArgumentParser
import PosternRuntime

struct AccountsList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the accounts.")

    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let accounts = try await data.perform(ListAccounts())
        try format.print(accounts, ["ADDRESS", "STATE", "CLASS", "ROLES", "MAY ALSO USE", "APP PASSWORDS"], empty: "No accounts.") {
            [
                $0.address, $0.disabled ? "disabled" : "enabled", $0.trafficClass, $0.roles.joined(separator: ","),
                Output.cut($0.grants.joined(separator: " "), 60), Output.cut($0.appPasswords.joined(separator: ", "), 40),
            ]
        }
    }
}
