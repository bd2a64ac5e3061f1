package import MailModel

/// What a Received field says about how a message came in (RFC 5321 §4.4).
package struct ReceivedTrace: Hashable, Sendable {
    /// The `with` keywords of RFC 3848 and RFC 6531 §4.3, made from what was used.
    package struct Transfer: OptionSet, Hashable, Sendable {
        package let rawValue: Int
        package init(rawValue: Int) { self.rawValue = rawValue }
        /// EHLO was used rather than HELO.
        package static let extended = Transfer(rawValue: 1)
        package static let tls = Transfer(rawValue: 2)
        package static let authenticated = Transfer(rawValue: 4)
        package static let internationalized = Transfer(rawValue: 8)
        /// By our own HTTP interface, which no keyword of IANA's names.
        package static let http = Transfer(rawValue: 16)

        package var keyword: String {
            if contains(.http) { return contains(.tls) ? "HTTPS" : "HTTP" }
            guard contains(.extended) || contains(.internationalized) else { return "SMTP" }
            let base = contains(.internationalized) ? "UTF8SMTP" : "ESMTP"
            return base + (contains(.tls) ? "S" : "") + (contains(.authenticated) ? "A" : "")
        }
    }

    /// As the client named itself in EHLO; octets that a host name cannot hold become `?`.
    package var clientName: String
    /// Nil keeps the address out of the field.
    package var clientAddress: IPAddress?
    package var host: DomainName
    package var transfer: Transfer
    /// `TLSv1.3`, shown as a comment; nil for plaintext.
    package var tlsVersion: String?
    package var id: MessageID
    /// The recipient where there is just one; nil for several, which must not learn of each other.
    package var recipient: EmailAddress?
    package var at: Timestamp

    package init(
        clientName: String, clientAddress: IPAddress?, host: DomainName, transfer: Transfer, tlsVersion: String?, id: MessageID,
        recipient: EmailAddress?, at: Timestamp
    ) {
        self.clientName = clientName
        self.clientAddress = clientAddress
        self.host = host
        self.transfer = transfer
        self.tlsVersion = tlsVersion
        self.id = id
        self.recipient = recipient
        self.at = at
    }

    /// Appends the whole field with its line ends; ASCII unless the transfer is internationalised.
    package func write(to output: inout [UInt8]) {
        let mayBeUTF8 = transfer.contains(.internationalized)
        output += "Received: from ".utf8
        writeHost(clientName, mayBeUTF8: mayBeUTF8, to: &output)
        if let clientAddress {
            output += " (".utf8
            output += MailHost.literal(clientAddress).description.utf8
            output += ")".utf8
        }
        output += "\r\n\tby ".utf8
        writeHost(host.text, mayBeUTF8: mayBeUTF8, to: &output)
        output += " (Postern) with ".utf8
        output += transfer.keyword.utf8
        output += " id ".utf8
        output += id.description.utf8
        if let tlsVersion {
            output += "\r\n\t(using ".utf8
            writeHost(tlsVersion, mayBeUTF8: false, to: &output)
            output += ")".utf8
        }
        // The ASCII form has no way to write an internationalised address.
        if let recipient, mayBeUTF8 || !recipient.isInternationalized {
            output += "\r\n\tfor <".utf8
            output += recipient.description.utf8
            output += ">".utf8
        }
        output += ";\r\n\t".utf8
        output += at.rfc5322.utf8
        output += "\r\n".utf8
    }
}

/// Letters, digits and what literals need; anything else, and every octet past 255, is not let into a header.
private func writeHost(_ name: String, mayBeUTF8: Bool, to output: inout [UInt8]) {
    if name.isEmpty { output += "unknown".utf8 }
    for byte in name.utf8.prefix(255) {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x3A, 0x5B, 0x5D, 0x5F: output.append(byte)
        case 0x80...: output.append(mayBeUTF8 ? byte : 0x3F)
        default: output.append(0x3F)
        }
    }
}
