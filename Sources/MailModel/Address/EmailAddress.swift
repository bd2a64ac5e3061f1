/// What stands right of the `@`: a domain, or an address literal (RFC 5321 §4.1.3).
package enum MailHost: Hashable, Sendable, CustomStringConvertible {
    case domain(DomainName)
    case literal(IPAddress)

    package var description: String {
        switch self {
        case .domain(let name): name.text
        case .literal(.v4(let address)): "[\(IPAddress.v4(address))]"
        case .literal(let address): "[IPv6:\(address)]"
        }
    }
}

/// A mailbox as SMTP carries it: local part and host (RFC 5321 §4.1.2).
///
/// The local part keeps its case for the wire and is compared without case, as every provider in use does. Its text is the
/// decoded form (no quotes, no backslashes); `description` quotes again where the grammar needs it. No octet below 0x20 and no
/// DEL can be in it, so an address can always be written to a wire or a header.
package struct EmailAddress: Hashable, Comparable, Sendable, CustomStringConvertible, Codable {
    package let localPart: String
    package let host: MailHost
    /// Lower-case `local@host`: what equality, limits and look-ups compare.
    package let key: String

    /// RFC 5321 §4.5.3.1.1.
    package static let localPartBytesMax = 64

    /// Nil where the local part is empty, over 64 octets or holds a control character, or one beyond ASCII that nobody sees.
    package init?(localPart: String, host: MailHost) {
        guard !localPart.isEmpty, localPart.utf8.count <= EmailAddress.localPartBytesMax else { return nil }
        var isASCII = true
        for byte in localPart.utf8 {
            guard byte >= 0x20, byte != 0x7F else { return nil }
            if byte >= 0x80 { isASCII = false }
        }
        guard isASCII || !UnseenText.stands(in: localPart.utf8) else { return nil }
        self.localPart = localPart
        self.host = host
        let host = host.description
        let lowered = localPart.lowercased()
        key = String(capacity: lowered.utf8.count + 1 + host.utf8.count) { text in
            text.put(lowered.utf8)
            text.put(0x40)
            text.put(host.utf8)
        }
    }

    /// Reads `local@domain`, `"quoted local"@domain` and `local@[literal]`; nil for anything else.
    package init?(_ text: some StringProtocol) { self.init(octets: Array(text.utf8)) }

    /// As from a text; nil also for what is no UTF-8.
    package init?(octets: [UInt8]) {
        guard let (local, hostText) = EmailAddress.split(octets), let host = MailHost(hostText) else { return nil }
        self.init(localPart: local, host: host)
    }

    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let address = EmailAddress(text) else {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "not a mail address: \(text)"))
        }
        self = address
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    /// The domain, or nil for an address literal.
    package var domain: DomainName? {
        if case .domain(let name) = host { name } else { nil }
    }

    /// True where SMTPUTF8 (RFC 6531) is needed to transmit it.
    package var isInternationalized: Bool { key.utf8.contains { $0 >= 0x80 } }

    /// As it stands between angle brackets.
    package var description: String {
        let (local, host) = (isDotAtom ? localPart : "\"\(quotedContent)\"", host.description)
        return String(capacity: local.utf8.count + 1 + host.utf8.count) { text in
            text.put(local.utf8)
            text.put(0x40)
            text.put(host.utf8)
        }
    }

    /// True where the local part needs no quotes: atoms with single dots between them. By octets: a dot with a combining character behind
    /// it is a dot.
    private var isDotAtom: Bool {
        var previous: UInt8 = 0x2E
        for byte in localPart.utf8 {
            guard isAtomByteOrDot(byte), byte != 0x2E || previous != 0x2E else { return false }
            previous = byte
        }
        return previous != 0x2E
    }

    private var quotedContent: String {
        var quoted: [UInt8] = []
        for byte in localPart.utf8 {
            if byte == 0x22 || byte == 0x5C { quoted.append(0x5C) }
            quoted.append(byte)
        }
        return String(decoding: quoted, as: UTF8.self)
    }

    package static func == (left: EmailAddress, right: EmailAddress) -> Bool { left.key == right.key }
    package func hash(into hasher: inout Hasher) { hasher.combine(key) }
    package static func < (left: EmailAddress, right: EmailAddress) -> Bool { left.key < right.key }
}

extension MailHost {
    /// Reads a domain or a bracketed literal (`[192.0.2.1]`, `[IPv6:2001:db8::1]`).
    package init?(_ text: some StringProtocol) {
        if text.utf8.first == 0x5B {
            let octets = String(text).utf8
            guard octets.last == 0x5D else { return nil }
            var inner = Substring(octets.dropFirst().dropLast())
            let isTagged = inner.lowercased().hasPrefix("ipv6:")
            if isTagged { inner = inner.dropFirst(5) }
            guard let address = IPAddress(inner), address.isV6 == isTagged else { return nil }
            self = .literal(address)
        } else {
            guard let name = DomainName(text) else { return nil }
            self = .domain(name)
        }
    }
}

extension EmailAddress {
    /// Splits into decoded local part and host text; the grammar of RFC 5321 §4.1.2 with UTF-8 as in RFC 6531 §3.3.
    private static func split(_ bytes: [UInt8]) -> (String, String)? {
        var position = 0
        let localText: String?
        if bytes.first == 0x22 {
            var local: [UInt8] = []
            position = 1
            while position < bytes.count, bytes[position] != 0x22 {
                if bytes[position] == 0x5C {
                    position += 1
                    guard position < bytes.count else { return nil }
                }
                local.append(bytes[position])
                position += 1
            }
            position += 1
            localText = text(local[...])
        } else {
            while position < bytes.count, bytes[position] != 0x40 {
                guard isAtomByteOrDot(bytes[position]) else { return nil }
                if bytes[position] == 0x2E, position == 0 || bytes[position - 1] == 0x2E { return nil }
                position += 1
            }
            guard position > 0, bytes[position - 1] != 0x2E else { return nil }
            localText = text(bytes[..<position])
        }
        guard position < bytes.count - 1, bytes[position] == 0x40, let localText, !localText.isEmpty,
            let hostText = text(bytes[(position + 1)...])
        else { return nil }
        return (localText, hostText)
    }

    /// Nil for what is no UTF-8.
    private static func text(_ octets: ArraySlice<UInt8>) -> String? {
        // Without the general reader for what nearly all are.
        octets.contains { $0 >= 0x80 } ? String(validating: octets, as: UTF8.self) : String(decoding: octets, as: UTF8.self)
    }
}

/// atext of RFC 5322 §3.2.3, the dot, and any octet of a UTF-8 sequence.
private func isAtomByteOrDot(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x80...: true
    case 0x21, 0x23, 0x24, 0x25, 0x26, 0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x2F, 0x3D, 0x3F, 0x5E, 0x5F, 0x60, 0x7B, 0x7C, 0x7D, 0x7E: true
    default: false
    }
}
