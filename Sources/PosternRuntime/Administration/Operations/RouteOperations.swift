import DeliveryPlanning
package import MailModel
package import OutboundPolicy

/// A route as the command line shows it.
package struct RouteView: Codable, Hashable, Sendable {
    package var name: String
    /// `mx`, `built-in`, `smarthost`, `graph`, `gmail-api`.
    package var kind: String
    /// `host:port` of a smarthost; empty otherwise.
    package var host: String
    /// Of a smarthost, alone; nil otherwise.
    package var hostName: String?
    package var port: Int?
    package var order: Int
    package var senderDomains: [String]
    package var recipientDomains: [String]
    package var tls: String
    /// How it signs in at a smarthost: `password`, `oauth-microsoft`, `oauth-google`; nil where it does not.
    package var signIn: String?
    /// As which it signs in.
    package var user: String?
    /// Of the application at the provider.
    package var clientID: String?
    package var tenant: String?
    /// As whom the mail of which senders is handed on, in their order; empty for the user above only.
    package var identities: [RouteIdentityView] = []
    /// How senders' addresses are written; nil for as they come.
    package var rewriting: RewritingView?
    /// What a person should know about it; nil where there is nothing to say.
    package var notice: String?
    package var connections: Int
    /// Egress sources that its mail may leave from, the preferred first; empty for the default one only.
    package var sources: [String]
    /// The only pool whose mail it carries; nil: those of its sources.
    package var pool: String?
    /// True for the route that mail takes which meets no other route's conditions.
    package var isDefault: Bool
    package var disabled: Bool
    /// Why it stands still; nil where it does not.
    package var stop: StoppedRouteView?
    /// Those of its identities that stand still, while the others go on.
    package var stoppedIdentities: [StoppedRouteView] = []

    init(_ route: Route, isDefault: Bool, stop: StoppedRouteView? = nil, stops: [String: StoppedRouteView] = [:], at now: Timestamp) {
        self.stop = stop
        name = route.name
        order = route.order
        senderDomains = route.senderDomains.map(\.text)
        recipientDomains = route.recipientDomains.map(\.text)
        connections = route.connectionsMax
        pool = route.pool?.rawValue
        sources = route.sources
        disabled = route.isDisabled
        self.isDefault = isDefault
        rewriting = route.rewriting.map(RewritingView.init)
        switch route.kind {
        case .mx: (kind, host, tls) = ("mx", "", route.tls.rawValue)
        case .builtIn: (kind, host, tls) = ("built-in", "", TLSRequirement.none.rawValue)
        case .smarthost(let hop):
            (kind, host, tls) = (hop.api?.rawValue ?? "smarthost", hop.description, hop.tls.rawValue)
            (hostName, port) = (hop.host, hop.port)
            identities = (hop.identities ?? []).map(RouteIdentityView.init)
            stoppedIdentities = stops.values.sorted { $0.route < $1.route }
            user = hop.userName
            signIn = hop.oauth.map { "oauth-\($0.provider.rawValue)" } ?? hop.userName.map { _ in "password" }
            clientID = hop.oauth?.clientID
            tenant = hop.oauth?.tenant
            notice = hop.passwordNotice(at: now).map { "\($0) \(NextHop.passwordAdvice)" }
        }
    }

    /// In the order in which they are tried.
    static func views(_ directory: Directory, at now: Timestamp) -> [RouteView] {
        let sorted = directory.routes.values.sorted { ($0.order, $1.createdAt, $0.name) < ($1.order, $0.createdAt, $1.name) }
        let standard = sorted.first { $0.isUnconditional && !$0.isDisabled && directory.sources(of: $0, in: .normal) != nil }?.name
        return sorted.map { route in
            let stop = directory.upstreamStops[route.name].map { StoppedRouteView($0, at: now) }
            let identities = directory.upstreamStops.filter { $0.key.hasPrefix("\(route.name):") }.mapValues {
                StoppedRouteView($0, at: now)
            }
            return RouteView(route, isDefault: route.name == standard, stop: stop, stops: identities, at: now)
        }
    }
}

package struct AddRoute: AdministrativeOperation {
    package static let name = "routes.add"
    package static let scope = AccessScope.routesWrite
    /// `createdAt` is set when it is added.
    package var route: Route
    /// For the smarthost's user name; kept sealed under the master key.
    package var password: String?
    /// In place of a password; its secret is kept sealed too.
    package var oauth: OAuthAccount?

    package init(route: Route, password: String?, oauth: OAuthAccount? = nil) {
        self.route = route
        self.password = password
        self.oauth = oauth
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> RouteView {
        try check()
        let directory = try await administration.directory()
        guard directory.routes[route.name] == nil else { throw AdministrationError.exists("route", route.name) }
        try SetRouteSources.check(route, directory)
        var route = route
        route.createdAt = act.at
        if case .smarthost(var hop) = route.kind {
            try seal(&hop, in: administration)
            route.kind = .smarthost(hop)
        }
        try await administration.put(
            .route, name: route.name, route, mustBeNew: true, entry: act.entry("route.add", target: route.name))
        let views = RouteView.views(try await administration.directory(), at: act.at)
        return views.first { $0.name == route.name } ?? RouteView(route, isDefault: false, at: act.at)
    }

    /// With the password or the tokens, where there are any; what the hop has of the other has to be gone.
    func seal(_ hop: inout NextHop, in administration: Administration) throws {
        guard password != nil || oauth != nil else { return }
        guard let vault = administration.vault else {
            throw AdministrationError(
                .failed, "\(administration.dataDirectory.masterKey) is missing",
                "Run `postern init --data \(administration.dataDirectory)`.")
        }
        if let oauth {
            let reading = try OAuthReading(oauth)
            hop.oauth = reading.credential
            if let api = hop.api { hop.oauth?.askedScope = RouteAPI.scope(api, host: hop.host) }
            hop.oauth?.sealedSecrets = try vault.seal(
                Array(try JSONText.data(reading.secrets)), context: OAuthSecrets.context(route: route.name))
        } else if let password {
            hop.sealedPassword = try vault.seal(Array(password.utf8), context: KeyVault.context(route: route.name))
        }
    }

    private func check() throws {
        try ObjectName.check(route.name, of: "route")
        try AddRoute.checkNumbers(route)
        guard case .smarthost(let hop) = route.kind else {
            guard password == nil, oauth == nil else {
                throw AdministrationError(.invalid, "route \(route.name): only a smarthost takes a user name and password")
            }
            return
        }
        try check(hop)
    }

    static func checkNumbers(_ route: Route) throws {
        guard (1...1000).contains(route.connectionsMax), (1...100_000).contains(route.messagesPerConnectionMax),
            (1...1000).contains(route.recipientsPerTransactionMax)
        else {
            throw AdministrationError(
                .invalid, "route \(route.name): a number is out of its range",
                "Connections 1…1000, messages for each connection 1…100000, recipients for each transaction 1…1000.")
        }
    }

    private func check(_ hop: NextHop) throws {
        guard (1...65_535).contains(hop.port), IPAddress(hop.host) != nil || DomainName(hop.host) != nil else {
            throw AdministrationError(.invalid, "\(hop) is no host and port", "Write it as relay.example.org:587.")
        }
        guard hop.oauth == nil, password == nil || oauth == nil else {
            throw AdministrationError(.invalid, "route \(route.name): tokens stand in place of a password", "Give one of them.")
        }
        guard (hop.userName == nil) == (password == nil && oauth == nil) else {
            throw AdministrationError(
                .invalid, "route \(route.name): a user name goes with a password or with OAuth", "Give both or neither.")
        }
        if let api = hop.api { return try RouteAPI.check(route, hop, api, oauth) }
        let isPlaintextAllowed = hop.tls == .none || hop.tls == .opportunistic
        guard hop.userName == nil || hop.isImplicitTLS || !isPlaintextAllowed else {
            throw AdministrationError(
                .invalid, "route \(route.name): the \(oauth == nil ? "password" : "token") could go out in the clear",
                "Add --tls encrypt or --tls verify.")
        }
    }
}

package struct ListRoutes: AdministrativeOperation {
    package static let name = "routes.list"
    package static let scope = AccessScope.routesRead
    package init() {}

    package func perform(in administration: Administration, _ act: Act) async throws -> [RouteView] {
        RouteView.views(try await administration.directory(), at: act.at)
    }
}

package struct RemoveRoute: AdministrativeOperation {
    package static let name = "routes.remove"
    package static let scope = AccessScope.routesWrite
    package var route: String

    package init(route: String) { self.route = route }

    package func perform(in administration: Administration, _ act: Act) async throws -> Affected {
        let directory = try await administration.directory()
        guard directory.routes[route] != nil else { throw AdministrationError.noSuch("route", route) }
        if let connector = directory.connectors.values.first(where: { $0.onlyRoute == route }) {
            throw AdministrationError(
                .conflict, "connector \(connector.name) may go by route \(route) only", "Remove the connector first.")
        }
        try await administration.remove(.route, name: route, entry: act.entry("route.remove", target: route))
        // Another route of that name is another account.
        for name in directory.upstreamStops.keys.sorted() where name == route || name.hasPrefix("\(route):") {
            try await administration.remove(.upstreamStop, name: name, entry: act.entry("upstream.remove", target: name))
        }
        return Affected(count: 1)
    }
}

extension Administration {
    /// A route that can be tried by a gate that runs. By MX, it takes a recipient whose domain is tried.
    fileprivate func triable(_ route: String, for recipient: EmailAddress?) async throws -> (any LiveGate, Route, Directory) {
        let directory = try await directory()
        guard let found = directory.routes[route] else { throw AdministrationError.noSuch("route", route) }
        if found.kind == .mx, recipient == nil {
            throw AdministrationError(
                .invalid, "route \(route) goes by MX", "Give --recipient with an address whose domain is to be tried.")
        }
        guard let live else {
            throw AdministrationError(.unavailable, "no gate runs on \(dataDirectory)", "Start it with `postern serve`.")
        }
        return (live, found, directory)
    }
}

package struct TestRoute: AdministrativeOperation {
    package static let name = "routes.test"
    package static let scope = AccessScope.routesTest
    package var route: String
    /// Whose domain to try, for a route by MX.
    package var recipient: EmailAddress?

    package init(route: String, recipient: EmailAddress?) {
        self.route = route
        self.recipient = recipient
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> [RouteTestStep] {
        let (live, _, _) = try await administration.triable(route, for: recipient)
        return try await live.testRoute(route, recipient: recipient)
    }
}

/// The whole way up to a recipient, with the step that is missing. No message is sent.
package struct PreflightRoute: AdministrativeOperation {
    package static let name = "routes.preflight"
    package static let scope = AccessScope.routesTest
    package var route: String
    /// Nil: the name as which the route signs in.
    package var sender: EmailAddress?
    /// Nil: the same. For a route by MX, its domain is tried.
    package var recipient: EmailAddress?

    package init(route: String, sender: EmailAddress? = nil, recipient: EmailAddress? = nil) {
        self.route = route
        self.sender = sender
        self.recipient = recipient
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> [RouteTestStep] {
        let (live, found, directory) = try await administration.triable(route, for: recipient)
        let steps = try await live.preflightRoute(route, sender: sender, recipient: recipient)
        let limits = steps.allSatisfy(\.ok) ? [RouteLimits.step(found, directory)] : []
        return PreflightRoute.notices(of: found, at: act.at) + steps + limits
    }

    /// What is well now, and will not stay so.
    private static func notices(of route: Route, at now: Timestamp) -> [RouteTestStep] {
        guard case .smarthost(let hop) = route.kind, let notice = hop.passwordNotice(at: now) else { return [] }
        return [RouteTestStep(stage: "notice", ok: true, text: notice, advice: NextHop.passwordAdvice, warning: true)]
    }
}
