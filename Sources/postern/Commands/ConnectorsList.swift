import ArgumentParser
import PosternRuntime

struct ConnectorsList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the connectors.")

    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let connectors = try await data.perform(ListConnectors())
        try format.print(connectors, ["NAME", "FROM", "TLS", "MAY USE", "SENDER IS", "ROUTE", "CLASS"], empty: "No connectors.") {
            [
                $0.name, Output.cut(($0.networks + $0.certificates.map { "cert \($0.prefix(12))…" }).joined(separator: " "), 60),
                $0.plaintext ? "optional" : "required", Output.cut($0.grants.joined(separator: " "), 50), $0.senderIdentity, $0.route,
                $0.trafficClass,
            ]
        }
    }
}
