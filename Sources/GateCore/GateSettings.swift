package import DeliveryPlanning
package import OutboundPolicy

/// What the gate was started with. Everything that people change while it runs is in the `Directory` instead.
package struct GateSettings: Sendable {
    /// How long before its lease lapses a run stops to act: for what is under way, and for clocks that do not run alike.
    package var leaseMargin = Duration.seconds(5)
    /// True where other nodes use the store too: then what they count counts.
    package var isShared = false
    package var rules = SubmissionRules()
    package var connections = ConnectionGuard.Limits()
    package var signIns = SignInGuard.Limits()
    package var queue = QueueSettings()
    package var errors = ErrorWatch.Limits()
    /// The days of a time zone by its IANA name.
    package var zone: @Sendable (String) -> OrganisationDay? = { _ in nil }
    /// In one message after groups are expanded, whatever the limits say.
    package var recipientsMax = 10_000
    /// How long a message is tried.
    package var expiry = Duration.seconds(2 * 86_400)
    /// After how long the sender is told that a message is late; nil for never.
    package var warnAfter: Duration? = .seconds(4 * 3600)
    /// Reports that leave by the normal pool in a minute, where no source is for high risk; 1 or more.
    package var reportsPerMinute = 30

    /// What is done with mail that could not be scanned.
    package var unscanned = UnscannedMail.defer

    package init() {}
}

/// Whether the store can take mail. Anything but `open` is answered with a 4xx: nothing is accepted that cannot be kept.
package enum StoreCondition: Hashable, Sendable {
    case open
    /// Free space is below its minimum, or the store refuses writes.
    case closed(reason: String)
}
