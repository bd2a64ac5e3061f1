package import MailModel
package import OutboundPolicy

/// Whose mail an outcome is counted for.
package struct SendingTally: Hashable, Sendable {
    package var tenant: TenantID
    /// As the trace names it.
    package var sender: String
    /// The List-Id; nil for mail of no list.
    package var list: String?
    /// The receiver's; nil where it is none of those that are known.
    package var provider: MailProvider?

    package init(tenant: TenantID, sender: String, list: String?, provider: MailProvider?) {
        self.tenant = tenant
        self.sender = sender
        self.list = list
        self.provider = provider
    }

    /// Nobody's: what nobody can prove counts beside all rates.
    package static let unproven = "unproven"

    /// The subjects whose figures it belongs to, each with the provider where that is kept apart.
    package var subjects: [(subject: String, provider: String)] {
        guard sender != SendingTally.unproven else { return [(SendingTally.unproven, provider?.rawValue ?? "other")] }
        let receiver = provider?.rawValue ?? "other"
        // Of a campaign it is kept apart, for its report.
        let isCampaign = sender.hasPrefix("campaign:")
        var subjects = [(RateSubject.all.description, receiver), (RateSubject.sender(sender).description, isCampaign ? receiver : "")]
        if let list { subjects.append((RateSubject.list(list).description, "")) }
        return subjects
    }
}

/// What an outcome says of its recipient's address and of its sender's mail.
package struct OutcomeNote: Hashable, Sendable {
    package var event: SendingEvent
    /// Nil where the address is left alone.
    package var effect: SuppressionEffect?

    package init(_ event: SendingEvent, effect: SuppressionEffect? = nil) {
        self.event = event
        self.effect = effect
    }
}

/// Something that came back after a message had left, ready to be kept: in the trace of its recipient, in the figures, and on the
/// suppression list.
package struct Feedback: Sendable {
    package var at: Timestamp
    /// Whom it is about; nil where no recipient of the trace is.
    package var recipient: RecipientID?
    /// The recipient's address, where it is known.
    package var address: EmailAddress?
    /// `returned`, `complained`, `answered`.
    package var kind: String
    package var reply: SMTPReply?
    package var findings: [Finding]
    package var tally: SendingTally
    package var note: OutcomeNote
    /// True where the recipient had been counted as delivered, and is so no longer.
    package var undoesDelivery: Bool

    package init(
        at: Timestamp, recipient: RecipientID?, address: EmailAddress? = nil, kind: String, reply: SMTPReply?, findings: [Finding],
        tally: SendingTally, note: OutcomeNote, undoesDelivery: Bool
    ) {
        self.at = at
        self.recipient = recipient
        self.address = address
        self.kind = kind
        self.reply = reply
        self.findings = findings
        self.tally = tally
        self.note = note
        self.undoesDelivery = undoesDelivery
    }
}
