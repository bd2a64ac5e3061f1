package import MailModel

/// Reports on domains, and what was found when domains were looked at.
package enum DomainWork: Sendable {
    /// Answered by `affected`: 1 where it is kept, 0 where it was kept before, -1 where `dayMax` reports were received on its day.
    case keepReport(KeptReport, dayMax: Int)
    /// The latest look at a domain, and a line of its history.
    case keepCheck(KeptCheck)
    /// Drops what is older than `before`, at most `limit` rows of each. Answered by `affected`.
    case tidy(before: Timestamp, limit: Int)
}

/// One look at a domain.
package struct KeptCheck: Hashable, Sendable {
    package var domain: DomainName
    package var at: Timestamp
    /// `healthy`, `warning`, `failing`.
    package var state: String
    /// Equal where the same was found.
    package var digest: String
    /// Since the look before, in words.
    package var changes: [String]
    /// All of it, for the next look: JSON of whoever looks. Empty where it was not read.
    package var memory: String

    package init(domain: DomainName, at: Timestamp, state: String, digest: String, changes: [String], memory: String) {
        self.domain = domain
        self.at = at
        self.state = state
        self.digest = digest
        self.changes = changes
        self.memory = memory
    }
}
