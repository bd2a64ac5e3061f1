package import MailModel

/// What is not handed on for a while, since a provider's replies, by a rule, asked for it.
package struct DeliveryHold: Hashable, Sendable, Codable {
    /// What a hold keeps back.
    package enum Subject: Hashable, Sendable, Codable {
        /// All that goes to a destination (a provider, a site, or a route's next host) from one egress source.
        case destination(String, source: String)
        /// All that leaves from an egress source, as far as its route has another source for it: what has none goes on.
        case source(String)
        /// The mail of a tenant to a destination; nil: to all.
        case tenant(TenantID, destination: String?)
        /// The mail of one sender, or of one campaign, to a destination; nil: to all.
        case sender(String, destination: String?)
    }

    package var subject: Subject
    package var since: Timestamp
    package var until: Timestamp
    /// The name of the rule.
    package var rule: String
    /// What the receiver said.
    package var reply: SMTPReply
    /// True where the mail may take another source of its route meanwhile.
    package var allowsOtherSources: Bool?

    package init(
        subject: Subject, since: Timestamp, until: Timestamp, rule: String, reply: SMTPReply, allowsOtherSources: Bool? = nil
    ) {
        self.allowsOtherSources = allowsOtherSources
        self.subject = subject
        self.since = since
        self.until = until
        self.rule = rule
        self.reply = reply
    }

    /// Unique for a subject: its name in the store.
    package var key: String { subject.key }

    /// Why mail waits, in plain words.
    package var text: String { "rule \(rule): \(subject.text) waits until \(until.rfc3339), since the receiver said: \(reply)" }
}

extension DeliveryHold.Subject {
    package var key: String {
        switch self {
        case .destination(let destination, let source): "destination/\(destination)/\(source)"
        case .source(let source): "source/\(source)"
        case .tenant(let tenant, let destination): "tenant/\(tenant.value)/\(destination ?? "")"
        case .sender(let sender, let destination): "sender/\(sender)/\(destination ?? "")"
        }
    }

    package var text: String {
        switch self {
        case .destination(let destination, let source): "mail to \(destination) from source \(source)"
        case .source(let source): "mail from source \(source) that another source can take"
        case .tenant(let tenant, let destination): "mail of tenant \(tenant.value)" + (destination.map { " to \($0)" } ?? "")
        case .sender(let sender, let destination): "mail of \(sender)" + (destination.map { " to \($0)" } ?? "")
        }
    }
}
