import ArgumentParser
import PosternRuntime

struct RoutesList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the routes in the order in which they are tried.")

    @OptionGroup var format: FormatOptions
    @OptionGroup var data: DataOptions

    func run() async throws {
        let routes = try await data.perform(ListRoutes())
        try format.print(
            routes, ["NAME", "KIND", "HOST", "SENDERS", "RECIPIENTS", "TLS", "SIGN-IN", "SOURCES", "CONNECTIONS", "DEFAULT", "STOPPED"],
            empty: "No routes: all mail waits."
        ) {
            [
                $0.name, $0.kind, $0.host, domains($0.senderDomains), domains($0.recipientDomains), $0.tls, $0.signIn ?? "",
                $0.sources.isEmpty ? "default" : Output.cut($0.sources.joined(separator: " "), 40), "\($0.connections)",
                $0.isDefault ? "yes" : "", $0.stop.map { "\($0.cause) since \(Output.time($0.since))" } ?? "",
            ]
        }
    }

    private func domains(_ names: [String]) -> String { names.isEmpty ? "all" : Output.cut(names.joined(separator: " "), 40) }
}
