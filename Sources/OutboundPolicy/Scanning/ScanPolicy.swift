package import MailModel

/// What the organisation makes of scans: how much each rule counts, what the sums are called, and what is done then. One for all.
/// A field that is nil is as usual, so that what is not chosen follows a newer program.
package struct ScanPolicy: Hashable, Sendable, Codable {
    /// By rule without `scan.` (`links.shortener`); what is not named has its usual weight. Of `words.spam` and `words.wanted`: the most that words add or take.
    package var weights: [String: Double]?
    /// The score from which a message is suspicious.
    package var suspiciousFrom: Double?
    /// The score from which it is spam; not below `suspiciousFrom`.
    package var spamFrom: Double?
    package var suspicious: SuspiciousAction?
    package var spam: SpamAction?
    /// Who gets copies of suspicious mail.
    package var reviewer: EmailAddress?
    /// Nil: no other scanner is asked.
    package var secondOpinion: SecondOpinion?

    /// There is one.
    package static let objectName = "organisation"

    package init() {}

    package var actionOnSuspicious: SuspiciousAction { suspicious ?? .deliver }
    package var actionOnSpam: SpamAction { spam ?? .highRisk }
}

/// What is done with suspicious mail.
package enum SuspiciousAction: String, Hashable, Sendable, Codable, CaseIterable {
    /// It leaves as if nothing were.
    case deliver
    /// It leaves, and the reviewer gets a copy.
    case copy
    /// It waits for a person.
    case hold
}

/// What is done with mail judged spam. It never leaves by the normal pool.
package enum SpamAction: String, Hashable, Sendable, Codable, CaseIterable {
    /// It leaves by the high-risk pool; it is held where that has no source.
    case highRisk = "high-risk"
    /// It waits for a person, who may let it leave by the high-risk pool.
    case hold
}

/// A scanner beside ours: rspamd, by its HTTP interface.
package struct SecondOpinion: Hashable, Sendable, Codable {
    /// What becomes of a message while it gives no answer.
    package enum WhenDown: String, Hashable, Sendable, Codable, CaseIterable {
        /// It is judged without.
        case without
        /// The client is told to come again (451).
        case `defer`
    }

    /// Of its normal worker: `http://127.0.0.1:11333`. Without TLS only where it is near.
    package var url: String
    /// Sealed under the master key; nil where it asks for none.
    package var sealedPassword: String?
    /// 100…30,000; nil for `usualTimeout`.
    package var timeoutMilliseconds: Int?
    package var whenDown: WhenDown?
    /// What a message's score gains whose score there is just the one at which it would be rejected; more and less in proportion. Nil for `usualWeight`.
    package var weight: Double?

    package static let usualTimeout = 2000
    package static let usualWeight = 8.0
    package static let timeoutRange = 100...30_000

    package init(url: String) { self.url = url }

    package var timeout: Int { timeoutMilliseconds ?? SecondOpinion.usualTimeout }
    package var actionWhenDown: WhenDown { whenDown ?? .without }
}
