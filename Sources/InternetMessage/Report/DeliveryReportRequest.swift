package import MailModel

/// Everything that a delivery report says. All recipients are of one message and told to one person, its sender.
package struct DeliveryReportRequest: Sendable {
    /// The host that reports (Reporting-MTA), and whose postmaster writes it.
    package var reportingHost: DomainName
    /// Whom the report comes from, usually the postmaster.
    package var from: EmailAddress
    /// The sender of the message: its reverse-path.
    package var to: EmailAddress
    package var date: Timestamp
    /// For the report itself, without angle brackets.
    package var messageID: String
    /// A boundary of 1…60 letters, digits and hyphens that the message is not likely to hold; it is lengthened where it does.
    package var boundary: String
    package var original: Original
    /// 1 or more.
    package var recipients: [Recipient]

    package init(
        reportingHost: DomainName, from: EmailAddress, to: EmailAddress, date: Timestamp, messageID: String, boundary: String,
        original: Original, recipients: [Recipient]
    ) {
        self.reportingHost = reportingHost
        self.from = from
        self.to = to
        self.date = date
        self.messageID = messageID
        self.boundary = boundary
        self.original = original
        self.recipients = recipients
    }

    /// The message that the report is about.
    package struct Original: Sendable {
        /// The number that the trace knows it by.
        package var id: MessageID
        package var arrivedAt: Timestamp
        /// ENVID as decoded; nil where the sender gave none.
        package var envelopeID: String?
        /// Decoded; empty where there was none.
        package var subject: String
        /// Without angle brackets; empty where there was none.
        package var messageID: String
        /// Lines end in CRLF.
        package var content: [UInt8]
        /// RET as given. Nil returns the whole of a message that failed, as far as `returnedBytesMax` allows.
        package var dsnReturn: DSNReturn?
        /// A larger content is returned by its header only.
        package var returnedBytesMax: Int

        package init(
            id: MessageID, arrivedAt: Timestamp, envelopeID: String?, subject: String, messageID: String, content: [UInt8],
            dsnReturn: DSNReturn?, returnedBytesMax: Int = Original.returnedBytesStandard
        ) {
            self.id = id
            self.arrivedAt = arrivedAt
            self.envelopeID = envelopeID
            self.subject = subject
            self.messageID = messageID
            self.content = content
            self.dsnReturn = dsnReturn
            self.returnedBytesMax = returnedBytesMax
        }

        /// Enough for the text of any letter; a report for each of many recipients must not send large files back each time.
        package static let returnedBytesStandard = 262_144
    }

    /// What became of one recipient.
    package struct Recipient: Sendable {
        package var recipient: EnvelopeRecipient
        package var action: Action
        /// Nil takes the reply's enhanced code, or the one that its basic code stands for.
        package var status: EnhancedStatusCode?
        /// The last reply; nil where there was no attempt.
        package var reply: SMTPReply?
        /// True where the reply is our own and no receiver said it.
        package var isReplyLocal: Bool
        /// The host that was talked to; nil where none was reached.
        package var remoteHost: String?
        /// Nil where there was no attempt.
        package var lastAttemptAt: Timestamp?
        /// For a delay: until when it will be tried.
        package var retryUntil: Timestamp?

        package init(
            recipient: EnvelopeRecipient, action: Action, status: EnhancedStatusCode? = nil, reply: SMTPReply?, isReplyLocal: Bool,
            remoteHost: String?, lastAttemptAt: Timestamp?, retryUntil: Timestamp? = nil
        ) {
            self.recipient = recipient
            self.action = action
            self.status = status
            self.reply = reply
            self.isReplyLocal = isReplyLocal
            self.remoteHost = remoteHost
            self.lastAttemptAt = lastAttemptAt
            self.retryUntil = retryUntil
        }
    }

    /// Action of RFC 3464 §2.3.3. The raw value is what the report holds.
    package enum Action: String, Hashable, Sendable {
        case failed, delayed, delivered, relayed, expanded
    }
}

extension DeliveryReportRequest.Recipient {
    /// What the Status field holds; its class always fits the action.
    var effectiveStatus: EnhancedStatusCode {
        if let status { return status }
        let fallbackClass = action == .failed ? 5 : action == .delayed ? 4 : 2
        guard let reply else { return EnhancedStatusCode(fallbackClass, 0, 0) }
        let said = reply.enhancedCode ?? DeliveryAdvice.enhancedCode(forBasicCode: reply.code)
        switch (action, said.statusClass) {
        // A failure after transient replies keeps their class: it tells that the address itself may be good.
        case (.failed, 4), (.failed, 5), (.delayed, 4): return said
        case (.delivered, 2), (.relayed, 2), (.expanded, 2): return said
        default: return EnhancedStatusCode(fallbackClass, said.subject, said.detail)
        }
    }
}
