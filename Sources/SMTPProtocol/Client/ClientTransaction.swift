package import MailModel

/// One message for some of its recipients, as it goes to one server.
package struct ClientTransaction: Hashable, Sendable {
    package var reversePath: ReversePath
    /// BODY, SMTPUTF8, RET and ENVID go out as far as the server offers them. SIZE is reckoned from the content; a future release
    /// has been waited for and is not passed on. `body` is `.eightBit` where the content has octets with the high bit set.
    package var parameters: MailParameters
    /// At least one.
    package var recipients: [EnvelopeRecipient]
    /// With CRLF line ends, dots not stuffed.
    package var content: [UInt8]
    /// Ask for sender and recipients only, then RSET: a recipient that is taken counts as delivered, and nothing is.
    package var isEnvelopeOnly = false

    package init(
        reversePath: ReversePath, parameters: MailParameters = MailParameters(), recipients: [EnvelopeRecipient], content: [UInt8]
    ) {
        self.reversePath = reversePath
        self.parameters = parameters
        self.recipients = recipients
        self.content = content
    }

    /// True where it cannot be sent without SMTPUTF8 (RFC 6531 §3.2).
    package var needsSMTPUTF8: Bool {
        parameters.isInternationalized || reversePath.address?.isInternationalized == true
            || recipients.contains { $0.address.isInternationalized }
    }

    /// Appends `MAIL FROM:…` with CRLF.
    func writeMail(to output: inout [UInt8], _ capabilities: SMTPCapabilities) {
        let start = output.count
        output += "MAIL FROM:<".utf8
        output += reversePath.description.utf8
        output += ">".utf8
        if capabilities.size != nil {
            output += " SIZE=".utf8
            output += String(content.count).utf8
        }
        if capabilities.eightBitMIME, parameters.body == .eightBit { output += " BODY=8BITMIME".utf8 }
        if needsSMTPUTF8 { output += " SMTPUTF8".utf8 }
        if parameters.requiresTLS { output += " REQUIRETLS".utf8 }
        if capabilities.dsn {
            if let dsnReturn = parameters.dsnReturn { output += " RET=\(dsnReturn.rawValue)".utf8 }
            if let envelopeID = parameters.envelopeID { output += Array(" ENVID=".utf8) + XText.encode(envelopeID.utf8) }
        }
        endLine(&output, from: start)
    }

    /// Appends `RCPT TO:…` with CRLF.
    func writeRecipient(_ index: Int, to output: inout [UInt8], _ capabilities: SMTPCapabilities) {
        let start = output.count
        let recipient = recipients[index]
        output += "RCPT TO:<".utf8
        output += recipient.address.description.utf8
        output += ">".utf8
        if capabilities.dsn {
            if let notify = recipient.notify { output += " NOTIFY=\(notify.keywords)".utf8 }
            if let original = recipient.originalRecipient {
                output += Array(" ORCPT=".utf8) + XText.encode(original.type.utf8) + [ASCII.semicolon]
                output += original.type == "utf-8" ? XText.encodeUnicode(original.address) : XText.encode(original.address.utf8)
            }
        }
        endLine(&output, from: start)
    }

    /// The types cannot hold a line end; if they ever did, another command could be written into this one.
    private func endLine(_ output: inout [UInt8], from start: Int) {
        for position in start..<output.count { precondition(!ASCII.isControl(output[position]), "a control character in a command") }
        output += "\r\n".utf8
    }
}

extension DSNNotify {
    /// As NOTIFY carries it (RFC 3461 §4.1).
    fileprivate var keywords: String {
        let names = [(DSNNotify.success, "SUCCESS"), (.failure, "FAILURE"), (.delay, "DELAY")].filter { contains($0.0) }.map(\.1)
        return names.isEmpty ? "NEVER" : names.joined(separator: ",")
    }
}

extension XText {
    /// utf-8-addr-xtext of RFC 6533 §3: in ASCII, with `\x{HEX}` for everything that may not stand for itself.
    static func encodeUnicode(_ text: String) -> [UInt8] {
        var encoded: [UInt8] = []
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x21...0x7E where scalar != "+" && scalar != "=" && scalar != "\\": encoded.append(UInt8(truncatingIfNeeded: scalar.value))
            default: encoded += Array("\\x{\(String(scalar.value, radix: 16, uppercase: true))}".utf8)
            }
        }
        return encoded
    }
}
