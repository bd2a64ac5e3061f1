package import MailModel

/// What a reply says about the account or connector that a route hands its mail over as. The raw value is what the store holds.
package enum UpstreamCause: String, Hashable, Sendable, Codable, CaseIterable {
    /// Sign-in is refused: password, token, policy, or a kind of sign-in that the provider ended.
    case signIn = "sign-in"
    /// The account or connector was restricted from sending.
    case restricted
    /// The organisation as a whole was.
    case blocked
    /// The account's own mailbox is full.
    case mailboxFull = "mailbox-full"
    /// A daily limit of the account or organisation is used up.
    case dailyLimit = "daily-limit"
    /// The account is throttled, since it repeated an error.
    case errorThrottle = "error-throttle"
    /// More connections at a time than the account may have: mail goes on, on fewer.
    case tooManyConnections = "too-many-connections"

    /// True where no message gets through until somebody acts or a window has passed.
    package var isStop: Bool { self != .tooManyConnections }

    /// True where time mends it: a window of the provider's, about a day long.
    package var isWindow: Bool { self == .dailyLimit || self == .errorThrottle }
}

/// The next host of a route refuses our account: nothing goes that way but one probe at a time, until one gets through.
package struct UpstreamStop: Hashable, Sendable, Codable {
    /// One message that a node lets through.
    package struct Probe: Hashable, Sendable, Codable {
        /// The run that does so.
        package var owner: Int64
        /// Where nothing was heard of it by then, its node is gone, and another may probe.
        package var until: Timestamp

        package init(owner: Int64, until: Timestamp) {
            self.owner = owner
            self.until = until
        }
    }

    package var route: String
    package var cause: UpstreamCause
    package var since: Timestamp
    /// What the next host said, last.
    package var reply: SMTPReply
    /// Why that stops the route, and who has to do what.
    package var finding: Finding
    package var advice: String
    /// From then on a message may be let through.
    package var probeAt: Timestamp
    /// What to wait after the next probe that fails, in seconds.
    package var nextWaitSeconds: Int64
    /// Probes that failed.
    package var failedProbes = 0
    /// The probe under way.
    package var probe: Probe?
    /// Of the object as the store has it; 0 before it is there.
    package var version: Int64 = 0

    private enum CodingKeys: String, CodingKey {
        case route, cause, since, reply, finding, advice, probeAt, nextWaitSeconds, failedProbes, probe
    }

    package init(
        route: String, cause: UpstreamCause, since: Timestamp, reply: SMTPReply, finding: Finding, advice: String, probeAt: Timestamp,
        nextWaitSeconds: Int64
    ) {
        self.route = route
        self.cause = cause
        self.since = since
        self.reply = reply
        self.finding = finding
        self.advice = advice
        self.probeAt = probeAt
        self.nextWaitSeconds = nextWaitSeconds
    }

    /// Whether a node may ask for the next probe.
    package func mayProbe(at now: Timestamp) -> Bool { probeAt <= now && (probe.map { $0.until <= now } ?? true) }
}
