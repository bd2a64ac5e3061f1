import MailModel
package import OutboundPolicy

/// A rewriting of senders' addresses as the command line and the HTTP interface show it.
package struct RewritingView: Codable, Hashable, Sendable {
    /// `root@*.local=postern@example.org`, in the order in which they are tried.
    package var rules: [String]
    package var parts: [AddressRewriting.Part]
    package var original: AddressRewriting.Original

    init(_ rewriting: AddressRewriting) {
        rules = rewriting.rules.map(\.description)
        parts = AddressRewriting.Part.allCases.filter(rewriting.parts.contains)
        original = rewriting.original
    }
}

extension AddressRewriting {
    /// Nil for none. Throws where it makes no sense.
    static func checked(_ rules: [AddressRewriteRule], _ parts: [Part]?, _ original: Original?) throws -> AddressRewriting? {
        guard !rules.isEmpty else {
            guard parts == nil, original == nil else {
                throw AdministrationError(.invalid, "no rule rewrites anything", "Give PATTERN=ADDRESS.")
            }
            return nil
        }
        guard rules.count <= rulesMax else {
            throw AdministrationError(.invalid, "\(rules.count) rules; at most \(rulesMax)", "Take patterns for more than one address.")
        }
        let rewriting = AddressRewriting(rules: rules, parts: parts.map(Set.init) ?? partsStandard, original: original ?? .dropped)
        guard !rewriting.parts.isEmpty else { throw AdministrationError(.invalid, "no part of a message is to be rewritten") }
        guard rewriting.original == .dropped || rewriting.parts.contains(.from) else {
            throw AdministrationError(.invalid, "From is not rewritten, so there is no original to keep")
        }
        return rewriting
    }
}

/// Says how senders' addresses are written in what leaves by a route, in place of what was said before.
package struct SetRouteRewriting: AdministrativeOperation {
    package static let name = "routes.rewrite"
    package static let scope = AccessScope.routesWrite
    package var route: String
    /// Tried in their order; empty for none.
    package var rules: [AddressRewriteRule]
    /// Nil: envelope and from.
    package var parts: [AddressRewriting.Part]?
    /// Nil: dropped.
    package var original: AddressRewriting.Original?

    package init(
        route: String, rules: [AddressRewriteRule], parts: [AddressRewriting.Part]? = nil, original: AddressRewriting.Original? = nil
    ) {
        self.route = route
        self.rules = rules
        self.parts = parts
        self.original = original
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> RouteView {
        guard var found = try await administration.directory().routes[route] else { throw AdministrationError.noSuch("route", route) }
        found.rewriting = try AddressRewriting.checked(rules, parts, original)
        return try await RouteView.put(
            found, in: administration, act, "route.rewrite", "\(route): \(rules.map(\.description).joined(separator: " "))")
    }
}

/// The same for what comes in by a connector.
package struct SetConnectorRewriting: AdministrativeOperation {
    package static let name = "connectors.rewrite"
    package static let scope = AccessScope.connectorsWrite
    package var connector: String
    /// Tried in their order; empty for none.
    package var rules: [AddressRewriteRule]
    /// Nil: envelope and from.
    package var parts: [AddressRewriting.Part]?
    /// Nil: dropped.
    package var original: AddressRewriting.Original?

    package init(
        connector: String, rules: [AddressRewriteRule], parts: [AddressRewriting.Part]? = nil, original: AddressRewriting.Original? = nil
    ) {
        self.connector = connector
        self.rules = rules
        self.parts = parts
        self.original = original
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> ConnectorView {
        guard var found = try await administration.directory().connectors[connector] else {
            throw AdministrationError.noSuch("connector", connector)
        }
        found.rewriting = try AddressRewriting.checked(rules, parts, original)
        let target = "\(connector): \(rules.map(\.description).joined(separator: " "))"
        try await administration.put(.connector, name: connector, found, entry: act.entry("connector.rewrite", target: target))
        return ConnectorView(found)
    }
}

extension RouteView {
    /// Puts a route that was changed.
    static func put(_ route: Route, in administration: Administration, _ act: Act, _ verb: String, _ target: String) async throws
        -> RouteView
    {
        try await administration.put(.route, name: route.name, route, entry: act.entry(verb, target: target))
        let views = views(try await administration.directory(), at: act.at)
        return views.first { $0.name == route.name } ?? RouteView(route, isDefault: false, at: act.at)
    }
}
