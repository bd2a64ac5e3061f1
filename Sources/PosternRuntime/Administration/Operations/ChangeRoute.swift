import DeliveryPlanning
package import MailModel
package import OutboundPolicy

/// Changes what is given of a route, and keeps the rest.
package struct ChangeRoute: AdministrativeOperation {
    package static let name = "routes.set"
    package static let scope = AccessScope.routesWrite
    package var route: String
    /// False: no mail takes it; what waits for it takes another.
    package var enabled: Bool?
    /// Of a smarthost.
    package var host: String?
    /// 1…65535.
    package var port: Int?
    /// As which it signs in; empty: it signs in no more.
    package var user: String?
    /// Kept sealed under the master key.
    package var password: String?
    /// In place of a password; its secret is kept sealed too.
    package var oauth: OAuthAccount?
    /// In place of those before; empty: all.
    package var senderDomains: [DomainName]?
    /// In place of those before; empty: all.
    package var recipientDomains: [DomainName]?
    package var order: Int?
    /// 1…1000.
    package var connections: Int?

    package init(
        route: String, enabled: Bool? = nil, host: String? = nil, port: Int? = nil, user: String? = nil, password: String? = nil,
        oauth: OAuthAccount? = nil, senderDomains: [DomainName]? = nil, recipientDomains: [DomainName]? = nil, order: Int? = nil,
        connections: Int? = nil
    ) {
        self.route = route
        (self.enabled, self.host, self.port, self.user) = (enabled, host, port, user)
        (self.password, self.oauth) = (password, oauth)
        (self.senderDomains, self.recipientDomains) = (senderDomains, recipientDomains)
        (self.order, self.connections) = (order, connections)
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> RouteView {
        let directory = try await administration.directory()
        guard var found = directory.routes[route] else { throw AdministrationError.noSuch("route", route) }
        if host != nil || port != nil || user != nil || password != nil || oauth != nil {
            guard case .smarthost(let hop) = found.kind else {
                throw invalid("mail leaves by it without another host", "Host, port, user and password are a smarthost's.")
            }
            found.kind = .smarthost(try changed(hop, in: administration))
        }
        if let senderDomains { found.senderDomains = senderDomains }
        if let recipientDomains { found.recipientDomains = recipientDomains }
        if let order { found.order = order }
        if let connections { found.connectionsMax = connections }
        if let enabled { found.isDisabled = !enabled }
        try AddRoute.checkNumbers(found)
        let verb = enabled.map { $0 ? "route.enable" : "route.disable" } ?? "route.set"
        try await administration.put(.route, name: route, found, entry: act.entry(verb, target: route))
        let views = RouteView.views(try await administration.directory(), at: act.at)
        return views.first { $0.name == route } ?? RouteView(found, isDefault: false, at: act.at)
    }

    /// What was kept of a secret goes to no other host and stands for no other user: whoever may change a route need not know it.
    private func changed(_ hop: NextHop, in administration: Administration) throws -> NextHop {
        var changed = hop
        let isNewSecret = password != nil || oauth != nil
        if let host, host != hop.host {
            guard hop.api == nil else { throw invalid("the host is the provider's", "Add another route for another host.") }
            guard hop.password == nil || isNewSecret, hop.identities?.contains(where: { $0.sealedPassword != nil }) != true else {
                throw invalid(
                    "what is kept of the password goes to no other host",
                    "Give it again; mailboxes with passwords of their own have to go first.")
            }
            changed.host = host
        }
        if let port {
            changed.port = port
            if hop.api == nil { changed.isImplicitTLS = port == 465 || (hop.isImplicitTLS && hop.port != 465) }
        }
        if let user, user != hop.userName ?? "" {
            guard user.isEmpty || hop.password == nil || hop.oauth != nil || isNewSecret else {
                throw invalid("the password is that of \(hop.userName ?? "")", "Give the password of \(user).")
            }
            changed.userName = user.isEmpty ? nil : user
        }
        if isNewSecret || changed.userName == nil { (changed.sealedPassword, changed.passwordFile, changed.oauth) = (nil, nil, nil) }
        guard DomainName(changed.host) != nil || IPAddress(changed.host) != nil, (1...65_535).contains(changed.port) else {
            throw invalid("\(changed) is no host and port", "Write it as relay.example.org, and a port of 1 to 65535.")
        }
        guard password == nil || oauth == nil else { throw invalid("tokens stand in place of a password", "Give one of them.") }
        let add = AddRoute(route: Route(name: route, kind: .builtIn, createdAt: .now), password: password, oauth: oauth)
        try add.seal(&changed, in: administration)
        guard (changed.userName == nil) == (changed.password == nil) else {
            throw changed.userName == nil
                ? invalid("a password goes with a user name", "Give the user name too.")
                : invalid("\(changed.userName ?? "") has no password", "Give its password, or how it gets tokens.")
        }
        let isSafe = changed.isImplicitTLS || changed.tls == .encrypt || changed.tls == .verify
        if changed.userName != nil, changed.api == nil, !isSafe { changed.tls = .verify }
        return changed
    }

    private func invalid(_ text: String, _ hint: String) -> AdministrationError {
        AdministrationError(.invalid, "route \(route): \(text)", hint)
    }
}
