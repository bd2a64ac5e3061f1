import MailModel
package import OutboundPolicy

/// As whom a route hands on the mail of some senders.
package struct RouteIdentityView: Codable, Hashable, Sendable {
    /// Of envelope senders.
    package var pattern: String
    /// `{sender}` for the sender's own address.
    package var user: String
    /// True where it has a password of its own; else the route's application acts for it.
    package var hasPassword: Bool

    init(_ identity: HopIdentity) {
        pattern = identity.pattern.description
        user = identity.userName
        hasPassword = identity.sealedPassword != nil
    }
}

/// Has a route hand on the mail of some senders as another mailbox; in place of what the same pattern said before, or last.
package struct SetRouteIdentity: AdministrativeOperation {
    package static let name = "routes.identity"
    package static let scope = AccessScope.routesWrite
    package var route: String
    package var pattern: AddressPattern
    /// `{sender}` for the sender's own address.
    package var user: String
    /// Nil: the route's application acts for the mailbox.
    package var password: String?

    package init(route: String, pattern: AddressPattern, user: String, password: String? = nil) {
        self.route = route
        self.pattern = pattern
        self.user = user
        self.password = password
    }

    private static let identitiesMax = 10_000

    package func perform(in administration: Administration, _ act: Act) async throws -> RouteView {
        guard var found = try await administration.directory().routes[route] else { throw AdministrationError.noSuch("route", route) }
        guard case .smarthost(var hop) = found.kind, hop.userName != nil else {
            throw AdministrationError(.invalid, "route \(route) signs in nowhere", "Add it with --user, for all other senders.")
        }
        var identity = HopIdentity(pattern: pattern, userName: user)
        guard !user.isEmpty, user.utf8.count <= 320, user.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
            throw AdministrationError(.invalid, "\"\(user)\" is no user name")
        }
        if let password {
            guard user != HopIdentity.sender else {
                throw AdministrationError(.invalid, "one password is not that of every sender", "\(HopIdentity.sender) wants --oauth.")
            }
            guard hop.api == nil else { throw AdministrationError(.invalid, "route \(route) takes no passwords") }
            guard let vault = administration.vault else {
                throw AdministrationError(
                    .failed, "\(administration.dataDirectory.masterKey) is missing",
                    "Run `postern init --data \(administration.dataDirectory)`.")
            }
            identity.sealedPassword = try vault.seal(Array(password.utf8), context: KeyVault.context(route: route))
        } else {
            guard let oauth = hop.oauth, oauth.grant != .refreshToken else {
                throw AdministrationError(
                    .invalid, "route \(route) has no application that may act for other mailboxes", "Give --password-stdin.")
            }
        }
        var identities = hop.identities ?? []
        if let known = identities.firstIndex(where: { $0.pattern == pattern }) {
            identities[known] = identity
        } else {
            identities.append(identity)
        }
        guard identities.count <= SetRouteIdentity.identitiesMax else {
            throw AdministrationError(.conflict, "there are \(SetRouteIdentity.identitiesMax) identities already", "Remove one first.")
        }
        hop.identities = identities
        found.kind = .smarthost(hop)
        return try await RouteView.put(found, in: administration, act, "route.identity", "\(route): \(pattern) as \(user)")
    }
}

package struct RemoveRouteIdentity: AdministrativeOperation {
    package static let name = "routes.identity-remove"
    package static let scope = AccessScope.routesWrite
    package var route: String
    package var pattern: AddressPattern

    package init(route: String, pattern: AddressPattern) {
        self.route = route
        self.pattern = pattern
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> Affected {
        guard var found = try await administration.directory().routes[route] else { throw AdministrationError.noSuch("route", route) }
        guard case .smarthost(var hop) = found.kind, let known = hop.identities?.firstIndex(where: { $0.pattern == pattern }) else {
            throw AdministrationError.noSuch("identity", "\(pattern) of route \(route)")
        }
        hop.identities?.remove(at: known)
        if hop.identities?.isEmpty == true { hop.identities = nil }
        found.kind = .smarthost(hop)
        _ = try await RouteView.put(found, in: administration, act, "route.identity-remove", "\(route): \(pattern)")
        let directory = try await administration.directory()
        for name in directory.upstreamStops.keys.sorted() where name.hasPrefix("\(route):") && !directory.hasRoute(name) {
            try await administration.remove(.upstreamStop, name: name, entry: act.entry("upstream.remove", target: name))
        }
        return Affected(count: 1)
    }
}
