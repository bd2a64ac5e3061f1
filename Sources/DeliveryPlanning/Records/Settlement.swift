package import MailModel

/// What one attempt (or a decision without one, such as expiry) made of recipients of one message, and the reports it calls for.
package struct Settlement: Sendable {
    package var tenant: TenantID
    package var message: MessageID
    package var at: Timestamp
    /// The message's total: 1 lets the store drop the body without looking further.
    package var recipientCount: Int
    package var connection: ConnectionFacts
    /// The route that was taken; empty where none was.
    package var route: String
    /// The egress source that was used; empty where none was.
    package var source: String
    package var outcomes: [Outcome]
    /// Reports to the sender, committed in the same transaction; dropped where none of the outcomes took effect.
    package var notices: [NewMessage]
    /// The run that attempted it: a recipient that another run holds is left alone. Nil settles whoever holds it.
    package var owner: Int64?
    /// Whose mail the outcomes count for; nil where none counts.
    package var tally: SendingTally?

    package init(
        tenant: TenantID, message: MessageID, at: Timestamp, recipientCount: Int, connection: ConnectionFacts, route: String,
        source: String = "", outcomes: [Outcome], notices: [NewMessage] = [], owner: Int64? = nil
    ) {
        self.tenant = tenant
        self.message = message
        self.at = at
        self.recipientCount = recipientCount
        self.connection = connection
        self.route = route
        self.source = source
        self.outcomes = outcomes
        self.notices = notices
        self.owner = owner
    }

    package struct Outcome: Sendable {
        package var index: Int32
        /// The state before, for the ledger.
        package var oldState: RecipientState
        package var newState: RecipientState
        package var attempts: Int
        /// When the next attempt may begin; of no meaning for a final state.
        package var dueAt: Timestamp
        package var isWarned: Bool
        /// The list of sources that a queued recipient waits for, since no living node has one of it; 0 for none.
        package var waitsFor: Int32 = 0
        package var reply: SMTPReply?
        /// Nil for a success.
        package var stage: DeliveryStage?
        package var findings: [Finding]
        /// What it says of the address and of the sender's mail; nil for nothing.
        package var note: OutcomeNote?

        package init(
            index: Int32, oldState: RecipientState, newState: RecipientState, attempts: Int, dueAt: Timestamp, isWarned: Bool,
            reply: SMTPReply?, stage: DeliveryStage?, findings: [Finding] = []
        ) {
            self.index = index
            self.oldState = oldState
            self.newState = newState
            self.attempts = attempts
            self.dueAt = dueAt
            self.isWarned = isWarned
            self.reply = reply
            self.stage = stage
            self.findings = findings
        }
    }
}

extension Settlement {
    /// Ends a message that was stored after its client was told that it was not: the client sends it again. Of what runs hold, only where the
    /// one does that took it.
    package static func unanswered(_ message: NewMessage, at now: Timestamp, run: Int64? = nil) -> Settlement {
        let finding = Finding(
            rule: "store.unanswered", matched: "",
            explanation: "The store took so long that the client was told to send this message again (451).")
        let outcomes = message.recipients.map { recipient in
            Outcome(
                index: recipient.index, oldState: recipient.state, newState: .cancelled, attempts: 0, dueAt: now, isWarned: false,
                reply: nil, stage: nil, findings: [finding])
        }
        return Settlement(
            tenant: message.record.tenant, message: message.record.id, at: now, recipientCount: message.recipients.count,
            connection: ConnectionFacts(), route: "", outcomes: outcomes, owner: message.lease?.owner ?? run ?? nobody)
    }

    /// A name that no run has.
    private static var nobody: Int64 { .min }
}
