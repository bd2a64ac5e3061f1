/// Where a recipient of an accepted message is. The first two are open, the rest final: each recipient ends in exactly one of them.
///
/// The raw value is what the store holds; never give a number a new meaning.
package enum RecipientState: Int, Hashable, Sendable, CaseIterable, Codable {
    /// Waits for an attempt, or an attempt is under way.
    case queued = 0
    /// Waits for a person to release or cancel it.
    case held = 1
    /// The next host took responsibility (250 after the data).
    case delivered = 2
    /// A permanent failure.
    case bounced = 3
    /// Transient failures until the expiry time.
    case expired = 4
    /// A person cancelled it.
    case cancelled = 5
    /// Not attempted, since the address is on the suppression list.
    case suppressed = 6

    package var isFinal: Bool { rawValue >= 2 }

    /// The word used in the trace, the ledger and the API.
    package var name: String {
        switch self {
        case .queued: "queued"
        case .held: "held"
        case .delivered: "delivered"
        case .bounced: "bounced"
        case .expired: "expired"
        case .cancelled: "cancelled"
        case .suppressed: "suppressed"
        }
    }

    package init?(name: String) {
        guard let state = RecipientState.allCases.first(where: { $0.name == name }) else { return nil }
        self = state
    }
}

/// What kind of mail a message is; limits and reputation are kept apart by it.
package enum TrafficClass: Int, Hashable, Sendable, CaseIterable, Codable {
    case personal = 0
    case application = 1
    case campaign = 2
    /// Postern's own: delivery reports, delay warnings, alerts.
    case notice = 3

    package var name: String {
        switch self {
        case .personal: "personal"
        case .application: "application"
        case .campaign: "campaign"
        case .notice: "notice"
        }
    }

    package init?(name: String) {
        guard let found = TrafficClass.allCases.first(where: { $0.name == name }) else { return nil }
        self = found
    }
}
