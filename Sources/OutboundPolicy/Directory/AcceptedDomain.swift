package import MailModel

/// A domain of the organisation: its recipients are internal and go to a named host.
package struct AcceptedDomain: Hashable, Sendable, Codable {
    package var name: DomainName
    package var includesSubdomains = false
    /// Where its mail goes; nil where the routes decide.
    package var nextHop: NextHop?
    package var tenant = TenantID.standard
    /// Nil takes every recipient in the domain.
    package var recipientCheck: RecipientCheck?

    package init(name: DomainName) { self.name = name }
}

/// What says whether a recipient in an accepted domain exists.
package enum RecipientCheck: String, Hashable, Sendable, Codable {
    /// Accounts, groups, and the addresses that were imported for the domain.
    case directory
}

/// The addresses that exist in an accepted domain beside accounts and groups.
package struct KnownAddresses: Hashable, Sendable, Codable {
    package var domain: DomainName
    package var addresses: Set<EmailAddress>

    package static let addressesMax = 200_000

    package init(domain: DomainName, addresses: Set<EmailAddress>) {
        self.domain = domain
        self.addresses = addresses
    }
}

/// The stop button: what is not to leave while it is pressed. Mail is still accepted and waits.
package struct Pause: Hashable, Sendable, Codable {
    package var scope: Scope

    package init(scope: Scope) { self.scope = scope }

    package enum Scope: Hashable, Sendable {
        case all
        /// Everything but the accepted domains.
        case external
        /// A sender as the trace names it.
        case sender(String)
        case route(String)
    }
}

/// Text forms: `all`, `external`, `sender:a@example.org`, `route:name`.
extension Pause.Scope: Codable, CustomStringConvertible {
    package init?(_ text: some StringProtocol) {
        if text == "all" {
            self = .all
        } else if text == "external" {
            self = .external
        } else if text.hasPrefix("sender:"), text.utf8.count > 7 {
            self = .sender(text.dropFirst(7).lowercased())
        } else if text.hasPrefix("route:"), text.utf8.count > 6 {
            self = .route(String(text.dropFirst(6)))
        } else {
            return nil
        }
    }

    package var description: String {
        switch self {
        case .all: "all"
        case .external: "external"
        case .sender(let name): "sender:\(name)"
        case .route(let name): "route:\(name)"
        }
    }

    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let scope = Pause.Scope(text) else {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "not a pause: \(text)"))
        }
        self = scope
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// A DKIM key of a domain. The private key is encrypted under the node's master key before it comes here.
package struct DKIMKeyRecord: Hashable, Sendable, Codable {
    package enum Algorithm: String, Hashable, Sendable, Codable, CaseIterable {
        case rsa2048 = "rsa-sha256"
        case ed25519 = "ed25519-sha256"
    }

    package var domain: DomainName
    package var selector: String
    package var algorithm: Algorithm
    /// Sealed box in base 64: see `KeyVault`.
    package var sealedPrivateKey: String
    /// The TXT record that verifiers read, for the administrator to publish.
    package var publicRecord: String
    /// Whether it signs.
    package var isActive = true
    /// Nil: from before keys had phases; see `currentPhase`.
    package var phase: Phase?
    /// Since when it is in its phase; nil: not known yet.
    package var phaseSince: Timestamp?
    /// Nil: nobody has looked yet.
    package var sight: DKIMRecordSight?

    package init(
        domain: DomainName, selector: String, algorithm: Algorithm, sealedPrivateKey: String, publicRecord: String
    ) {
        self.domain = domain
        self.selector = selector
        self.algorithm = algorithm
        self.sealedPrivateKey = sealedPrivateKey
        self.publicRecord = publicRecord
    }
}
