/// Whose mail an entry of the suppression list keeps from an address.
///
/// Text forms: `organisation`, `tenant`, `list:news.example.org`, `stream:campaign`.
package enum SuppressionScope: Hashable, Sendable, CustomStringConvertible, Codable {
    /// All mail.
    case organisation
    /// The mail of one tenant.
    case tenant
    /// A tenant's mail with this List-Id (RFC 2919), in lower case.
    case list(String)
    /// A tenant's mail of a traffic class, or of one submitter (`connector:shop`, `account:a@example.org`), in lower case.
    case stream(String)

    package static let nameBytesMax = 255

    package init?(_ text: some StringProtocol) {
        switch text {
        case "organisation": self = .organisation
        case "tenant": self = .tenant
        default:
            guard let colon = text.firstIndex(of: ":") else { return nil }
            let name = text[text.index(after: colon)...].lowercased()
            guard !name.isEmpty, name.utf8.count <= SuppressionScope.nameBytesMax, name.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
                return nil
            }
            switch text[..<colon] {
            case "list": self = .list(name)
            case "stream": self = .stream(name)
            default: return nil
            }
        }
    }

    package var description: String {
        switch self {
        case .organisation: "organisation"
        case .tenant: "tenant"
        case .list(let name): "list:\(name)"
        case .stream(let name): "stream:\(name)"
        }
    }

    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let scope = SuppressionScope(text) else {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "not a scope: \(text)"))
        }
        self = scope
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// What one entry is about: an address has at most one of the same place and reason.
package struct SuppressionKey: Hashable, Sendable {
    /// 0 for the organisation.
    package var tenant: TenantID
    package var scope: SuppressionScope
    package var digest: AddressDigest
    package var reason: SuppressionReason

    /// `tenant` is of no meaning for the organisation's scope.
    package init(tenant: TenantID, scope: SuppressionScope, digest: AddressDigest, reason: SuppressionReason) {
        self.tenant = scope == .organisation ? TenantID(0) : tenant
        self.scope = scope
        self.digest = digest
        self.reason = reason
    }
}

/// An entry of the suppression list.
package struct Suppression: Hashable, Sendable {
    package var key: SuppressionKey
    /// Nil after erasure: then only the hash says whom it is about.
    package var address: EmailAddress?
    /// Who or what put it there: an actor of the audit log, or `dialogue 0f3k…/0`, `listener arf@example.net`.
    package var source: String
    /// One line, at most `noteCharactersMax`.
    package var note: String
    package var createdAt: Timestamp
    /// Nil: for ever.
    package var expiresAt: Timestamp?
    /// Nil while it counts. One that was removed or is over is kept for a while, so that it can be put back.
    package var removedAt: Timestamp?
    /// Rises with each change of the list; 0 before it is stored.
    package var stamp: Int64

    package static let noteCharactersMax = 500

    package init(
        key: SuppressionKey, address: EmailAddress?, source: String, note: String = "", createdAt: Timestamp, expiresAt: Timestamp? = nil,
        removedAt: Timestamp? = nil, stamp: Int64 = 0
    ) {
        self.key = key
        self.address = address
        self.source = source
        self.note = String(note.prefix(Suppression.noteCharactersMax))
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.removedAt = removedAt
        self.stamp = stamp
    }
}

/// What a message's recipients are looked up by.
package struct MailStream: Hashable, Sendable {
    package var tenant: TenantID
    package var trafficClass: TrafficClass
    /// `connector:shop`, `account:a@example.org`; empty where it is not known.
    package var submitter: String
    /// The List-Id, in lower case; nil for mail of no list.
    package var list: String?

    package init(tenant: TenantID, trafficClass: TrafficClass, submitter: String = "", list: String? = nil) {
        self.tenant = tenant
        self.trafficClass = trafficClass
        self.submitter = submitter
        self.list = list
    }

    /// The places of the list that concern it, the widest first.
    package var scopes: [SuppressionScope] {
        var scopes: [SuppressionScope] = [.organisation, .tenant, .stream(trafficClass.name)]
        if !submitter.isEmpty { scopes.append(.stream(submitter.lowercased())) }
        if let list { scopes.append(.list(list)) }
        return scopes
    }
}
