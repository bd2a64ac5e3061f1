package import DeliveryPlanning
import MailModel
package import OutboundPolicy

/// A shaping policy as the command line and the HTTP interface show it.
package struct ShapingView: Codable, Hashable, Sendable {
    package var name: String
    /// Empty where any.
    package var provider: String
    package var hosts: [String]
    package var domain: String
    package var route: String
    package var source: String
    package var eachSite: Bool
    package var eachSource: Bool
    package var eachAccount: Bool
    /// Nil: no such limit.
    package var connections: Int?
    package var messagesPerConnection: Int?
    package var recipientsPerMessage: Int?
    /// `30 messages per minute`.
    package var rates: [String]
    /// `60/min`, `600/h:20`: as they are put.
    package var newConnections: [String]
    package var messages: [String]
    package var recipients: [String]
    /// `Mon,Tue 08:00-18:00`.
    package var hours: [String]
    package var disabled: Bool

    init(_ policy: ShapingPolicy) {
        name = policy.name
        provider = policy.scope.provider?.rawValue ?? ""
        hosts = (policy.scope.hosts ?? []).map(\.text)
        domain = policy.scope.domain?.text ?? ""
        route = policy.scope.route ?? ""
        source = policy.scope.source ?? ""
        eachSite = policy.scope.eachSite
        eachSource = policy.scope.eachSource
        eachAccount = policy.scope.eachAccount ?? false
        connections = policy.limits.connections
        messagesPerConnection = policy.limits.messagesPerConnection
        recipientsPerMessage = policy.limits.recipientsPerMessage
        rates = policy.limits.rates.map(\.description)
        func texts(_ unit: ShapingRate.Unit) -> [String] { policy.limits.rates.filter { $0.unit == unit }.map(\.text) }
        newConnections = texts(.connections)
        messages = texts(.messages)
        recipients = texts(.recipients)
        hours = policy.limits.hours.map(\.description)
        disabled = policy.isDisabled
    }
}

/// What limits, replies and rules hold back at this moment.
package struct ShapingStatus: Codable, Hashable, Sendable {
    /// A destination that takes less than it would be given, as this node has learnt.
    package struct Slowed: Codable, Hashable, Sendable {
        package var destination: String
        package var source: String
        package var connections: Int?
        package var messagesPerMinute: Int?
        /// True where it does not answer at all.
        package var dead: Bool
        /// Since when it gets mail from the source again, little by little, after a rule had kept all of it back; else empty.
        package var comesBackSince: String
        /// When it is tried again; empty where it is in use.
        package var restsUntil: String
        package var reply: String
    }

    package struct Hold: Codable, Hashable, Sendable {
        package var subject: String
        package var rule: String
        package var since: String
        package var until: String
        package var reply: String
    }

    package var policies: [ShapingView]
    /// Empty where no gate runs.
    package var slowed: [Slowed]
    package var holds: [Hold]

    init(_ directory: Directory, slowed: [SlowedDestination], at now: Timestamp) {
        policies = directory.shaping.values.sorted { $0.name < $1.name }.map(ShapingView.init)
        self.slowed = slowed.map { item in
            Slowed(
                destination: item.name, source: item.source, connections: item.connectionsMax, messagesPerMinute: item.messagesPerMinute,
                dead: item.isDead,
                comesBackSince: item.comesBackSince?.rfc3339 ?? "", restsUntil: item.restsUntil?.rfc3339 ?? "",
                reply: item.reply?.description ?? "")
        }
        holds = directory.deliveryHolds.values.filter { $0.until > now }.sorted { $0.key < $1.key }.map { hold in
            Hold(
                subject: hold.subject.text, rule: hold.rule, since: hold.since.rfc3339, until: hold.until.rfc3339,
                reply: hold.reply.description)
        }
    }
}

/// A delivery rule as the command line and the HTTP interface show it.
package struct DeliveryRuleView: Codable, Hashable, Sendable {
    package var rule: DeliveryRule
    /// False for one of the default set.
    package var own: Bool
}

/// What the set makes of a text, or of itself.
package struct RuleTestView: Codable, Hashable, Sendable {
    /// Empty where the set was tested.
    package var text: String
    /// Empty where none fits.
    package var rule: String
    package var action: String
    package var seconds: Int64
    /// How many rules there are.
    package var rules: Int
    /// Texts that rules were held against; 0 where one reply was asked for.
    package var samples: Int
    /// What is wrong with the set; empty where all is well.
    package var mistakes: [RuleMistake]
}

/// How a changed set would have decided a reply that was recorded.
package struct RuleReplayView: Codable, Hashable, Sendable {
    package var reply: String
    /// How many recipients got it.
    package var count: Int
    package var provider: String
    /// Names of rules; empty for none.
    package var before: String
    package var after: String
    package var changed: Bool
}
