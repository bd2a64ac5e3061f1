package import MailModel

/// Whether a connection to the next host must be encrypted.
package enum TLSRequirement: String, Hashable, Sendable, Codable, CaseIterable {
    /// Never: for a host on the same machine.
    case none
    /// Where offered, without a check of the certificate (RFC 7435); plaintext otherwise.
    case opportunistic
    /// Always, certificate unchecked; never plaintext.
    case encrypt
    /// Always, with a certificate that is valid for the host name.
    case verify
}

/// Where the password for a next host is kept, or with what a token is asked for in its place; never the password itself.
package enum HopPassword: Hashable, Sendable {
    /// In a file of this name below the data directory's `secrets/`.
    case file(String)
    /// Sealed under the master key of the installation.
    case sealed(String)
    /// Tokens of OAuth 2.
    case oauth(OAuthCredential)
}

/// A host to which mail is handed on.
package struct NextHop: Hashable, Sendable, Codable, CustomStringConvertible {
    /// Host name, or an address in text form.
    package var host: String
    /// 1…65535.
    package var port: Int
    package var tls: TLSRequirement
    /// TLS from the first byte (port 465) rather than STARTTLS.
    package var isImplicitTLS: Bool
    package var userName: String?
    /// The name of a file below the data directory's `secrets/` that holds the password; never the password itself.
    package var passwordFile: String?
    /// The password, sealed under the master key, so that every node has it; it comes before a file.
    package var sealedPassword: String?

    /// In place of a password. Missing in rows from before there were tokens.
    package var oauth: OAuthCredential?

    /// As whom the mail of which senders is handed on, the first that fits; the user name above for all others. Missing in rows from before.
    package var identities: [HopIdentity]?
    /// How mail is handed on in place of SMTP. Missing in rows from before.
    package var api: HopAPI?

    package var password: HopPassword? {
        oauth.map(HopPassword.oauth) ?? sealedPassword.map(HopPassword.sealed) ?? passwordFile.map(HopPassword.file)
    }

    package init(
        host: String, port: Int = 25, tls: TLSRequirement = .opportunistic, isImplicitTLS: Bool = false, userName: String? = nil,
        passwordFile: String? = nil, sealedPassword: String? = nil
    ) {
        self.host = host
        self.port = port
        self.tls = tls
        self.isImplicitTLS = isImplicitTLS
        self.userName = userName
        self.passwordFile = passwordFile
        self.sealedPassword = sealedPassword
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// A mailbox as which the mail of some senders is handed on.
package struct HopIdentity: Hashable, Sendable, Codable {
    /// Stands for the sender's own address in a user name.
    package static let sender = "{sender}"

    /// Of envelope senders, as they leave by the route.
    package var pattern: AddressPattern
    /// `{sender}` for the sender's own.
    package var userName: String
    /// Sealed under the master key; nil where the route's application may act for the mailbox (OAuth).
    package var sealedPassword: String?

    package init(pattern: AddressPattern, userName: String, sealedPassword: String? = nil) {
        self.pattern = pattern
        self.userName = userName
        self.sealedPassword = sealedPassword
    }
}

extension NextHop {
    /// This host as the identity that mail of a sender is handed on as; nil for the route's own user name.
    package func identity(of sender: EmailAddress?) -> NextHop? {
        guard let sender, let identity = identities?.first(where: { $0.pattern.matches(sender) }) else { return nil }
        return self.as(identity, userName: identity.userName == HopIdentity.sender ? sender.key : identity.userName)
    }

    /// This host as the identity of a user name; nil where it has none of it.
    package func identity(named userName: String) -> NextHop? {
        if let identity = identities?.first(where: { $0.userName == userName }) { return self.as(identity, userName: userName) }
        guard let address = EmailAddress(userName), let identity = identities?.first(where: { $0.pattern.matches(address) }),
            identity.userName == HopIdentity.sender
        else { return nil }
        return self.as(identity, userName: userName)
    }

    private func `as`(_ identity: HopIdentity, userName: String) -> NextHop {
        var hop = self
        hop.userName = userName
        hop.identities = nil
        if let password = identity.sealedPassword {
            hop.sealedPassword = password
            hop.oauth = nil
        }
        return hop
    }
}

/// Where mail goes, and for which mail: the first route whose conditions all match, by `order`, then newest first.
package struct Route: Hashable, Sendable, Codable {
    package enum Kind: Hashable, Sendable, Codable {
        /// The MX hosts of the recipient's domain.
        case mx
        case smarthost(NextHop)
        /// The receiver inside Postern that keeps what it gets.
        case builtIn
    }

    package var name: String
    package var kind: Kind
    /// Envelope sender domains; empty for all.
    package var senderDomains: [DomainName] = []
    /// Recipient domains; empty for all.
    package var recipientDomains: [DomainName] = []
    /// Smaller comes first. A route with conditions stands at 100, one without at 1000, unless said otherwise.
    package var order: Int
    package var tls: TLSRequirement = .opportunistic
    /// MX hosts on loopback, private or other special addresses are refused unless this is set.
    package var allowsSpecialAddresses = false
    /// Connections at a time to one site of this route, 1…1000.
    package var connectionsMax: Int
    /// Messages on one connection before it is closed, 1…100,000.
    package var messagesPerConnectionMax: Int
    /// Recipients in one transaction, 1…1000 (RFC 5321 §4.5.3.1.8 asks receivers for at least 100).
    package var recipientsPerTransactionMax: Int
    /// Missing in rows from before there were sources.
    private var sourceNames: [String]?
    package var isDisabled = false
    package var createdAt: Timestamp
    /// Of senders' addresses, for what leaves by this route. Missing in rows from before there was any.
    package var rewriting: AddressRewriting?
    /// The only pool whose mail it carries; nil: those of its sources. Missing in rows from before there were pools.
    package var pool: EgressPool?
    /// The name of the route that a person knows, where this is that route as one of its identities.
    package var identityOf: String?

    package init(name: String, kind: Kind, createdAt: Timestamp, senderDomains: [DomainName] = [], recipientDomains: [DomainName] = []) {
        self.name = name
        self.kind = kind
        self.createdAt = createdAt
        self.senderDomains = senderDomains
        self.recipientDomains = recipientDomains
        order = senderDomains.isEmpty && recipientDomains.isEmpty ? 1000 : 100
        connectionsMax = kind == .mx ? 10 : 20
        messagesPerConnectionMax = kind == .mx ? 100 : 1000
        recipientsPerTransactionMax = 100
        if case .smarthost(let hop) = kind, let api = hop.api {
            connectionsMax = api.connectionsMax
            recipientsPerTransactionMax = api.recipientsMax
        }
    }

    /// Of the way to groups that make messages of their own. No route that a person makes can have it.
    package static let groupDeskName = "@groups"

    /// The name that a person gave it, whichever identity this is.
    package var baseName: String { identityOf ?? name }

    /// The user name of the identity that this is; nil for the route itself.
    package var identity: String? { identityOf.map { String(name.dropFirst($0.count + 1)) } }

    /// The route as the identity that mail of a sender leaves as: with connections, limits and troubles of its own. Nil for itself.
    package func asIdentity(of path: ReversePath) -> Route? {
        guard case .smarthost(let hop) = kind, hop.identities != nil,
            let known = hop.identity(of: (rewriting?.applied(to: path) ?? path).address), let user = known.userName
        else { return nil }
        var route = self
        route.identityOf = name
        route.name = "\(name):\(user)"
        route.kind = .smarthost(known)
        return route
    }

    package var isUnconditional: Bool { senderDomains.isEmpty && recipientDomains.isEmpty }

    /// Names of the sources that its mail may leave from, the preferred first. Empty: the default source only.
    package var sources: [String] {
        get { sourceNames ?? [] }
        set { sourceNames = newValue.isEmpty ? nil : newValue }
    }
}
