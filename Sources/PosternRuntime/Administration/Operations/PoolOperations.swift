package import MailModel
package import OutboundPolicy

/// An egress pool as the command line, the HTTP interface and the console show it.
package struct PoolView: Codable, Hashable, Sendable {
    package struct Source: Codable, Hashable, Sendable {
        package var route: String
        /// Empty: the route's own account, or the default source.
        package var source: String
        /// Its share beside the others of the route; 0 where it has none.
        package var weight: Int
        package var state: SourceView.State
    }

    package var pool: String
    /// What leaves by it.
    package var carries: String
    package var sources: [Source]
    /// What becomes of its mail where it has no source; empty where it has one.
    package var warning: String

    init(_ pool: EgressPool, _ facts: SourceFacts) {
        self.pool = pool.rawValue
        carries = PoolView.words(pool)
        let routes = facts.directory.routes.values.filter { !$0.isDisabled }.sorted { ($0.order, $0.name) < ($1.order, $1.name) }
        sources = routes.flatMap { route -> [Source] in
            guard let names = facts.directory.sources(of: route, in: pool) else { return [] }
            if names.isEmpty { return [Source(route: route.name, source: "", weight: 0, state: .available)] }
            return names.map { name in
                let source = facts.directory.sources[name] ?? .standard
                return Source(route: route.name, source: name, weight: source.weight ?? 0, state: facts.view(source).state)
            }
        }
        warning = sources.contains { $0.state != .disabled } ? "" : PoolView.warning(pool)
    }

    private static func words(_ pool: EgressPool) -> String {
        switch pool {
        case .normal: "All mail that nothing speaks against."
        case .highRisk: "Mail judged spam, and reports on mail that could not be delivered."
        case .relay: "Mail of others that a connector passes on, where neither SPF nor DKIM passed."
        }
    }

    private static func warning(_ pool: EgressPool) -> String {
        switch pool {
        case .normal: "No route carries usual mail; it is tried again until it expires."
        case .highRisk: "It has no source: mail judged spam is held, and reports leave by the normal pool, a few a minute."
        case .relay: "It has no source: that mail leaves by the normal pool."
        }
    }
}

package struct ListPools: AdministrativeOperation {
    package static let name = "pools.list"
    package static let scope = AccessScope.routesRead
    package init() {}

    package func perform(in administration: Administration, _ act: Act) async throws -> [PoolView] {
        let facts = try await SourceFacts.read(in: administration, at: act.at)
        return EgressPool.allCases.map { PoolView($0, facts) }
    }
}

package struct SetSourcePool: AdministrativeOperation {
    package static let name = "sources.pool"
    package static let scope = AccessScope.routesWrite
    package var source: String
    package var pool: EgressPool
    /// Its share beside the other sources of a route; nil for none, then a route's first living source takes all.
    package var weight: Int?

    package init(source: String, pool: EgressPool, weight: Int? = nil) {
        self.source = source
        self.pool = pool
        self.weight = weight
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> SourceView {
        guard var found = try await administration.directory().sources[source] else { throw AdministrationError.noSuch("source", source) }
        guard weight.map((1...1000).contains) ?? true else {
            throw AdministrationError(.invalid, "source \(source): its weight is not from 1 to 1000")
        }
        found.pool = pool == .normal ? nil : pool
        found.weight = weight
        let target = "\(source): \(pool.rawValue)" + (weight.map { ", weight \($0)" } ?? "")
        try await administration.put(.source, name: source, found, entry: act.entry("source.pool", target: target))
        return try await SourceFacts.read(in: administration, at: act.at).view(found)
    }
}

package struct SetRoutePool: AdministrativeOperation {
    package static let name = "routes.pool"
    package static let scope = AccessScope.routesWrite
    package var route: String
    /// Nil: the pools of its sources.
    package var pool: EgressPool?

    package init(route: String, pool: EgressPool?) {
        self.route = route
        self.pool = pool
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> RouteView {
        guard var found = try await administration.directory().routes[route] else { throw AdministrationError.noSuch("route", route) }
        found.pool = pool
        try await administration.put(
            .route, name: route, found, entry: act.entry("route.pool", target: "\(route): \(pool?.rawValue ?? "as its sources")"))
        let views = RouteView.views(try await administration.directory(), at: act.at)
        return views.first { $0.name == route } ?? RouteView(found, isDefault: false, at: act.at)
    }
}
