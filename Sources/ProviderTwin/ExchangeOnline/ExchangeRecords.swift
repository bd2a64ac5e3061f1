package import MailModel

/// A connection to the model, numbered by the shell; a number is not used again.
package typealias ExchangeSession = Int

/// The source addresses that the world sees a message come from.
package enum ExchangePool: String, Sendable, Hashable {
    case normal
    case relay
    case highRisk = "high-risk"
}

/// A message as a client submitted it.
package struct ExchangeSubmission: Sendable {
    package var reversePath: ReversePath
    package var recipients: [EmailAddress]
    package var facts: ExchangeContentFacts

    package init(reversePath: ReversePath, recipients: [EmailAddress], facts: ExchangeContentFacts) {
        self.reversePath = reversePath
        self.recipients = recipients
        self.facts = facts
    }
}

/// What becomes of a message that was taken.
package struct ExchangeHandover: Sendable, Hashable {
    package var id: String
    package var mailbox: EmailAddress
    package var from: EmailAddress
    package var subject: String
    package var acceptedAt: Timestamp
    /// Later than `acceptedAt` where the rate limit delays it.
    package var leavesAt: Timestamp
    package var pool: ExchangePool
    /// Recipients that it goes on to; fewer than were named where some are reported back.
    package var recipients: [EmailAddress]
    /// What comes back to the mailbox.
    package var reports: [ExchangeReport]
}

/// The answer to the end of the data.
package enum ExchangeDecision: Sendable, Hashable {
    case refused(SMTPReply)
    case accepted(SMTPReply, ExchangeHandover)

    package var reply: SMTPReply {
        switch self {
        case .refused(let reply): reply
        case .accepted(let reply, _): reply
        }
    }
}

/// An entry of the page "Restricted entities".
package struct ExchangeRestriction: Sendable, Hashable {
    /// As in the replies: 42004 for limits, 45007 for what looks like spam or bulk (inferred from public reports).
    package var number: Int
    package var reason: String
    package var since: Timestamp
    /// The start of the next UTC day for BlockUserForToday; after a release the time from which mail goes again; nil: until a release.
    package var until: Timestamp?
    package var isTemporary: Bool
}

/// One alert of the tenant.
package struct ExchangeAlert: Sendable, Hashable {
    package var name: String
    package var severity: String
    package var entity: String
    package var at: Timestamp
    package var hits: Int
}

/// One row of the message trace: a recipient of an accepted message.
package struct ExchangeTraceRow: Sendable, Hashable {
    package var receivedAt: Timestamp
    package var id: String
    package var sender: EmailAddress
    package var recipient: EmailAddress
    /// `Delivered`, `Failed` or `FilteredAsSpam`.
    package var status: String
    package var pool: ExchangePool
}
