package import MailModel

/// Limits on what is handed to others, and where they hold. Every policy that covers an attempt must allow it.
package struct ShapingPolicy: Hashable, Sendable, Codable {
    /// Unique.
    package var name: String
    package var scope: ShapingScope
    package var limits: ShapingLimits
    package var isDisabled = false
    package var createdAt: Timestamp

    package init(name: String, scope: ShapingScope, limits: ShapingLimits, createdAt: Timestamp) {
        self.name = name
        self.scope = scope
        self.limits = limits
        self.createdAt = createdAt
    }
}

/// What a shaping policy covers: all that is set has to fit.
package struct ShapingScope: Hashable, Sendable, Codable {
    package var provider: MailProvider?
    /// A group of the administrator's own: every MX host has to lie within one of these domains. Nil for any.
    package var hosts: [DomainName]?
    /// The recipients' domain, or one below it.
    package var domain: DomainName?
    /// A route's name.
    package var route: String?
    /// An egress source's name.
    package var source: String?
    /// True where each site has the limits to itself; false where all that is covered shares them.
    package var eachSite = false
    /// The same for egress sources.
    package var eachSource = false
    /// The same for the identities of a route; nil for no. Missing in rows from before there were any.
    package var eachAccount: Bool?

    package init(
        provider: MailProvider? = nil, hosts: [DomainName]? = nil, domain: DomainName? = nil, route: String? = nil, source: String? = nil,
        eachSite: Bool = false, eachSource: Bool = false, eachAccount: Bool? = nil
    ) {
        self.provider = provider
        self.hosts = hosts
        self.domain = domain
        self.route = route
        self.source = source
        self.eachSite = eachSite
        self.eachSource = eachSource
        self.eachAccount = eachAccount
    }
}

/// Nil and empty: no such limit.
package struct ShapingLimits: Hashable, Sendable, Codable {
    /// Connections at a time, 1…10,000.
    package var connections: Int?
    /// Messages on one connection before it is closed, 1…100,000.
    package var messagesPerConnection: Int?
    /// Recipients in one transaction, 1…1000.
    package var recipientsPerMessage: Int?
    package var rates: [ShapingRate]
    /// When mail may leave; empty for always.
    package var hours: [SendingHours]

    package init(
        connections: Int? = nil, messagesPerConnection: Int? = nil, recipientsPerMessage: Int? = nil, rates: [ShapingRate] = [],
        hours: [SendingHours] = []
    ) {
        self.connections = connections
        self.messagesPerConnection = messagesPerConnection
        self.recipientsPerMessage = recipientsPerMessage
        self.rates = rates
        self.hours = hours
    }

    package var isEmpty: Bool { self == ShapingLimits() }

    /// What cannot be; nil where all is well.
    package var mistake: String? {
        func outside(_ value: Int?, _ range: ClosedRange<Int>, _ what: String) -> String? {
            value.flatMap { range.contains($0) ? nil : "\(what) \($0) is not within \(range.lowerBound)…\(range.upperBound)" }
        }
        return outside(connections, 1...10_000, "connections") ?? outside(messagesPerConnection, 1...100_000, "messages per connection")
            ?? outside(recipientsPerMessage, 1...1000, "recipients per message")
            ?? rates.lazy.compactMap(\.mistake).first ?? hours.lazy.compactMap(\.mistake).first
            ?? (Set(rates.map { "\($0.unit) \($0.period)" }).count < rates.count ? "two rates of the same kind" : nil)
    }
}
