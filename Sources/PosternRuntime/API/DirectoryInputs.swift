import MailModel
import OutboundPolicy

// What requests that change the directory look like. Each says which operation it is.

enum TrafficClassName: String, Codable, CaseIterable, Sendable {
    case personal, application, campaign

    var trafficClass: TrafficClass {
        switch self {
        case .personal: .personal
        case .application: .application
        case .campaign: .campaign
        }
    }
}

struct AccountInput: Decodable, Sendable {
    var address: EmailAddress
    var password: String?
    var grants: [AddressGrant]?
    var roles: [Role]?
    var trafficClass: TrafficClassName?

    var operation: AddAccount {
        AddAccount(
            address: address, password: password, grants: grants ?? [], roles: (roles ?? []).map(\.rawValue),
            trafficClass: trafficClass?.trafficClass ?? .personal)
    }
}

struct AccountStateInput: Decodable, Sendable {
    var address: EmailAddress
    var enabled: Bool
}

struct AccountExpiryInput: Decodable, Sendable {
    var address: EmailAddress
    /// Missing: never.
    var expires: RFC3339Time?
}

struct SessionListInput: Decodable, Sendable {
    var account: EmailAddress?
    var cursor: CursorText?
    var limit: PageSize?
}

struct GrantsInput: Decodable, Sendable {
    var address: EmailAddress
    var add: [AddressGrant]?
    var remove: [AddressGrant]?
}

struct ConnectorGrantsInput: Decodable, Sendable {
    var connector: String
    var add: [AddressGrant]?
    var remove: [AddressGrant]?
}

struct ConnectorInput: Decodable, Sendable {
    var name: String
    var networks: [IPNetwork]?
    var certificates: [String]?
    var plaintext: Bool?
    var grants: [AddressGrant]?
    var senderIdentity: SenderIdentity?
    var trafficClass: TrafficClassName?
    var route: String?

    var operation: AddConnector {
        var connector = Connector(name: name)
        connector.networks = networks ?? []
        connector.certificateFingerprints = certificates ?? []
        connector.allowsPlaintext = plaintext ?? false
        connector.grants = grants ?? []
        connector.senderIdentity = senderIdentity ?? .connector
        connector.trafficClass = trafficClass?.trafficClass ?? .application
        connector.onlyRoute = route
        return AddConnector(connector: connector)
    }
}

/// A host to hand mail to.
struct HostInput: Decodable, Sendable {
    var name: String
    var port: Int?
    var tls: TLSRequirement?
    var implicitTLS: Bool?
    var user: String?

    /// `port`: 443 where it is left out.
    func hop(by api: HopAPI?) -> NextHop {
        guard let api else { return nextHop }
        return .api(api, host: name, port: port, tls: tls, userName: user)
    }

    /// With a password the connection has to be safe; without one, opportunistic TLS is better than none.
    var nextHop: NextHop {
        // Who signs in submits (RFC 6409).
        let port = port ?? (user == nil ? 25 : 587)
        return NextHop(
            host: name, port: port, tls: tls ?? (user != nil ? .verify : .opportunistic), isImplicitTLS: implicitTLS ?? (port == 465),
            userName: user)
    }
}

struct DomainInput: Decodable, Sendable {
    var domain: DomainName
    var subdomains: Bool?
    /// Nil: the routes decide.
    var host: HostInput?

    func operation() throws -> AddDomain {
        var accepted = AcceptedDomain(name: domain)
        accepted.includesSubdomains = subdomains ?? false
        if let hop = host?.nextHop {
            guard hop.userName == nil, (1...65_535).contains(hop.port), IPAddress(hop.host) != nil || DomainName(hop.host) != nil else {
                throw AdministrationError(.invalid, "\(hop) is no host and port", "A domain's host takes no user name.")
            }
            accepted.nextHop = hop
        }
        return AddDomain(domain: accepted)
    }
}

struct RouteInput: Decodable, Sendable {
    enum Kind: String, Codable, CaseIterable, Sendable {
        case mx, smarthost
        case builtIn = "built-in"
        case graph
        case gmailAPI = "gmail-api"

        var api: HopAPI? {
            switch self {
            case .graph: .graph
            case .gmailAPI: .gmail
            case .mx, .smarthost, .builtIn: nil
            }
        }
    }

    var name: String
    var kind: Kind
    /// Of a smarthost.
    var host: HostInput?
    var password: String?
    /// In place of a password.
    var oauth: OAuthAccount?
    var senderDomains: [DomainName]?
    var recipientDomains: [DomainName]?
    /// Of a route by MX.
    var tls: TLSRequirement?
    var order: Int?
    var connections: Int?
    var allowSpecialAddresses: Bool?
    var sources: [String]?
    /// True: no mail takes it before it is switched on.
    var disabled: Bool?

    func operation(at now: Timestamp) throws -> AddRoute {
        guard (kind == .smarthost || kind.api != nil) == (host != nil) else {
            throw AdministrationError(.invalid, "a host goes with kind smarthost, graph and gmail-api, and with no other")
        }
        let routeKind: Route.Kind =
            switch kind {
            case .mx: .mx
            case .builtIn: .builtIn
            case .smarthost: host.map { .smarthost($0.nextHop) } ?? .builtIn
            case .graph, .gmailAPI: host.map { .smarthost($0.hop(by: kind.api)) } ?? .builtIn
            }
        var route = Route(
            name: name, kind: routeKind, createdAt: now, senderDomains: senderDomains ?? [], recipientDomains: recipientDomains ?? [])
        if let tls { route.tls = tls }
        if let order { route.order = order }
        if let connections { route.connectionsMax = connections }
        route.allowsSpecialAddresses = allowSpecialAddresses ?? false
        route.sources = sources ?? []
        route.isDisabled = disabled ?? false
        return AddRoute(route: route, password: password, oauth: oauth)
    }
}

struct SourceInput: Decodable, Sendable {
    var name: String
    var ipv4: IPAddress?
    var ipv6: IPAddress?
    var helloName: DomainName?
    /// Through which it leaves.
    var proxy: ProxyInput?

    struct ProxyInput: Decodable, Sendable {
        var kind: EgressProxy.Kind
        var address: IPAddress
        var port: Int
        var user: String?
        var password: String?
    }

    func operation(at now: Timestamp) -> AddSource {
        var source = EgressSource(name: name, ipv4: ipv4, ipv6: ipv6, helloName: helloName, createdAt: now)
        source.proxy = proxy.map { EgressProxy(kind: $0.kind, address: $0.address, port: $0.port, userName: $0.user) }
        return AddSource(source: source, proxyPassword: proxy?.password)
    }
}

struct SourceStateInput: Decodable, Sendable {
    var source: String
    var enabled: Bool
}

struct APIKeyInput: Decodable, Sendable {
    var name: String
    var roles: [Role]?
    var scopes: [AccessScope]?
    var account: EmailAddress?
    var grants: [AddressGrant]?
    var requestsPerSecondMax: Int?
    var expires: RFC3339Time?

    var operation: AddAPIKey {
        AddAPIKey(
            key: name, roles: roles ?? [], scopes: scopes ?? [], account: account, grants: grants ?? [],
            requestsPerSecondMax: requestsPerSecondMax, expiresAt: expires?.time)
    }
}

struct APIKeyStateInput: Decodable, Sendable {
    var key: String
    var enabled: Bool
}

struct APIKeyGrantsInput: Decodable, Sendable {
    var key: String
    var add: [AddressGrant]?
    var remove: [AddressGrant]?
}

struct DomainHealthInput: Decodable, Sendable {
    var domain: DomainName
}
