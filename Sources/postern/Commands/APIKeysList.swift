import ArgumentParser
import OutboundPolicy
import PosternRuntime

struct APIKeysList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the keys, without their secrets.")

    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let keys = try await data.perform(ListAPIKeys())
        try format.print(keys, ["NAME", "ROLES", "SCOPES", "ACCOUNT", "MAY SEND AS", "EXPIRES", "STATE"], empty: "There are no keys.") {
            [
                $0.name, $0.roles.map(\.rawValue).joined(separator: ","), Output.cut($0.scopes.map(\.rawValue).joined(separator: ","), 40),
                $0.account, Output.cut($0.grants.joined(separator: ","), 40), $0.expires.map(Output.time) ?? "never",
                $0.disabled ? "disabled" : "valid",
            ]
        }
    }
}
