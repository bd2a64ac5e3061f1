import MailModel
import OutboundPolicy
import PosternRuntime

/// What the demo needs in the directory: its connector, and the route that the connector is tied to.
enum DemoSetup {
    static let connector = "demo"
    static let route = "built-in"

    static func perform(_ data: DataOptions) async throws {
        let reason = "made for the demo"
        if try await !data.perform(ListRoutes()).contains(where: { $0.name == route }) {
            // Last of all, so that the demo never becomes anyone's default route.
            var builtIn = Route(name: route, kind: .builtIn, createdAt: .now)
            builtIn.order = 1_000_000
            _ = try await data.perform(AddRoute(route: builtIn, password: nil), reason: reason)
        }
        if let existing = try await data.perform(ListConnectors()).first(where: { $0.name == connector }) {
            guard existing.route == route, existing.plaintext, existing.grants == ["*"], !existing.disabled else {
                throw AdministrationError(
                    .conflict, "there is a connector demo of another make", "Remove it with `postern connectors remove demo`.")
            }
            return
        }
        var made = Connector(name: connector)
        made.networks = ["127.0.0.1", "::1"].compactMap { IPNetwork($0) }
        made.allowsPlaintext = true
        made.grants = [.any]
        made.onlyRoute = route
        _ = try await data.perform(AddConnector(connector: made), reason: reason)
    }
}
