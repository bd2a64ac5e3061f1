package import MailModel

/// Everything that people change while the gate runs, as of one version: the facts of every decision.
///
/// A value, replaced as a whole when an administrative change was committed.
package struct Directory: Sendable {
    /// Rises with every change; 0 before the first.
    package var version: Int64
    /// By `EmailAddress.key`.
    package var accounts: [String: Account]
    /// By name.
    package var connectors: [String: Connector]
    package var domains: [DomainName: AcceptedDomain]
    /// By name.
    package var routes: [String: Route]
    /// By name; the default source, which needs no row, is not among them.
    package var sources: [String: EgressSource] = [:]
    package var pauses: Set<Pause.Scope>
    package var dkimKeys: [DomainName: [DKIMKeyRecord]]
    /// By name.
    package var apiKeys: [String: APIKey] = [:]
    /// By name.
    package var policies: [String: SendingPolicy] = [:]
    /// Nil until limits were chosen.
    package var service: ServiceLimits?
    package var groups: [EmailAddress: RecipientGroup] = [:]
    /// By name.
    package var ldapServers: [String: LDAPServer] = [:]
    /// By the group's address.
    package var groupSyncs: [EmailAddress: GroupSyncState] = [:]
    /// By name.
    package var lists: [String: MailingList] = [:]
    /// By name; those that are over too.
    package var campaigns: [String: Campaign] = [:]
    package var knownAddresses: [DomainName: KnownAddresses] = [:]
    /// By entity; those that were released too.
    package var restrictions: [RestrictedEntity: Restriction] = [:]
    /// By submitter; those that are over too.
    package var throttles: [String: SubmissionThrottle] = [:]
    /// Where they differ from the built-in ones.
    package var alertPolicies: [AlertKind: AlertPolicyChange] = [:]
    /// By name.
    package var webhooks: [String: Webhook] = [:]
    /// By identifier; those that were decided too.
    package var limitRequests: [String: LimitRequest] = [:]
    /// By the route's name.
    package var upstreamStops: [String: UpstreamStop] = [:]
    /// By `SavedSearch.key`.
    package var savedSearches: [String: SavedSearch] = [:]
    /// By name.
    package var shaping: [String: ShapingPolicy] = [:]
    /// By `DeliveryHold.key`; those that are over too.
    package var deliveryHolds: [String: DeliveryHold] = [:]
    /// By name: the administrator's own, and those that stand in for one of the default set.
    package var deliveryRules: [String: DeliveryRule] = [:]
    /// By `WarmUp.name`.
    package var warmUps: [String: WarmUp] = [:]
    /// Nil until something of it was chosen.
    package var scanPolicy: ScanPolicy?
    /// Of domains with something that large receivers refuse their mail for.
    package var domainStandings: [DomainName: DomainStanding] = [:]
    /// Nil until something was chosen.
    package var suppression: SuppressionPolicy?
    /// By `FeedbackEnrolment.key`.
    package var enrolments: [String: FeedbackEnrolment] = [:]
    /// By name.
    package var signInProviders: [String: SignInProvider] = [:]

    package init(
        version: Int64 = 0, accounts: [String: Account] = [:], connectors: [String: Connector] = [:],
        domains: [DomainName: AcceptedDomain] = [:], routes: [String: Route] = [:], pauses: Set<Pause.Scope> = [],
        dkimKeys: [DomainName: [DKIMKeyRecord]] = [:]
    ) {
        self.version = version
        self.accounts = accounts
        self.connectors = connectors
        self.domains = domains
        self.routes = routes
        self.pauses = pauses
        self.dkimKeys = dkimKeys
    }

    /// The name of the route to an accepted domain's own host.
    package static func internalRoute(_ domain: DomainName) -> String { "internal:\(domain)" }

    private func ownHost(ofRoute name: String) -> NextHop? {
        guard name.hasPrefix("internal:"), let domain = DomainName(name.dropFirst(9)) else { return nil }
        return domains[domain]?.nextHop
    }

    /// Whether mail can go by a route of this name: one that was put, or that of an accepted domain's own host.
    package func hasRoute(_ name: String) -> Bool { routes[name] != nil || identity(ofRoute: name) != nil || ownHost(ofRoute: name) != nil }

    /// Of `ROUTE:USER`, which is a route as one of its identities.
    private func identity(ofRoute name: String) -> NextHop? {
        guard let colon = name.firstIndex(of: ":"), case .smarthost(let hop)? = routes[String(name[..<colon])]?.kind else { return nil }
        return hop.identity(named: String(name[name.index(after: colon)...]))
    }

    /// The host that a route hands its mail to; nil where the recipient's domain says who that is.
    package func nextHop(ofRoute name: String) -> NextHop? {
        guard let route = routes[name] else { return identity(ofRoute: name) ?? ownHost(ofRoute: name) }
        if case .smarthost(let hop) = route.kind { return hop }
        return nil
    }

    /// Whether somebody of the organisation has this address.
    package func isKnown(_ address: EmailAddress) -> Bool {
        if accounts[address.key] != nil || GroupPlace(address, in: groups) != nil { return true }
        return address.domain.flatMap { knownAddresses[$0] }?.addresses.contains(address) ?? false
    }

    /// The accepted domain that `address` belongs to; nil for an external recipient.
    package func acceptedDomain(of address: EmailAddress) -> AcceptedDomain? {
        guard var domain = address.domain else { return nil }
        if let exact = domains[domain] { return exact }
        while let parent = domain.parent {
            if let found = domains[parent], found.includesSubdomains { return found }
            domain = parent
        }
        return nil
    }
}

/// The kinds of object that an administrator changes. The raw value is what the store holds.
package enum DirectoryKind: String, Hashable, Sendable, Codable, CaseIterable {
    case account, connector, domain, route, source, pause, policy, group, restriction, throttle
    case serviceLimits = "service-limits"
    case knownAddresses = "known-addresses"
    case dkimKey = "dkim-key"
    case apiKey = "api-key"
    case alertPolicy = "alert-policy"
    case webhook
    case limitRequest = "limit-request"
    case upstreamStop = "upstream-stop"
    case savedSearch = "saved-search"
    case shaping
    case deliveryHold = "delivery-hold"
    case deliveryRule = "delivery-rule"
    case ldapServer = "ldap-server"
    case groupSync = "group-sync"
    case list
    case campaign
    case warmUp = "warm-up"
    case scanPolicy = "scan-policy"
    case domainStanding = "domain-standing"
    case suppressionPolicy = "suppression-policy"
    case feedbackLoop = "feedback-loop"
    case signInProvider = "sign-in-provider"
}
