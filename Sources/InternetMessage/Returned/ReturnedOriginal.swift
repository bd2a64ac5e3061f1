package import MailModel

/// What is known of the mail that came back.
package struct ReturnedOriginal: Hashable, Sendable {
    /// Without brackets.
    package var messageID: String?
    /// The reverse-path that it left with: its Return-Path, or what a complaint calls Original-Mail-From.
    package var reversePath: EmailAddress?
    /// The first of its To.
    package var to: EmailAddress?
    /// RFC 3461.
    package var envelopeID: String?
    /// From which address the complaint says that it came; as written.
    package var sourceAddress: String?

    static func read(_ parts: ReturnedParts, _ notice: NoticeText) -> ReturnedOriginal {
        var original = ReturnedOriginal()
        let octets = parts.returned.isEmpty ? Array(notice.returned.utf8) : parts.returned
        // A blank line before the header is no end of it.
        let header = octets.drop { $0.isFoldingWhitespace }
        for fields in StatusFields.groups(Array(header)).prefix(groupsMax) {
            if original.messageID == nil { original.messageID = fields["message-id"].flatMap(identifier) }
            if original.reversePath == nil { original.reversePath = fields["return-path"].flatMap(WrittenAddress.first) }
            if original.to == nil { original.to = fields["to"].flatMap(WrittenAddress.first) }
        }
        return original
    }

    private static func identifier(_ value: String) -> String? {
        let inner = value.drop { $0 != "<" }.dropFirst().prefix { $0 != ">" }
        let text = inner.isEmpty ? value[...] : inner
        return text.isEmpty || text.utf8.count > 500 ? nil : String(text)
    }

    /// Its header, and where notices put empty lines into it, a little more.
    private static let groupsMax = 3
}
