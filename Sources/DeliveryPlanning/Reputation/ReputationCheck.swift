package import MailModel

/// How an address or domain stands with one list, with its own names in DNS, or with a provider: what is kept of the looks so far.
package struct ReputationCheck: Hashable, Sendable, Codable {
    package struct Key: Hashable, Sendable, Codable, Comparable {
        /// `192.0.2.1`, `example.org`; `source:NAME` of a source whose address is not known.
        package var subject: String
        /// A `Blocklist`'s name, `identity`, or `replies:` and a destination.
        package var list: String

        package init(subject: String, list: String) {
            self.subject = subject
            self.list = list
        }

        package static func < (left: Key, right: Key) -> Bool { (left.subject, left.list) < (right.subject, right.list) }

        /// PTR, EHLO name, and whether they lead to the address.
        package static let identity = "identity"
        /// What a destination's replies say of the address.
        package static func replies(_ destination: String) -> String { "replies:\(destination)" }

        /// The destination that said so; nil where it was no reply.
        package var destination: String? { list.hasPrefix("replies:") ? String(list.dropFirst(8)) : nil }
    }

    package var key: Key
    /// Listed, or wrong, as far as is known: a look that found out nothing leaves it as it was.
    package var isBad: Bool
    /// Since when it is so.
    package var since: Timestamp
    /// The last look.
    package var at: Timestamp
    /// What the last look that found out something said; empty for nothing.
    package var text: String
    /// Why the last look found out nothing; nil where it did.
    package var unknown: String?
    /// False while no look has found out anything.
    package var isKnown: Bool

    package init(key: Key, isBad: Bool, since: Timestamp, at: Timestamp, text: String, unknown: String? = nil, isKnown: Bool = true) {
        self.key = key
        self.isBad = isBad
        self.since = since
        self.at = at
        self.text = text
        self.unknown = unknown
        self.isKnown = isKnown
    }
}

/// That something became bad, or good again.
package struct ReputationEvent: Hashable, Sendable, Codable {
    package var key: ReputationCheck.Key
    package var at: Timestamp
    package var isBad: Bool
    package var text: String

    package init(key: ReputationCheck.Key, at: Timestamp, isBad: Bool, text: String) {
        self.key = key
        self.at = at
        self.isBad = isBad
        self.text = text
    }
}

/// What one look found.
package struct ReputationSight: Hashable, Sendable {
    package var key: ReputationCheck.Key
    package var answer: ListingAnswer

    package init(key: ReputationCheck.Key, answer: ListingAnswer) {
        self.key = key
        self.answer = answer
    }
}
