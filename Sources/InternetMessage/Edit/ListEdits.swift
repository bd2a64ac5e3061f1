package import MailModel

/// What a discussion list does to a message that it sends on: list fields (RFC 2369, RFC 2919), and the changes of its own rules.
package struct ListEdits: Hashable, Sendable {
    package var address: EmailAddress
    /// As people read it; not empty.
    package var title: String
    /// RFC 2919, without angle brackets.
    package var id: String
    /// Printable ASCII, without brackets; nil for none.
    package var prefix: String?
    /// True where From says the list: receivers would refuse the author's domain from us.
    package var rewritesFrom: Bool
    package var answersGoToList: Bool
    /// List-Post and the like with their values, as they are written.
    package var fields: [ComposedMessage.Header]

    package init(
        address: EmailAddress, title: String, id: String, prefix: String?, rewritesFrom: Bool, answersGoToList: Bool,
        fields: [ComposedMessage.Header]
    ) {
        (self.address, self.title, self.id, self.prefix) = (address, title, id, prefix)
        (self.rewritesFrom, self.answersGoToList, self.fields) = (rewritesFrom, answersGoToList, fields)
    }

    /// Of another list or of the way here; what asks readers for receipts would ask all members.
    private static let dropped: Set<String> = [
        "list-id", "list-post", "list-help", "list-subscribe", "list-unsubscribe", "list-unsubscribe-post", "list-owner", "list-archive",
        "precedence", "return-path", "delivered-to", "errors-to", "feedback-id", "disposition-notification-to", "return-receipt-to",
        "x-confirm-reading-to",
    ]

    /// `header`: of this content. `author`: From as readable text, for the name in its place.
    package func applied(to content: [UInt8], header: HeaderSection, author: String) -> [UInt8] {
        var edited: [UInt8] = []
        edited.reserveCapacity(content.count + 2048)
        edited += HeaderText.unstructured("List-Id", "\(ListEdits.phrase(title)) <\(id)>").utf8
        edited += "Precedence: list\r\n".utf8
        for field in fields { edited += HeaderText.structured(field.name, field.value).utf8 }
        if rewritesFrom {
            edited += HeaderText.structured("From", "\(ListEdits.quoted(nameInFrom(author))) <\(address)>").utf8
            if let from = header.first("from", in: content) { edited += named("X-Original-From", from, content) }
        }
        edited += answers(content, header)
        if let subject = subject(content, header) { edited += subject }
        var copied = 0
        for field in header.fields where isReplaced(field, content, header) {
            edited += content[copied..<field.start]
            copied = field.end
        }
        return edited + content[copied...]
    }

    private func isReplaced(_ field: HeaderField, _ content: [UInt8], _ header: HeaderSection) -> Bool {
        let name = String(decoding: content[field.name], as: UTF8.self).lowercased()
        switch name {
        case "from", "sender", "x-original-from": return rewritesFrom
        case "reply-to": return answersGoToList || rewritesFrom
        case "subject": return subject(content, header) != nil
        // What was changed makes them wrong, and a signature that fails is worse than none.
        case "dkim-signature": return rewritesFrom || answersGoToList || prefix != nil
        default: return ListEdits.dropped.contains(name)
        }
    }

    /// Where answers go: to the list, or to the author, who stands nowhere else once From says the list.
    private func answers(_ content: [UInt8], _ header: HeaderSection) -> [UInt8] {
        if answersGoToList { return Array(HeaderText.structured("Reply-To", "<\(address)>").utf8) }
        guard rewritesFrom, let field = header.first("reply-to", in: content) ?? header.first("from", in: content) else { return [] }
        return named("Reply-To", field, content)
    }

    /// The value of one field as another.
    private func named(_ name: String, _ field: HeaderField, _ content: [UInt8]) -> [UInt8] {
        Array("\(name):".utf8) + content[field.value] + Array("\r\n".utf8)
    }

    /// Nil: it stays.
    private func subject(_ content: [UInt8], _ header: HeaderSection) -> [UInt8]? {
        guard let prefix else { return nil }
        guard let field = header.first("subject", in: content) else { return Array("Subject: [\(prefix)] (no subject)\r\n".utf8) }
        guard !field.text(in: content).contains("[\(prefix)]") else { return nil }
        return Array("Subject: [\(prefix)]".utf8) + content[field.value] + Array("\r\n".utf8)
    }

    /// `Ada via Staff`.
    private func nameInFrom(_ author: String) -> String {
        let mailbox = Mailbox(author)
        let given = mailbox.map { $0.displayName.isEmpty ? $0.address.localPart : $0.displayName } ?? ""
        let name = given.isEmpty ? "Somebody" : String(given.prefix(80))
        return "\(name) via \(title)"
    }

    /// As a phrase (RFC 5322 §3.2.5): quoted, or as encoded words.
    private static func quoted(_ text: String) -> String {
        let plain = String(String.UnicodeScalarView(text.unicodeScalars.filter { FieldText.isHarmless($0) }))
        guard plain.utf8.allSatisfy({ $0 < 0x80 }), !plain.contains("=?") else { return EncodedWord.encode(plain) }
        return "\"" + plain.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }

    /// Words that need no quotes, since List-Id is read by programs (RFC 2919 §3).
    private static func phrase(_ text: String) -> String {
        String(text.filter { $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" }.prefix(80))
    }
}
