package import MailModel
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

/// What senders' addresses can be rewritten by.
package protocol RewritingOwner: Sendable {
    associatedtype View: Codable & Sendable
    static var operation: String { get }
    static var scope: AccessScope { get }
    /// Throws where there is none of this name.
    static func put(_ rewriting: AddressRewriting?, on name: String, _ target: String, in administration: Administration, _ act: Act)
        async throws -> View
}

/// What comes in by a connector.
package enum ConnectorRewriting: RewritingOwner {
    package static let operation = "connectors.rewrite"
    package static let scope = AccessScope.connectorsWrite

    package static func put(
        _ rewriting: AddressRewriting?, on name: String, _ target: String, in administration: Administration, _ act: Act
    ) async throws -> ConnectorView {
        guard var found = try await administration.directory().connectors[name] else { throw AdministrationError.noSuch("connector", name) }
        found.rewriting = rewriting
        try await administration.put(.connector, name: name, found, entry: act.entry("connector.rewrite", target: target))
        return ConnectorView(found)
    }
}

/// What leaves by a route.
package enum RouteRewriting: RewritingOwner {
    package static let operation = "routes.rewrite"
    package static let scope = AccessScope.routesWrite

    package static func put(
        _ rewriting: AddressRewriting?, on name: String, _ target: String, in administration: Administration, _ act: Act
    ) async throws -> RouteView {
        guard var found = try await administration.directory().routes[name] else { throw AdministrationError.noSuch("route", name) }
        found.rewriting = rewriting
        return try await RouteView.put(found, in: administration, act, "route.rewrite", target)
    }
}

/// Says how senders' addresses are written by a connector or a route, in place of what was said before.
package struct SetRewriting<Owner: RewritingOwner>: AdministrativeOperation {
    package static var name: String { Owner.operation }
    package static var scope: AccessScope { Owner.scope }
    /// Of the connector or the route.
    package var name: String
    /// Tried in their order; empty for none.
    package var rules: [AddressRewriteRule]
    /// Nil: envelope and from.
    package var parts: [AddressRewriting.Part]?
    /// Nil: dropped.
    package var original: AddressRewriting.Original?

    package init(
        name: String, rules: [AddressRewriteRule], parts: [AddressRewriting.Part]? = nil, original: AddressRewriting.Original? = nil
    ) {
        self.name = name
        self.rules = rules
        self.parts = parts
        self.original = original
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> Owner.View {
        let rewriting = try AddressRewriting.checked(rules, parts, original)
        let target = "\(name): \(rules.map(\.description).joined(separator: " "))"
        return try await Owner.put(rewriting, on: name, target, in: administration, act)
    }
}

/// What becomes of a sender's address on its way in by a connector and out by a route.
package struct RewritingTestView: Codable, Hashable, Sendable {
    package struct Step: Codable, Hashable, Sendable {
        /// `connector printers`, `route office`.
        package var by: String
        /// The first that fits; empty for none.
        package var rule: String
        /// After it.
        package var address: String
    }

    package var address: String
    package var steps: [Step]
    /// As which it is handed on; empty where the route signs in nowhere, or no route was asked for.
    package var user: String
}

/// Says what a sender's address becomes. Nothing is sent.
package struct TestRewriting: AdministrativeOperation {
    package static let name = "rewriting.test"
    package static let scope = AccessScope.routesRead
    package var address: EmailAddress
    /// Nil: it came by none that rewrites.
    package var connector: String?
    /// Nil: as it is before a route.
    package var route: String?

    package init(address: EmailAddress, connector: String? = nil, route: String? = nil) {
        self.address = address
        self.connector = connector
        self.route = route
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> RewritingTestView {
        let directory = try await administration.directory()
        var view = RewritingTestView(address: address.description, steps: [], user: "")
        var address = address
        func rewrite(_ rewriting: AddressRewriting?, _ owner: String) {
            let rule = rewriting?.rule(for: address)
            address = rule?.replacement(of: address) ?? address
            view.steps.append(.init(by: owner, rule: rule?.description ?? "", address: address.description))
        }
        if let connector {
            guard let found = directory.connectors[connector] else {
                throw AdministrationError(.invalid, "there is no connector \(connector)")
            }
            rewrite(found.rewriting, "connector \(connector)")
        }
        if let route {
            guard let found = directory.routes[route] else { throw AdministrationError(.invalid, "there is no route \(route)") }
            let leaving = found.asIdentity(of: .address(address)) ?? found
            if case .smarthost(let hop) = leaving.kind { view.user = hop.userName ?? "" }
            rewrite(found.rewriting, "route \(route)")
        }
        return view
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
