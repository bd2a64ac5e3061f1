/// Where one recipient of a campaign is. The raw value is what the store holds; never give a number a new meaning.
package enum CampaignRecipientState: Int, Hashable, Sendable, CaseIterable, Codable {
    /// Nothing was handed to the queue yet.
    case planned = 0
    case queued = 1
    /// In the queue, with a failed attempt behind it.
    case deferred = 2
    /// In the queue, for a person to let go.
    case held = 3
    /// The next host took it.
    case delivered = 4
    case bounced = 5
    case expired = 6
    /// On the suppression list when its turn came.
    case suppressed = 7
    /// The person left the list before its turn came.
    case unsubscribed = 8
    case cancelled = 9
    /// The gate itself did not take the copy.
    case refused = 10
    /// Left out from the beginning: no consent that holds, or on the suppression list.
    case skipped = 11

    package var isFinal: Bool { rawValue >= 4 }
    /// The copy is in the queue.
    package var isOpen: Bool { (1...3).contains(rawValue) }

    package var name: String { "\(self)" }

    package init?(name: String) {
        guard let state = CampaignRecipientState.allCases.first(where: { $0.name == name }) else { return nil }
        self = state
    }
}

/// For whom a copy is.
package enum CampaignPhase: Int, Hashable, Sendable, Codable {
    /// Named people, before the rest.
    case pilot = 0
    case list = 1
}
