package import MailModel

/// What a submission server adds to and takes from a message (RFC 6409 §8), in one copy of it.
package enum SubmissionEdits {
    /// Bcc fields name people who must stay unseen (RFC 5322 §3.6.3); a relay from a server that has dealt with it may keep them.
    package enum BccTreatment: Hashable, Sendable {
        case remove, keep
    }

    /// The content with Received on top, then Date and Message-ID where they are given, without Bcc fields, and without
    /// Authentication-Results in our name (RFC 8601 §5). Nothing else changes.
    ///
    /// `results`: what our own checks found, for Authentication-Results; nil where there were none.
    /// `header`: of this content. `date`, `messageID`: nil where the message has its own. `messageID` is without angle brackets;
    /// octets that cannot stand in one are dropped. A missing Sender is not added: who sent it is told by the trace.
    package static func apply(
        to content: [UInt8], header: HeaderSection, received: ReceivedTrace, date: Timestamp?, messageID: String?,
        bcc: BccTreatment = .remove, results: String? = nil
    ) -> [UInt8] {
        var edited: [UInt8] = []
        edited.reserveCapacity(content.count + addedFieldsBytesMax)
        received.write(to: &edited)
        if let results { edited += ResultsField.field(received.host, results) }
        if let date { edited += "Date: \(date.rfc5322)\r\n".utf8 }
        if let messageID { edited += "Message-ID: <\(HeaderText.messageID(messageID))>\r\n".utf8 }
        if header.fields.isEmpty, header.bodyStart == 0 { edited += "\r\n".utf8 }
        var copied = 0
        for field in header.fields
        where bcc == .remove && field.isNamed("bcc", in: content) || ResultsField.isOf(received.host, field, in: content) {
            edited += content[copied..<field.start]
            copied = field.end
        }
        edited += content[copied...]
        return edited
    }

    /// Room for Received, Date and Message-ID; more only costs a second allocation.
    private static let addedFieldsBytesMax = 768
}
