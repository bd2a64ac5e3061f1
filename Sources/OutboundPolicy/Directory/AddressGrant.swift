package import MailModel

/// A right to use addresses in MAIL FROM and in From/Sender.
package enum AddressGrant: Hashable, Sendable {
    /// Any address at all.
    case any
    case address(EmailAddress)
    /// Every address of the domain; not its subdomains.
    case domain(DomainName)
    /// Every address of any subdomain, not of the domain itself.
    case subdomains(DomainName)

    package func covers(_ address: EmailAddress) -> Bool {
        switch self {
        case .any: true
        case .address(let granted): granted == address
        case .domain(let domain): address.domain == domain
        case .subdomains(let parent): address.domain.map { $0 != parent && $0.isWithin(parent) } ?? false
        }
    }
}

/// Text forms: `*`, `a@example.org`, `@example.org` (or `example.org`), `*.example.org`.
extension AddressGrant: Codable, CustomStringConvertible {
    package init?(_ text: some StringProtocol) {
        if text == "*" {
            self = .any
        } else if text.hasPrefix("*.") {
            guard let domain = DomainName(text.dropFirst(2)) else { return nil }
            self = .subdomains(domain)
        } else if text.dropFirst().contains("@") {
            guard let address = EmailAddress(text) else { return nil }
            self = .address(address)
        } else {
            guard let domain = DomainName(text.hasPrefix("@") ? text.dropFirst() : text[...]) else { return nil }
            self = .domain(domain)
        }
    }

    package var description: String {
        switch self {
        case .any: "*"
        case .address(let address): address.description
        case .domain(let domain): "@\(domain)"
        case .subdomains(let domain): "*.\(domain)"
        }
    }

    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let grant = AddressGrant(text) else {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "not an address grant: \(text)"))
        }
        self = grant
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
