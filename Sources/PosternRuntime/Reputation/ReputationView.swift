import DeliveryPlanning
import MailModel

/// How one address or domain stands with one list, with its names in DNS, or with a provider.
package struct ReputationView: Codable, Hashable, Sendable {
    package enum State: String, Codable, Hashable, Sendable, CaseIterable {
        /// Not on the list; its names are right.
        case clear
        /// On the list, or named by a provider's reply.
        case listed
        /// Its names in DNS are not as receivers want them.
        case wrong
        /// The last look found out nothing, nor did any before.
        case unknown
    }

    /// An address or a domain.
    package var subject: String
    /// Sources that leave from the address.
    package var sources: [String]
    /// A list's name, `identity` (PTR, EHLO name and forward match), or `replies:` and a destination.
    package var list: String
    package var state: State
    /// Since when it is so; empty where nothing is known.
    package var since: String
    /// The last look; empty for none.
    package var lookedAt: String
    /// What was said.
    package var text: String
    /// Why the last look found out nothing; empty where it did.
    package var unknown: String
    /// Whether a listing moves mail to other sources.
    package var moves: Bool
    /// Where it is looked up and taken off; empty for none.
    package var page: String
    /// What to do, in order; empty where nothing is to be done.
    package var steps: [String]

    package var key: String { "\(subject)/\(list)" }

    init(_ key: ReputationCheck.Key, _ check: ReputationCheck?, sources: [String], _ list: Blocklist?) {
        subject = key.subject
        self.sources = sources
        self.list = key.list
        let isBad = check?.isBad ?? false
        state =
            if let check, check.isKnown || isBad {
                isBad ? (key.list == ReputationCheck.Key.identity ? .wrong : .listed) : .clear
            } else {
                .unknown
            }
        since = state == .unknown ? "" : check?.since.rfc3339 ?? ""
        lookedAt = check?.at.rfc3339 ?? ""
        text = check?.text ?? ""
        unknown = check == nil ? "not looked at yet" : check?.unknown ?? ""
        moves = list?.moves ?? (key.destination != nil)
        page = list?.page ?? ""
        steps = isBad ? list?.steps ?? [] : []
    }
}

/// A change, as it is kept.
package struct ReputationEventView: Codable, Hashable, Sendable {
    package var time: String
    package var subject: String
    package var list: String
    /// True where it became listed or wrong; false where that ended.
    package var bad: Bool
    package var text: String

    package var key: String { "\(time)/\(subject)/\(list)" }

    init(_ event: ReputationEvent) {
        time = event.at.rfc3339
        subject = event.key.subject
        list = event.key.list
        bad = event.isBad
        text = event.text
    }
}
