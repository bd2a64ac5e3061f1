/// What somebody wants to send, as they see it themselves.
package struct SendingNeed: Hashable, Sendable, Codable {
    package enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        /// From one person or office to many people.
        case announcement
        case newsletter
        /// What a department's program or script sends: receipts, notices, reminders.
        case operational
    }

    package var recipients: Int
    /// Some of them are outside the organisation.
    package var isExternal: Bool
    package var isRecurring: Bool
    /// It has to be there today.
    package var isUrgent: Bool
    package var kind: Kind

    package static let recipientsRange = 1...10_000_000

    package init(recipients: Int, isExternal: Bool = false, isRecurring: Bool = false, isUrgent: Bool = false, kind: Kind = .announcement) {
        self.recipients = recipients
        self.isExternal = isExternal
        self.isRecurring = isRecurring
        self.isUrgent = isUrgent
        self.kind = kind
    }
}

/// The ways that there are.
package enum SendingWay: String, Hashable, Sendable, Codable, CaseIterable {
    /// One message from a mailbox, as always.
    case mailbox
    /// One address that stands for all.
    case group
    /// Some people a day through a mailbox.
    case batches
    /// The department's relay, for programs.
    case relay
    /// A campaign: consent, unsubscribe, pilot, pace.
    case campaign

    package var title: String {
        switch self {
        case .mailbox: "one message from a mailbox"
        case .group: "a group"
        case .batches: "paced batches through a mailbox"
        case .relay: "the department's relay"
        case .campaign: "a campaign"
        }
    }
}

/// What the organisation has set up.
package struct SendingMeans: Hashable, Sendable {
    /// Routes that sign in as a mailbox: its limits hold for all that leaves by them.
    package var mailboxRoutes: [String] = []
    /// Routes to the recipients' own mail hosts.
    package var directRoutes: [String] = []
    /// Other hosts that mail is handed to.
    package var relayRoutes: [String] = []
    /// Addresses of groups.
    package var groups = 0
    /// Connectors that programs may use without a password.
    package var connectors = 0
    /// Accepted domains of the organisation.
    package var domains: [String] = []
    /// The organisation's own outbound policy; 0 for no limit.
    package var externalPerHour = 0
    package var internalPerHour = 0
    package var recipientsPerDay = 0

    package init() {}

    /// Whether a campaign can leave without a mailbox's limits.
    package var hasOwnWayOut: Bool { !directRoutes.isEmpty || !relayRoutes.isEmpty }
}
