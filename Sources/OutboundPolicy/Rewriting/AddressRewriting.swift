import InternetMessage
package import MailModel

/// `root@*.local=postern@example.org`: addresses that fit are written as this one. The target may keep what stands left of the `@`: `*@example.org`.
package struct AddressRewriteRule: Hashable, Sendable, CustomStringConvertible {
    package let pattern: AddressPattern
    private let address: EmailAddress?
    private let domain: DomainName?

    /// Nil for anything but a pattern, `=`, and an address or `*@DOMAIN`.
    package init?(_ text: some StringProtocol) {
        guard let equals = text.lastIndex(of: "="), let pattern = AddressPattern(text[..<equals]) else { return nil }
        let target = text[text.index(after: equals)...]
        self.pattern = pattern
        if target.hasPrefix("*@") {
            guard let domain = DomainName(target.dropFirst(2)) else { return nil }
            (address, self.domain) = (nil, domain)
        } else {
            guard let address = EmailAddress(target) else { return nil }
            (self.address, domain) = (address, nil)
        }
    }

    package var description: String { "\(pattern)=\(address?.description ?? "*@\(domain?.text ?? "")")" }

    /// Nil where it does not fit, or changes nothing.
    package func replacement(of original: EmailAddress) -> EmailAddress? {
        guard pattern.matches(original) else { return nil }
        let target = address ?? domain.flatMap { EmailAddress(localPart: original.localPart, host: .domain($0)) }
        return target == original ? nil : target
    }
}

extension AddressRewriteRule: Codable {
    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let rule = AddressRewriteRule(text) else {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "not a rule of rewriting: \(text)"))
        }
        self = rule
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// Senders' addresses that are written otherwise on their way: devices send as root@host, and providers refuse that. Recipients never are.
package struct AddressRewriting: Hashable, Sendable, Codable {
    package enum Part: String, Hashable, Sendable, Codable, CaseIterable {
        case envelope
        /// From and Sender.
        case from
        case replyTo = "reply-to"
    }

    /// Where the From field as it was is kept.
    package enum Original: String, Hashable, Sendable, Codable, CaseIterable {
        case dropped
        /// In Reply-To, where the message has none.
        case replyTo = "reply-to"
        /// In X-Original-From.
        case field
    }

    /// The first that fits an address.
    package var rules: [AddressRewriteRule]
    package var parts: Set<Part>
    package var original: Original

    package static let rulesMax = 1000
    package static let partsStandard: Set<Part> = [.envelope, .from]

    package init(rules: [AddressRewriteRule], parts: Set<Part> = AddressRewriting.partsStandard, original: Original = .dropped) {
        self.rules = rules
        self.parts = parts
        self.original = original
    }

    /// The first that fits, whether it changes something or not; nil for none.
    package func rule(for address: EmailAddress) -> AddressRewriteRule? { rules.first { $0.pattern.matches(address) } }

    package func replacement(of address: EmailAddress) -> EmailAddress? { rule(for: address)?.replacement(of: address) }

    /// A null reverse-path stays one.
    package func applied(to path: ReversePath) -> ReversePath {
        guard parts.contains(.envelope), case .address(let address) = path, let new = replacement(of: address) else { return path }
        return .address(new)
    }

    /// The content with addresses of its header exchanged; as it was where none fits, or where the header cannot be read.
    package func applied(to content: [UInt8]) -> [UInt8] {
        var fields: Set<String> = parts.contains(.from) ? ["from", "sender"] : []
        if parts.contains(.replyTo) { fields.insert("reply-to") }
        guard !fields.isEmpty, case .success(let header) = HeaderSection.scan(content) else { return content }
        let kept: AddressEdits.Original =
            switch original {
            case .dropped: .dropped
            case .replyTo: .replyTo
            case .field: .field
            }
        return AddressEdits.apply(to: content, header: header, fields: fields, original: kept) { replacement(of: $0) } ?? content
    }

    /// What a person is told; nil where nothing is rewritten. `from`: the From field as readable text. `owner`: `route R`, `connector C`.
    package func finding(of path: ReversePath, from: String, by owner: String) -> Finding? {
        var changes: [(old: EmailAddress, new: EmailAddress)] = []
        if let old = path.address, let new = applied(to: path).address, new != old { changes.append((old, new)) }
        if parts.contains(.from), case .success(let addresses) = AddressList.parse(from) {
            for old in addresses where !changes.contains(where: { $0.old == old }) {
                if let new = replacement(of: old) { changes.append((old, new)) }
            }
        }
        guard !changes.isEmpty else { return nil }
        return Finding(
            rule: "rewrite.\(owner.prefix { $0 != " " })", matched: changes.map { "\($0.old) -> \($0.new)" }.joined(separator: ", "),
            explanation: "Sent as \(changes.map { "\($0.new), since \(owner) rewrites \($0.old)" }.joined(separator: "; ")).")
    }
}
