/// How much a Microsoft 365 mailbox may send, with where each value comes from. Values that Microsoft does not publish are chosen here, and can be
/// set to something else.
package struct MailboxLimits: Hashable, Sendable, Codable {
    /// Recipients of a mailbox in any 24 hours: the service's own, not raisable.
    package var recipientsPerDay = 10_000
    package var messagesPerMinute = 30
    package var recipientsPerMessage = 500
    /// Mail to the own mailboxes of an organisation in an hour, by the standard preset of the outbound spam policy.
    package var externalPerHour = 500
    package var internalPerHour = 1000
    package var policyPerDay = 1000
    /// Recipients of a batch: what Colorado State University advises for a mailbox, "around 200 recipients per day for a week".
    package var batchPerDay = 200
    package var batchDays = 7
    /// External recipients of a whole organisation in 24 hours with one licence (TERRL: 500 × licences ^ 0.7 + 9,500).
    package var organisationPerDay = 10_000

    package init() {}

    static let published = "Exchange Online limits, Microsoft Learn"
    static let recommended = "recommended settings for outbound spam, Standard preset, Microsoft Learn"
    static let chosen = "chosen; Microsoft publishes no number"
    static let advised = "Colorado State University, Division of IT"
}

/// A limit that a way of sending meets.
package struct MetLimit: Hashable, Sendable, Codable {
    package var name: String
    package var value: Int
    package var window: String
    /// What this mail would need of it.
    package var needed: Int
    package var source: String

    package var isExceeded: Bool { needed > value }
}
