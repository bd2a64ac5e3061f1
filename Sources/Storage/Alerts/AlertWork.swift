package import DeliveryPlanning
package import MailModel
package import OutboundPolicy

/// What is done with alerts and their notices. Times count only where the store has no clock of its own.
package enum AlertWork: Sendable {
    /// What nodes found. `ids`: as many as reports, unused ones. Answered by `reported`.
    case report([AlertReport], ids: [String], AlertRules, at: Timestamp)
    /// A person acknowledges or resolves one. Answered by `acted`.
    case act(AlertAct)
    /// Take notices that are due, for this run to send. Answered by `claimed`.
    case claim(NoticeClaim)
    /// What became of a notice that this run had taken. Answered by `concluded`.
    case conclude(NoticeConclusion)
    /// End the incidents that have been quiet, and drop what ended before `keepSince`, at most `limit` of each. Answered by `tidied`.
    case tidy(AlertRules, keepSince: Timestamp, limit: Int, at: Timestamp)
}

package enum AlertWorkResult: Sendable {
    /// How many notices were made.
    case reported(notices: Int)
    /// As it is now; nil where there is none of that number. `changed`: false where it was resolved before.
    case acted(Incident?, changed: Bool)
    case claimed([AlertNotice])
    /// False where the notice was not this run's any more, and nothing was done.
    case concluded(Bool)
    case tidied(Int)
}

package struct AlertAct: Sendable {
    package enum Verb: String, Sendable {
        case acknowledge, resolve
    }

    package var verb: Verb
    package var id: String
    package var audit: AuditEntry

    package init(_ verb: Verb, id: String, audit: AuditEntry) {
        self.verb = verb
        self.id = id
        self.audit = audit
    }
}

package struct NoticeClaim: Sendable {
    package var owner: Int64
    /// How long others leave alone what is taken.
    package var lease: Duration
    package var limit: Int
    package var at: Timestamp

    package init(owner: Int64, lease: Duration, limit: Int, at: Timestamp) {
        self.owner = owner
        self.lease = lease
        self.limit = limit
        self.at = at
    }
}

/// A notice that is to go out, with its alert as it is now.
package struct AlertNotice: Sendable {
    package var channel: NoticeChannel
    /// With the channel, what is told once: the same at each attempt.
    package var occasion: String
    package var incident: Incident
    /// What a sender is told; empty for the others, who are told of the alert.
    package var text: String
    package var madeAt: Timestamp
    /// Attempts before this one.
    package var attempts: Int
}

package struct NoticeConclusion: Sendable {
    package enum Outcome: Sendable {
        /// It is on its way as mail: stored in the same commit.
        case mailed(NewMessage)
        case sent
        /// It is not tried again.
        case givenUp(String)
        case retry(at: Timestamp, String)
    }

    package var channel: NoticeChannel
    package var occasion: String
    package var owner: Int64
    package var outcome: Outcome
    package var at: Timestamp

    package init(_ notice: AlertNotice, owner: Int64, _ outcome: Outcome, at: Timestamp) {
        channel = notice.channel
        occasion = notice.occasion
        self.owner = owner
        self.outcome = outcome
        self.at = at
    }
}

package struct AlertQuery: Hashable, Sendable, Codable {
    /// Nil: all.
    package var id: String?
    package var isOpenOnly = true
    /// 1…10,000.
    package var limit = 100
    /// Those after this one in order of their last condition, newest first.
    package var before: Key?

    package struct Key: Hashable, Sendable, Codable {
        package var lastAt: Timestamp
        package var id: String
        package init(lastAt: Timestamp, id: String) {
            self.lastAt = lastAt
            self.id = id
        }
    }

    package init() {}
}

package struct AlertRow: Hashable, Sendable {
    package var incident: Incident
    /// Who was told, or is to be, in order of time.
    package var notices: [NoticeRow]
}

package struct NoticeRow: Hashable, Sendable {
    /// As `NoticeChannel` writes it.
    package var channel: String
    package var occasion: String
    package var dueAt: Timestamp
    package var attempts: Int
    /// Nil while it is to go out.
    package var doneAt: Timestamp?
    /// `sent`, or why the last attempt failed; empty before the first.
    package var outcome: String
}
