/// How a client connection uses TLS.
package enum TLSMode: String, Hashable, Sendable, Codable {
    /// Never: STARTTLS is not used even where it is offered.
    case none
    /// STARTTLS where it is offered, plaintext otherwise (RFC 7435).
    case opportunistic
    /// STARTTLS, or no mail.
    case required
    /// TLS before the first octet (RFC 8314); the shell has done the handshake when it calls `connected`.
    case implicit
}

/// A name and what proves it: a password, or a bearer token of OAuth 2 (RFC 6750).
package struct SMTPCredentials: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package enum Secret: Hashable, Sendable {
        /// For AUTH PLAIN (RFC 4616) or LOGIN.
        case password(String)
        /// For AUTH XOAUTH2.
        case token(String)
    }

    package var name: String
    package var secret: Secret

    package init(name: String, password: String) {
        self.name = name
        secret = .password(password)
    }

    package init(name: String, token: String) {
        self.name = name
        secret = .token(token)
    }

    /// Nil where it signs in with a password.
    package var token: String? { if case .token(let token) = secret { token } else { nil } }

    /// Without the secret, so that a log line cannot carry it.
    package var description: String { name }
    package var debugDescription: String { name }
    package var customMirror: Mirror { Mirror(self, children: ["name": name]) }
}

/// How long each stage may take (RFC 5321 §4.5.3.2).
package struct SMTPClientTimeouts: Hashable, Sendable {
    package var greeting: Duration = .seconds(300)
    /// EHLO, HELO and RSET.
    package var hello: Duration = .seconds(300)
    /// STARTTLS and its handshake.
    package var startTLS: Duration = .seconds(120)
    package var auth: Duration = .seconds(300)
    package var mail: Duration = .seconds(300)
    package var recipient: Duration = .seconds(300)
    /// From DATA to 354.
    package var data: Duration = .seconds(120)
    /// Each portion of content that is written: for the shell, while its writes do not drain.
    package var dataBlock: Duration = .seconds(180)
    /// From the final dot to its reply. Too short a time sends messages twice (RFC 1047).
    package var dot: Duration = .seconds(600)
    /// How long a ready session may wait for its next transaction.
    package var idle: Duration = .seconds(30)
    package var quit: Duration = .seconds(10)

    package init() {}

    /// All times multiplied by `factor`, which is above 0: for tests and for impatient routes.
    package func scaled(by factor: Double) -> SMTPClientTimeouts {
        var scaled = self
        for time in [
            \SMTPClientTimeouts.greeting, \.hello, \.startTLS, \.auth, \.mail, \.recipient, \.data, \.dataBlock, \.dot, \.idle, \.quit,
        ] {
            scaled[keyPath: time] = self[keyPath: time] * factor
        }
        return scaled
    }
}

/// What one client connection is to do.
package struct SMTPClientSettings: Hashable, Sendable {
    /// Our name in EHLO: a domain name or an address literal, printable ASCII without spaces.
    package let helloName: String
    package var tls: TLSMode
    /// Nil: no sign-in. They are never sent in plaintext.
    package var credentials: SMTPCredentials?
    /// The host as failures name it.
    package var serverName: String
    package var timeouts: SMTPClientTimeouts

    package init(
        helloName: String, tls: TLSMode = .opportunistic, credentials: SMTPCredentials? = nil, serverName: String,
        timeouts: SMTPClientTimeouts = SMTPClientTimeouts()
    ) {
        precondition(
            !helloName.isEmpty && helloName.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F },
            "a host name that is empty or has spaces or control characters")
        self.helloName = helloName
        self.tls = tls
        self.credentials = credentials
        self.serverName = serverName
        self.timeouts = timeouts
    }
}
