import ArgumentParser
import OutboundPolicy
import PosternRuntime

struct AlertPoliciesList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the policies, one for each kind of alert.")

    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let policies = try await data.perform(ListAlertPolicies())
        try format.print(
            policies, ["KIND", "ON", "SEVERITY", "WINDOW", "QUIET", "A DAY", "MAIL", "WEBHOOKS", "SENDER", "BUILT IN"],
            empty: "No policies."
        ) {
            [
                $0.kind.rawValue, $0.on ? "yes" : "no", $0.severity.rawValue, "\($0.windowSeconds)s",
                $0.quietSeconds == 0 ? "never" : "\($0.quietSeconds)s", $0.noticesPerDay == 0 ? "any" : "\($0.noticesPerDay)",
                AlertPoliciesList.names($0.addresses, nil: "usual"), AlertPoliciesList.names($0.webhooks, nil: "all"),
                $0.tellsSender ? "told" : "", $0.builtIn ? "yes" : "no",
            ]
        }
    }

    private static func names(_ names: [String]?, nil standard: String) -> String {
        names.map { $0.isEmpty ? "none" : $0.joined(separator: " ") } ?? standard
    }
}
