package import MailModel
package import OutboundPolicy

/// Where an attempt goes, as far as limits ask for it.
package struct SiteFacts: Hashable, Sendable {
    package var route: String
    /// The identity as which the route hands its mail on; nil for the route's own.
    package var account: String?
    /// An egress source's name.
    package var source: String
    /// The set of hosts, as the queue names it.
    package var site: String
    package var hosts: [String]
    /// The recipients' domain, where a policy names it.
    package var domain: DomainName?
    /// True for a smarthost: the host is that of our account, whoever receives behind it.
    package var isSmarthost: Bool

    package var provider: MailProvider? { MailProvider.of(hosts: hosts) }

    /// What reactions to replies belong to: a route's next host, a provider, or a site.
    package var destination: String { isSmarthost ? "route \(route)\(account.map { ":\($0)" } ?? "")" : provider?.rawValue ?? site }
}

/// The shaping policies of one directory version.
package struct ShapingTable: Hashable, Sendable {
    /// In order of name.
    package let policies: [ShapingPolicy]
    /// The domains that have limits of their own, the more special first.
    private let domains: [DomainName]

    /// `beside`: limits that follow from something else.
    package init(_ directory: Directory, beside others: [ShapingPolicy] = []) {
        policies = directory.shaping.values.filter { !$0.isDisabled && !$0.limits.isEmpty }.sorted { $0.name < $1.name } + others
        domains = Set(policies.compactMap(\.scope.domain)).sorted { ($1.text.utf8.count, $0.text) < ($0.text.utf8.count, $1.text) }
    }

    package var isEmpty: Bool { policies.isEmpty }

    /// Mail to it has connections of its own, so that its limits keep nothing else waiting; nil for a domain without.
    package func domain(of address: EmailAddress) -> DomainName? {
        guard !domains.isEmpty, let domain = address.domain else { return nil }
        return domains.first { domain.isWithin($0) }
    }

    /// The policies that cover a site, and the name of what each one counts there.
    package func covering(_ facts: SiteFacts) -> [(policy: ShapingPolicy, meter: String)] {
        policies.filter { $0.scope.covers(facts) }.map { policy in
            var name = policy.name
            if policy.scope.eachSource { name += "/from \(facts.source)" }
            if policy.scope.eachSite { name += "/\(facts.site)" }
            if policy.scope.eachAccount == true { name += "/as \(facts.account ?? "")" }
            return (policy, name)
        }
    }
}

extension ShapingScope {
    fileprivate func covers(_ facts: SiteFacts) -> Bool {
        if let route, route != facts.route { return false }
        if let source, source != facts.source { return false }
        if let provider, provider != facts.provider { return false }
        if let domain, facts.domain.map({ $0.isWithin(domain) }) != true { return false }
        guard let hosts else { return true }
        return facts.hosts.allSatisfy { host in DomainName(host).map { name in hosts.contains { name.isWithin($0) } } ?? false }
    }
}

/// What keeps mail waiting, and until when.
package struct ShapingWait: Hashable, Sendable {
    /// The limit or rule, in plain words.
    package var reason: String
    package var until: Timestamp

    package init(reason: String, until: Timestamp) {
        self.reason = reason
        self.until = until
    }

    /// The later one holds.
    static func later(_ one: ShapingWait?, _ other: ShapingWait?) -> ShapingWait? {
        guard let one, let other else { return one ?? other }
        return one.until >= other.until ? one : other
    }
}
