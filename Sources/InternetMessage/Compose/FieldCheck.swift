/// What may stand in a header field that comes from a caller.
enum FieldCheck {
    /// A field that is not ours to let be set: it is written from other fields, or says what only a server can know.
    private static let reserved: Set<String> = [
        "from", "sender", "to", "cc", "bcc", "reply-to", "subject", "date", "message-id", "mime-version", "received", "return-path",
        "dkim-signature", "authentication-results",
    ]
    private static let reservedBegins = ["content-", "resent-", "arc-", "x-postern-"]

    static func name(_ name: String, _ pointer: String) throws(CompositionFault) {
        let isToken = name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x3A }
        guard isToken, !name.isEmpty, name.utf8.count <= CompositionLimits.headerNameBytesMax else {
            throw CompositionFault(field: pointer, problem: "is no field name: letters, digits and hyphens")
        }
        let lower = name.lowercased()
        guard !reserved.contains(lower), !reservedBegins.contains(where: lower.hasPrefix) else {
            throw CompositionFault(field: pointer, problem: "names a field that is written from others or by the gate: \(name)")
        }
    }

    static func value(_ value: String, _ pointer: String) throws(CompositionFault) {
        guard value.utf8.count <= CompositionLimits.valueBytesMax else {
            throw CompositionFault(field: pointer, problem: "is longer than \(CompositionLimits.valueBytesMax) octets")
        }
        guard value.unicodeScalars.allSatisfy(FieldText.isHarmless) else {
            throw CompositionFault(field: pointer, problem: "holds a control character or a line end")
        }
    }
}

/// One file as a MIME part.
enum AttachmentPart {
    static func bytes(_ attachment: ComposedMessage.Attachment, _ pointer: String) throws(CompositionFault) -> [UInt8] {
        try checkType(attachment.contentType, "\(pointer)/contentType")
        let name = attachment.fileName
        guard !name.isEmpty, name.utf8.count <= CompositionLimits.fileNameBytesMax, name.unicodeScalars.allSatisfy(FieldText.isHarmless)
        else {
            throw CompositionFault(field: "\(pointer)/filename", problem: "has to have 1 to 255 octets without control characters")
        }
        var header = "Content-Type: \(attachment.contentType.lowercased())\r\nContent-Transfer-Encoding: base64\r\n"
        header += "Content-Disposition: \(attachment.contentID == nil ? "attachment" : "inline");\r\n\t\(fileName(name))\r\n"
        if let id = attachment.contentID {
            guard !id.isEmpty, id.utf8.count <= 250, id == HeaderText.messageID(id) else {
                throw CompositionFault(field: "\(pointer)/contentId", problem: "has to have 1 to 250 characters of ASCII without < and >")
            }
            header += "Content-ID: <\(id)>\r\n"
        }
        return Array("\(header)\r\n".utf8) + lines(Base64.encode(attachment.content))
    }

    /// What is made of parts, or is a message itself, cannot be carried in base64 (RFC 2045 §6.4).
    private static func checkType(_ type: String, _ pointer: String) throws(CompositionFault) {
        let parts = type.split(separator: "/", omittingEmptySubsequences: false)
        let isToken = parts.count == 2 && type.utf8.count <= 127 && parts.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy(isTokenByte) }
        guard isToken, parts[0].lowercased() != "multipart", parts[0].lowercased() != "message" else {
            throw CompositionFault(field: pointer, problem: "is no content type of a file, such as application/pdf: \(type.prefix(60))")
        }
    }

    /// The characters of RFC 6838 §4.2.
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x21, 0x23, 0x24, 0x26, 0x2B, 0x2D, 0x2E, 0x5E, 0x5F: true
        default: false
        }
    }

    /// RFC 2183, and RFC 2231 §4 for names beyond ASCII.
    private static func fileName(_ name: String) -> String {
        if name.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) {
            return "filename=\"" + name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
        }
        var text = ""
        for byte in name.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: text.append(Character(Unicode.Scalar(byte)))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                text += digits.utf8.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return "filename*=UTF-8''\(text)"
    }

    private static func lines(_ digits: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count + digits.count / 38 + 2)
        var start = 0
        while start < digits.count {
            let end = min(start + 76, digits.count)
            bytes += digits[start..<end]
            bytes += [0x0D, 0x0A]
            start = end
        }
        return bytes
    }
}
