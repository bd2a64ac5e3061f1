/// Writes a message from its fields: 7-bit throughout, but for addresses that need UTF-8. Nothing in a field can end it or make another:
/// control characters are refused with the field's name.
///
/// Date and Message-ID are not written: submission adds them.
package struct MessageBuilder {
    private let message: ComposedMessage
    private let boundary: String

    /// `boundarySeed`: letters and digits that cannot be foreseen, so that no content can pose as a boundary.
    package static func build(_ message: ComposedMessage, boundarySeed: String) throws(CompositionFault) -> [UInt8] {
        precondition(!boundarySeed.isEmpty && boundarySeed.utf8.count <= 40)
        return try MessageBuilder(message: message, boundary: "=_\(boundarySeed)").run()
    }

    private func run() throws(CompositionFault) -> [UInt8] {
        var content = Array(try header().utf8)
        content += try body()
        return content
    }

    // MARK: - Header

    private func header() throws(CompositionFault) -> String {
        var text = try mailboxes("From", [message.from], at: { _ in "/from" })
        text += try mailboxes("To", message.to, at: { "/to/\($0)" })
        text += try mailboxes("Cc", message.cc, at: { "/cc/\($0)" })
        text += try mailboxes("Reply-To", message.replyTo, at: { "/replyTo/\($0)" })
        try FieldCheck.value(message.subject, "/subject")
        if !message.subject.isEmpty { text += HeaderText.unstructured("Subject", message.subject) }
        guard message.headers.count <= CompositionLimits.headersMax else {
            throw CompositionFault(field: "/headers", problem: "has more than \(CompositionLimits.headersMax) entries")
        }
        for (index, field) in message.headers.enumerated() {
            try FieldCheck.name(field.name, "/headers/\(index)/name")
            try FieldCheck.value(field.value, "/headers/\(index)/value")
            text += HeaderText.unstructured(field.name, field.value)
        }
        return text + "MIME-Version: 1.0\r\n"
    }

    private func mailboxes(_ name: String, _ texts: [String], at pointer: (Int) -> String) throws(CompositionFault) -> String {
        guard !texts.isEmpty else { return "" }
        guard texts.count <= CompositionLimits.mailboxesMax else {
            throw CompositionFault(field: pointer(0), problem: "is one of more than \(CompositionLimits.mailboxesMax)")
        }
        var parts: [String] = []
        for (index, text) in texts.enumerated() {
            guard let mailbox = Mailbox(text) else {
                throw CompositionFault(field: pointer(index), problem: "is no mailbox such as \"Anna Arendt <a@example.org>\"")
            }
            parts.append(mailbox.headerText)
        }
        return HeaderText.international(name, parts.joined(separator: ", "))
    }

    // MARK: - Body

    /// From the fields of the outermost part on.
    private func body() throws(CompositionFault) -> [UInt8] {
        guard message.attachments.count <= CompositionLimits.attachmentsMax else {
            throw CompositionFault(field: "/attachments", problem: "has more than \(CompositionLimits.attachmentsMax) entries")
        }
        var related: [[UInt8]] = []
        var mixed: [[UInt8]] = []
        for (index, attachment) in message.attachments.enumerated() {
            let part = try AttachmentPart.bytes(attachment, "/attachments/\(index)")
            if attachment.contentID != nil, message.html != nil { related.append(part) } else { mixed.append(part) }
        }
        var main = text(related)
        if !mixed.isEmpty { main = multipart("mixed", [main] + mixed, level: 1) }
        return main
    }

    private func text(_ related: [[UInt8]]) -> [UInt8] {
        let plain = message.text.map { part("plain", $0) }
        guard var html = message.html.map({ part("html", $0) }) else { return plain ?? part("plain", "") }
        if !related.isEmpty { html = multipart("related", [html] + related, level: 3) }
        guard let plain else { return html }
        return multipart("alternative", [plain, html], level: 2)
    }

    private func part(_ subtype: String, _ text: String) -> [UInt8] {
        let header = "Content-Type: text/\(subtype); charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
        let lines = MessageBuilder.withLineEnds(Array(text.utf8))
        return Array(header.utf8) + QuotedPrintable.encode(lines[...])
    }

    /// CRLF for every LF, CR and CRLF, and at the end.
    private static func withLineEnds(_ text: [UInt8]) -> [UInt8] {
        var lines: [UInt8] = []
        lines.reserveCapacity(text.count + text.count / 32 + 2)
        var previous: UInt8 = 0
        for byte in text {
            switch byte {
            case 0x0D: lines += [0x0D, 0x0A]
            case 0x0A: if previous != 0x0D { lines += [0x0D, 0x0A] }
            default: lines.append(byte)
            }
            previous = byte
        }
        if lines.last != 0x0A { lines += [0x0D, 0x0A] }
        return lines
    }

    /// `level` tells the boundaries of nested parts apart, none the begin of another.
    private func multipart(_ subtype: String, _ parts: [[UInt8]], level: Int) -> [UInt8] {
        let mark = "\(boundary)_\(level)"
        let type = subtype == "related" ? "multipart/related; type=\"text/html\";" : "multipart/\(subtype);"
        var bytes = Array("Content-Type: \(type)\r\n\tboundary=\"\(mark)\"\r\n\r\n".utf8)
        for part in parts {
            bytes += "--\(mark)\r\n".utf8
            bytes += part
            // The line end before a boundary belongs to the boundary (RFC 2046 §5.1.1), not to the text.
            bytes += [0x0D, 0x0A]
        }
        return bytes + Array("--\(mark)--\r\n".utf8)
    }
}
