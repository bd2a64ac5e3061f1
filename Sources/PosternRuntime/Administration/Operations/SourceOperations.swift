import DeliveryPlanning
import MailModel
package import OutboundPolicy
import Storage

/// An egress source as the command line and the HTTP interface show it.
package struct SourceView: Codable, Hashable, Sendable {
    package enum State: String, Codable, CaseIterable, Hashable, Sendable {
        case available
        /// No running node has it.
        case unreachable
        case disabled
    }

    package var name: String
    /// The address to connect from; empty where the system picks.
    package var ipv4: String
    package var ipv6: String
    /// As which receivers see it, where that is not its own address.
    package var publicAddresses: [String]
    /// In EHLO; empty for each node's own.
    package var helloName: String
    /// `socks5 192.0.2.1:1080`; empty where it leaves from the node itself.
    package var proxy: String
    package var state: State
    /// Names of the running nodes that use it.
    package var nodes: [String]
    /// When a node that had it was last heard of, where none has it now; else empty.
    package var lastSeen: String
    /// Routes that allow it.
    package var routes: [String]
    /// Recipients that can leave only from it, or from others that no node has either.
    package var waiting: Int
    /// Where it sends nothing for a while, since a rule met a reply that asks for that.
    package var stepsAside: [StepsAside]
    package var disabled: Bool
    package var pool: String
    /// Its share beside the other sources of a route; 0 where it has none.
    package var weight: Int

    package struct StepsAside: Codable, Hashable, Sendable {
        /// A provider, a site, or a smarthost.
        package var destination: String
        package var since: String
        package var until: String
        package var rule: String
        /// What the receiver said.
        package var reply: String
        /// True where its mail takes the route's other sources meanwhile.
        package var otherSources: Bool
    }

    init(_ source: EgressSource, _ facts: SourceFacts) {
        name = source.name
        ipv4 = source.ipv4?.description ?? ""
        ipv6 = source.ipv6?.description ?? ""
        publicAddresses = source.publicAddresses?.map(\.description) ?? []
        helloName = source.helloName?.text ?? ""
        disabled = source.isDisabled
        (pool, weight) = ((source.pool ?? .normal).rawValue, source.weight ?? 0)
        proxy = source.proxy?.description ?? ""
        let running = facts.nodes.filter { $0.state == .running }
        nodes = running.filter { source.isStandard || $0.sources.contains(source.name) }.map(\.name)
        state = source.isDisabled ? .disabled : nodes.isEmpty && !source.isStandard ? .unreachable : .available
        let seen = facts.nodes.filter { $0.sources.contains(source.name) }.map(\.seenAt).max()
        lastSeen = state == .unreachable ? seen?.rfc3339 ?? "" : ""
        let allowing = facts.directory.routes.values.filter {
            $0.sources.isEmpty ? source.isStandard : $0.sources.contains(source.name)
        }
        routes = allowing.map(\.name).sorted()
        stepsAside = facts.directory.deliveryHolds.values.filter { $0.until > facts.now }.sorted { $0.key < $1.key }.compactMap { hold in
            let destination: String
            switch hold.subject {
            case .destination(let name, source.name): destination = name
            case .source(source.name): destination = "all"
            default: return nil
            }
            return StepsAside(
                destination: destination, since: hold.since.rfc3339, until: hold.until.rfc3339, rule: hold.rule,
                reply: hold.reply.description, otherSources: hold.allowsOtherSources ?? false)
        }
        waiting =
            source.isStandard
            ? 0
            : allowing.reduce(0) { sum, route in
                sum + SourceTable.lists(of: route, naming: source, facts.directory).reduce(0) { $0 + (facts.waiting[$1] ?? 0) }
            }
    }
}

/// What views of sources are made from.
struct SourceFacts: Sendable {
    var directory: Directory
    var nodes: [NodeRow]
    var waiting: [Int32: Int]
    var now: Timestamp

    static func read(in administration: Administration, at now: Timestamp) async throws -> SourceFacts {
        try await administration.store.read {
            SourceFacts(directory: try $0.directory(), nodes: try $0.nodes(at: now), waiting: try $0.waitingForSources(), now: now)
        }
    }

    func view(_ source: EgressSource) -> SourceView { SourceView(source, self) }
}

package struct AddSource: AdministrativeOperation {
    package static let name = "sources.add"
    package static let scope = AccessScope.routesWrite
    /// `createdAt` is set when it is added.
    package var source: EgressSource
    /// For its proxy's user name; kept sealed under the master key.
    package var proxyPassword: String?

    package init(source: EgressSource, proxyPassword: String? = nil) {
        self.source = source
        self.proxyPassword = proxyPassword
    }

    private static let sourcesMax = 1000

    package func perform(in administration: Administration, _ act: Act) async throws -> SourceView {
        try check()
        let directory = try await administration.directory()
        guard directory.sources[source.name] == nil, source.name != EgressSource.standardName else {
            throw AdministrationError.exists("source", source.name)
        }
        guard directory.sources.count < AddSource.sourcesMax else {
            throw AdministrationError(.conflict, "there are \(AddSource.sourcesMax) sources already", "Remove one first.")
        }
        var source = source
        source.createdAt = act.at
        if let proxyPassword {
            guard let vault = administration.vault else {
                throw AdministrationError(
                    .failed, "\(administration.dataDirectory.masterKey) is missing",
                    "Run `postern init --data \(administration.dataDirectory)`.")
            }
            let context = KeyVault.context(route: EgressSource.secretRoute(source.name))
            source.proxy?.sealedPassword = try vault.seal(Array(proxyPassword.utf8), context: context)
        }
        try await administration.put(
            .source, name: source.name, source, mustBeNew: true, entry: act.entry("source.add", target: source.name))
        return try await SourceFacts.read(in: administration, at: act.at).view(source)
    }

    private func check(_ proxy: EgressProxy) throws {
        let isSignedIn = proxy.userName != nil
        let isRight = (1...65_535).contains(proxy.port) && !proxy.address.isUnspecified && isSignedIn == (proxyPassword != nil)
        let texts = [proxy.userName, proxyPassword].compactMap { $0 }
        guard isRight, proxy.kind == .socks5 || !isSignedIn, texts.allSatisfy({ (1...255).contains($0.utf8.count) }),
            proxy.sealedPassword == nil
        else {
            throw AdministrationError(
                .invalid, "source \(source.name): its proxy is not one",
                "Give --socks5 ADDRESS:PORT, with --proxy-user and --proxy-password-stdin or neither, or --haproxy ADDRESS:PORT.")
        }
    }

    private func check() throws {
        try ObjectName.check(source.name, of: "source")
        if let proxy = source.proxy {
            try check(proxy)
        } else if proxyPassword != nil {
            throw AdministrationError(.invalid, "source \(source.name) has no proxy that would take a password")
        }
        guard source.ipv4 != nil || source.ipv6 != nil || source.helloName != nil || source.proxy != nil else {
            throw AdministrationError(
                .invalid, "source \(source.name) has neither an address nor a name for EHLO", "It would be the default source.")
        }
        guard source.ipv4?.isV6 != true, source.ipv6?.isV6 != false, source.addresses.allSatisfy({ !$0.isUnspecified }) else {
            throw AdministrationError(
                .invalid, "source \(source.name): an address is of the wrong family, or means any",
                "Give --ipv4 192.0.2.1 or --ipv6 2001:db8::1.")
        }
    }
}

package struct ListSources: AdministrativeOperation {
    package static let name = "sources.list"
    package static let scope = AccessScope.routesRead
    package init() {}

    /// The default source first.
    package func perform(in administration: Administration, _ act: Act) async throws -> [SourceView] {
        let facts = try await SourceFacts.read(in: administration, at: act.at)
        return ([.standard] + facts.directory.sources.values.sorted { $0.name < $1.name }).map(facts.view)
    }
}

package struct SetSourceEnabled: AdministrativeOperation {
    package static let name = "sources.enable"
    package static let scope = AccessScope.routesWrite
    package var source: String
    package var isEnabled: Bool

    package init(source: String, isEnabled: Bool) {
        self.source = source
        self.isEnabled = isEnabled
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> SourceView {
        guard var found = try await administration.directory().sources[source] else { throw AdministrationError.noSuch("source", source) }
        found.isDisabled = !isEnabled
        try await administration.put(
            .source, name: source, found, entry: act.entry(isEnabled ? "source.enable" : "source.disable", target: source))
        return try await SourceFacts.read(in: administration, at: act.at).view(found)
    }
}

package struct RemoveSource: AdministrativeOperation {
    package static let name = "sources.remove"
    package static let scope = AccessScope.routesWrite
    package var source: String

    package init(source: String) { self.source = source }

    package func perform(in administration: Administration, _ act: Act) async throws -> Affected {
        let directory = try await administration.directory()
        guard directory.sources[source] != nil else { throw AdministrationError.noSuch("source", source) }
        if let route = directory.routes.values.filter({ $0.sources.contains(source) }).map(\.name).min() {
            throw AdministrationError(
                .conflict, "route \(route) may use source \(source)", "Give it others first: `postern routes sources \(route) …`.")
        }
        try await administration.remove(.source, name: source, entry: act.entry("source.remove", target: source))
        return Affected(count: 1)
    }
}

package struct SetRouteSources: AdministrativeOperation {
    package static let name = "routes.sources"
    package static let scope = AccessScope.routesWrite
    package var route: String
    /// The preferred first; empty for the default source only.
    package var sources: [String]

    package init(route: String, sources: [String]) {
        self.route = route
        self.sources = sources
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> RouteView {
        let directory = try await administration.directory()
        guard var found = directory.routes[route] else { throw AdministrationError.noSuch("route", route) }
        found.sources = sources
        try SetRouteSources.check(found, directory)
        try await administration.put(
            .route, name: route, found, entry: act.entry("route.sources", target: "\(route): \(sources.joined(separator: " "))"))
        let views = RouteView.views(try await administration.directory(), at: act.at)
        return views.first { $0.name == route } ?? RouteView(found, isDefault: false, at: act.at)
    }

    private static let sourcesMax = 20

    /// Whether a route may name the sources that it names.
    static func check(_ route: Route, _ directory: Directory) throws {
        guard !route.sources.isEmpty else { return }
        guard route.kind != .builtIn else {
            throw AdministrationError(.invalid, "route \(route.name) leads to the receiver inside Postern and leaves from no source")
        }
        guard route.sources.count <= sourcesMax, Set(route.sources).count == route.sources.count else {
            throw AdministrationError(
                .invalid, "route \(route.name): its sources are not \(sourcesMax) different ones at most")
        }
        for name in route.sources where directory.sources[name] == nil && name != EgressSource.standardName {
            throw AdministrationError.noSuch("source", name)
        }
    }
}
