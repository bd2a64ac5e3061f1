package import MailModel

/// What a message says that came back: a delivery report of RFC 3464, a notice in words, a complaint (RFC 5965), an automatic answer, or none of these.
///
/// Any octets are read, within `ReturnedLimits`; nothing fails, and nothing here is believed: who may say such things is decided elsewhere.
package struct ReturnedMessage: Hashable, Sendable {
    package enum Form: Hashable, Sendable {
        /// With a part of type message/delivery-status, or its fields in the text.
        case deliveryReport
        /// In words only.
        case notice
        case complaint
        case automaticAnswer
        case other
    }

    package internal(set) var form = Form.other
    /// Each recipient that it names; a notice that names none has one row without a recipient.
    package internal(set) var rows: [ReturnedRow] = []
    /// The host that reports, else the domain of who wrote it; empty where neither is there.
    package internal(set) var reporter = ""
    /// Of a complaint, lower case.
    package internal(set) var feedbackType: String?
    package internal(set) var original = ReturnedOriginal()
    /// Its own words, without the message that came back; at most `ReturnedLimits.textBytesMax` octets.
    package internal(set) var text = ""

    package static func read(_ content: [UInt8]) -> ReturnedMessage {
        let parts = ReturnedParts(content)
        var message = ReturnedMessage()
        let notice = NoticeText(parts.text)
        message.text = notice.text
        message.original = ReturnedOriginal.read(parts, notice)
        message.reporter = parts.sender?.host.description ?? ""
        if let feedback = parts.feedback {
            message.readFeedback(feedback)
        } else if !message.readDeliveryStatus(parts, notice) {
            message.readWords(parts, notice)
        }
        return message
    }

    // MARK: - Complaints

    private mutating func readFeedback(_ fields: StatusFields) {
        form = .complaint
        feedbackType = (fields["feedback-type"] ?? "abuse").lowercased()
        original.sourceAddress = fields["source-ip"]
        if original.reversePath == nil { original.reversePath = fields["original-mail-from"].flatMap(WrittenAddress.first) }
        if original.envelopeID == nil { original.envelopeID = fields["original-envelope-id"] }
        let named = fields.all("original-rcpt-to") + fields.all("removal-recipient")
        let recipients = named.prefix(ReturnedLimits.rowsMax).compactMap(WrittenAddress.first)
        rows = recipients.map { ReturnedRow(recipient: $0) }
        if rows.isEmpty { rows = [ReturnedRow(recipient: original.to)] }
    }

    // MARK: - Delivery reports

    private mutating func readDeliveryStatus(_ parts: ReturnedParts, _ notice: NoticeText) -> Bool {
        let groups = parts.status.isEmpty ? StatusFields.groups(inText: notice.raw) : parts.status
        let recipients = groups.filter(\.isOfRecipient).prefix(ReturnedLimits.rowsMax)
        if let host = groups.lazy.compactMap({ $0["reporting-mta"] }).first { reporter = StatusFields.withoutType(host).lowercased() }
        guard !recipients.isEmpty else { return false }
        form = .deliveryReport
        let isAlone = recipients.count == 1
        let named = notice.recipients(failed: parts.failedRecipients)
        rows = recipients.map { group in
            var row = ReturnedRow(group)
            if row.recipient == nil { row.recipient = isAlone ? named.first?.address ?? original.to : nil }
            let section = named.first { $0.address == row.recipient }
            row.context = isAlone ? notice.text : section.map { notice.words($0, among: named) } ?? ""
            row.stage = DeliveryStage.named(in: row.words) ?? DeliveryStage.named(in: row.context)
            if row.replyCode == nil { row.replyCode = ReplyQuote.find(in: row.context)?.code }
            return row
        }
        return true
    }

    // MARK: - Words

    private mutating func readWords(_ parts: ReturnedParts, _ notice: NoticeText) {
        guard NoticeSigns.isNotice(parts, notice) else {
            form = NoticeSigns.isAutomatic(parts) ? .automaticAnswer : .other
            if form == .automaticAnswer { rows = [ReturnedRow(recipient: parts.sender)] }
            if let type = NoticeSigns.complaint(parts, notice) {
                form = .complaint
                feedbackType = type
            }
            return
        }
        form = .notice
        let named = notice.recipients(failed: parts.failedRecipients)
        let isDelay = NoticeSigns.isDelay(notice)
        rows = named.map { section in
            ReturnedRow(section.address, words: named.count == 1 ? notice.text : notice.words(section, among: named), isDelay: isDelay)
        }
        if rows.isEmpty { rows = [ReturnedRow(original.to, words: notice.text, isDelay: isDelay)] }
    }
}

/// One recipient in what came back, with all that is said of it.
package struct ReturnedRow: Hashable, Sendable {
    /// Nil where none is named, or what is named is no address.
    package var recipient: EmailAddress?
    /// Nil where the report does not say.
    package var action: ReturnedReport.Action?
    /// Of the receiver's reply, else of the report.
    package var status: EnhancedStatusCode?
    package var replyCode: Int?
    /// What the receiver said, with its codes; empty where the report says nothing.
    package var words = ""
    /// What else stands about the recipient in the notice.
    package var context = ""
    /// At which command it was refused, as far as the words say.
    package var stage: DeliveryStage?

    init(recipient: EmailAddress?) { self.recipient = recipient }

    /// From a group of fields of message/delivery-status.
    init(_ fields: StatusFields) {
        recipient = fields.recipient
        action = fields["action"].flatMap(ReturnedReport.Action.init(written:))
        let diagnostic = fields["diagnostic-code"].map(StatusFields.withoutType) ?? ""
        let field = fields["status"] ?? ""
        let quote = ReplyQuote.find(in: diagnostic)
        replyCode = quote?.code
        status = quote?.enhanced ?? ReplyQuote.firstEnhanced(in: diagnostic) ?? ReplyQuote.firstEnhanced(in: field)
        words = fields["diagnostic-code"].flatMap(StatusFields.exitStatus).map { "exit status \($0)" } ?? diagnostic
        // `5.2.1 (mailbox disabled, not accepting messages)`: a comment in the field, beside or instead of a diagnosis.
        if let comment = field.firstIndex(of: "(") { words += (words.isEmpty ? "" : " ") + field[comment...] }
    }

    /// From a notice in words.
    init(_ recipient: EmailAddress?, words text: String, isDelay: Bool) {
        self.recipient = recipient
        action = isDelay ? .delayed : .failed
        let quote = ReplyQuote.find(in: text)
        replyCode = quote?.code
        status = quote?.enhanced ?? ReplyQuote.firstEnhanced(in: text)
        words = quote?.words ?? ""
        context = text
        stage = DeliveryStage.named(in: text)
    }
}

extension ReturnedReport.Action {
    /// In any case; `deliverable` and such are what some mailers write of a success.
    fileprivate init?(written: String) {
        let word = written.lowercased().prefix { $0.isLetter }
        switch word {
        case "failed", "failure", "expired", "error": self = .failed
        case "delayed": self = .delayed
        case "delivered", "deliverable", "read": self = .delivered
        case "relayed": self = .relayed
        case "expanded": self = .expanded
        default: return nil
        }
    }
}

/// How much of what comes back is read. Real reports need a hundredth of it.
package enum ReturnedLimits {
    package static let textBytesMax = 65_536
    /// Recipients of one report.
    package static let rowsMax = 500
    static let linesMax = 2_000
    static let statusBytesMax = 1 << 20
    static let statusFieldsMax = 10_000
    /// Parts of one message.
    static let mime = MIMELimits(partsMax: 100, depthMax: 8, fieldsMax: 500, opensMessages: false)
}
