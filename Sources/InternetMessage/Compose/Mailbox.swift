package import MailModel

/// A mailbox with the name that people see: `Anna Arendt <a@example.org>` (RFC 5322 §3.4).
package struct Mailbox: Hashable, Sendable {
    /// Empty where there is none.
    package let displayName: String
    package let address: EmailAddress

    /// Octets of a display name.
    private static let nameBytesMax = 500

    /// Reads an address alone, or a name (quoted or not) and an address in angle brackets; nil for anything else, and for a name with a
    /// control character.
    package init?(_ text: some StringProtocol) {
        let trimmed = Mailbox.trimmed(Substring(text))
        guard trimmed.last == ">", let open = trimmed.lastIndex(of: "<") else {
            guard let address = EmailAddress(trimmed) else { return nil }
            displayName = ""
            self.address = address
            return
        }
        guard let address = EmailAddress(trimmed[trimmed.index(after: open)...].dropLast()) else { return nil }
        guard let name = Mailbox.unquoted(Mailbox.trimmed(trimmed[..<open])), name.utf8.count <= Mailbox.nameBytesMax,
            name.unicodeScalars.allSatisfy(FieldText.isHarmless)
        else { return nil }
        displayName = name
        self.address = address
    }

    /// As it stands in a header field, before folding.
    var headerText: String {
        guard !displayName.isEmpty else { return address.description }
        return "\(phrase) <\(address)>"
    }

    private var phrase: String {
        let isPlain = displayName.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x20, 0x27, 0x2D, 0x5F: true
            default: false
            }
        }
        if isPlain { return displayName }
        guard displayName.utf8.allSatisfy({ $0 < 0x80 }), !displayName.contains("=?") else {
            return EncodedWord.encode(displayName)
        }
        return "\"" + displayName.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while let first = text.first, first == " " { text.removeFirst() }
        while let last = text.last, last == " " { text.removeLast() }
        return text
    }

    /// Without quotes and their escapes; nil where a quote does not close.
    private static func unquoted(_ text: Substring) -> String? {
        guard text.first == "\"" else { return text.contains("\"") || text.contains("<") ? nil : String(text) }
        guard text.count >= 2, text.last == "\"" else { return nil }
        var name = ""
        var isEscaped = false
        for character in text.dropFirst().dropLast() {
            if !isEscaped, character == "\\" {
                isEscaped = true
            } else if !isEscaped, character == "\"" {
                return nil
            } else {
                name.append(character)
                isEscaped = false
            }
        }
        return isEscaped ? nil : name
    }
}
