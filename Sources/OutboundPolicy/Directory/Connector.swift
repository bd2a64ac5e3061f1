package import MailModel

/// A device, application or relaying server that submits without a password: known by its IP address or its client certificate.
package struct Connector: Hashable, Sendable, Codable {
    package var name: String
    /// Where it may come from. Empty only where `certificateFingerprints` is not.
    package var networks: [IPNetwork] = []
    /// SHA-256 of the DER certificate, lower-case hexadecimal without colons.
    package var certificateFingerprints: [String] = []
    /// True where it may submit without TLS.
    package var allowsPlaintext = false
    /// What it may use in MAIL FROM and in From/Sender. Empty means nothing.
    package var grants: [AddressGrant] = []
    package var senderIdentity = SenderIdentity.connector
    package var trafficClass = TrafficClass.application
    package var tenant = TenantID.standard
    /// The only route its mail may take, whatever the rules say; nil for the usual choice.
    package var onlyRoute: String?
    package var isDisabled = false
    /// Of senders' addresses, before rights and limits are looked at. Missing in rows from before there was any.
    package var rewriting: AddressRewriting?
    /// Where it passes on what others wrote: what is checked, and sealed. Nil: its mail is its own. Missing in rows from before.
    package var relaying: Relaying?

    package init(name: String) { self.name = name }
}

/// What is done with mail that others wrote and a connector passes on: a mailing list, a forwarding mailbox, a border.
package struct Relaying: Hashable, Sendable, Codable {
    /// Whose key seals what leaves (ARC, RFC 8617).
    package var domain: DomainName
    /// True where those who connect are the others themselves, so that SPF can say something of their addresses.
    package var isBorder: Bool
    /// As which domain the reverse-path is rewritten (SRS) where SPF or DKIM passed; nil: it stays. Missing in rows from before.
    package var rewritesAs: DomainName?

    package init(domain: DomainName, isBorder: Bool, rewritesAs: DomainName? = nil) {
        self.domain = domain
        self.isBorder = isBorder
        self.rewritesAs = rewritesAs
    }
}

extension Relaying {
    /// Of `SenderRewriting`, which reads it when the message leaves.
    package static let rewritingRule = "relay.srs"

    /// What is noted of an authenticated message whose reverse-path leaves rewritten; nil for one that stays.
    package func rewritingFinding(of path: ReversePath) -> Finding? {
        guard let domain = rewritesAs, let host = path.address?.domain, !host.isWithin(domain) else { return nil }
        return Finding(
            rule: Relaying.rewritingRule, matched: domain.text,
            explanation: "SPF or DKIM passed: its reverse-path leaves rewritten as \(domain) (SRS), where it has room for that.")
    }
}

/// Who the sender is, that limits and restrictions act on, for mail that comes through a connector.
package enum SenderIdentity: Hashable, Sendable {
    case connector
    case envelopeSender
    case fromAddress
    /// The address in this header field, which the connector is trusted to set; the connector itself where the field is missing.
    case header(String)
}

/// Text forms: `connector`, `envelope`, `from`, `header:X-Authenticated-Sender`.
extension SenderIdentity: Codable, CustomStringConvertible {
    package init?(_ text: some StringProtocol) {
        switch text {
        case "connector": self = .connector
        case "envelope": self = .envelopeSender
        case "from": self = .fromAddress
        default:
            guard text.hasPrefix("header:"), text.utf8.count > 7, text.utf8.count <= 80,
                text.utf8.dropFirst(7).allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x3A })
            else { return nil }
            self = .header(String(text.dropFirst(7)))
        }
    }

    package var description: String {
        switch self {
        case .connector: "connector"
        case .envelopeSender: "envelope"
        case .fromAddress: "from"
        case .header(let name): "header:\(name)"
        }
    }

    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let identity = SenderIdentity(text) else {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "not a sender identity: \(text)"))
        }
        self = identity
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
