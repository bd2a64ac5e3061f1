import MailModel
import OutboundPolicy

/// What preflight says about the limits that a route's mail is held to.
enum RouteLimits {
    static func step(_ route: Route, _ directory: Directory) -> RouteTestStep {
        let policies = directory.shaping.values.filter { !$0.isDisabled && ($0.scope.route ?? route.name) == route.name }
            .sorted { $0.name < $1.name }
        if !policies.contains(where: { $0.scope.route != nil }), let preset = preset(of: route) {
            return RouteTestStep(
                stage: "limits", ok: false, text: "No limit is set for this route, and its next host has some. \(preset.explanation)",
                advice: "Keep to them with `postern shaping preset \(preset.rawValue) \(route.name)`, so that they are never met.")
        }
        let texts = policies.map { "\($0.name): \(text($0.limits))" }
        return RouteTestStep(stage: "limits", ok: true, text: texts.isEmpty ? "No limit is set" : texts.joined(separator: "; "))
    }

    /// The preset that is made for a route's next host.
    private static func preset(of route: Route) -> ShapingPreset? {
        guard case .smarthost(let hop) = route.kind, let host = DomainName(hop.host) else { return nil }
        return ShapingPreset.usual(forHost: host)
    }

    private static func text(_ limits: ShapingLimits) -> String {
        let counts: [(Int?, String)] = [
            (limits.connections, "connections"), (limits.messagesPerConnection, "messages per connection"),
            (limits.recipientsPerMessage, "recipients per message"),
        ]
        let texts =
            counts.compactMap { count, what in count.map { "\($0) \(what)" } } + limits.rates.map(\.description)
            + limits.hours.map(\.description)
        return texts.joined(separator: ", ")
    }
}
