/// MAIL FROM: an address, or null (`<>`) for reports, to which no report may ever be sent (RFC 5321 §4.5.5).
package enum ReversePath: Hashable, Sendable, CustomStringConvertible {
    case null
    case address(EmailAddress)

    package var address: EmailAddress? {
        if case .address(let address) = self { address } else { nil }
    }

    /// Without angle brackets; empty for the null path.
    package var description: String { address?.description ?? "" }
}

/// The body kinds of RFC 6152 and RFC 3030. The raw value is the keyword on the wire.
package enum BodyKind: String, Hashable, Sendable, Codable {
    case sevenBit = "7BIT"
    case eightBit = "8BITMIME"
    case binary = "BINARYMIME"
}

/// RET of RFC 3461 §4.3: what a failure report returns.
package enum DSNReturn: String, Hashable, Sendable, Codable {
    case full = "FULL"
    case headers = "HDRS"
}

/// NOTIFY of RFC 3461 §4.1. The raw value is what the store holds. An empty set is `NEVER`.
package struct DSNNotify: OptionSet, Hashable, Sendable, Codable {
    package let rawValue: Int
    package init(rawValue: Int) { self.rawValue = rawValue }
    package static let success = DSNNotify(rawValue: 1)
    package static let failure = DSNNotify(rawValue: 2)
    package static let delay = DSNNotify(rawValue: 4)
    /// What applies where the sender asked for nothing (RFC 3461 §4.1: failure, and delay at the server's choice).
    package static let unspecified: DSNNotify = [.failure, .delay]
}

/// ORCPT of RFC 3461 §4.2: address type and the address, xtext decoded.
package struct OriginalRecipient: Hashable, Sendable, Codable, CustomStringConvertible {
    package var type: String
    package var address: String
    package init(type: String, address: String) {
        self.type = type
        self.address = address
    }
    /// `rfc822;a@example.org`, as a delivery report writes it.
    package var description: String { "\(type);\(address)" }
}

/// One RCPT TO with its parameters.
package struct EnvelopeRecipient: Hashable, Sendable {
    package var address: EmailAddress
    /// Nil where the client sent no NOTIFY.
    package var notify: DSNNotify?
    package var originalRecipient: OriginalRecipient?

    package init(_ address: EmailAddress, notify: DSNNotify? = nil, originalRecipient: OriginalRecipient? = nil) {
        self.address = address
        self.notify = notify
        self.originalRecipient = originalRecipient
    }
}

/// What MAIL FROM carried beside the address.
package struct MailParameters: Hashable, Sendable {
    /// SIZE of RFC 1870; nil where not given.
    package var declaredBytes: Int?
    /// Nil where not given, which means 7BIT.
    package var body: BodyKind?
    /// SMTPUTF8 of RFC 6531.
    package var isInternationalized = false
    package var dsnReturn: DSNReturn?
    /// ENVID of RFC 3461, xtext decoded, at most 100 characters.
    package var envelopeID: String?
    /// HOLDFOR or HOLDUNTIL of RFC 4865.
    package var futureRelease: FutureRelease?
    /// REQUIRETLS of RFC 8689.
    package var requiresTLS = false

    package init() {}
}

/// When the sender wants the message let go (RFC 4865 §4).
package enum FutureRelease: Hashable, Sendable {
    case holdFor(seconds: Int)
    case holdUntil(Timestamp)

    package func time(from now: Timestamp) -> Timestamp {
        switch self {
        case .holdFor(let seconds): now + .seconds(seconds)
        case .holdUntil(let time): time
        }
    }
}

/// The whole envelope of one message.
package struct Envelope: Hashable, Sendable {
    package var reversePath: ReversePath
    package var parameters: MailParameters
    package var recipients: [EnvelopeRecipient]

    package init(reversePath: ReversePath, parameters: MailParameters = MailParameters(), recipients: [EnvelopeRecipient] = []) {
        self.reversePath = reversePath
        self.parameters = parameters
        self.recipients = recipients
    }
}
