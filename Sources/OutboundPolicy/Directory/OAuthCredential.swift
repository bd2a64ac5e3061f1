package import MailModel

/// With what a route asks for access tokens (OAuth 2) in place of a password. Its secrets are sealed.
package struct OAuthCredential: Hashable, Sendable, Codable {
    package enum Provider: String, Hashable, Sendable, Codable, CaseIterable {
        case microsoft, google
    }

    /// How a token is asked for.
    package enum Grant: String, Hashable, Sendable, Codable {
        /// Client credentials with a secret (RFC 6749 §4.4).
        case clientSecret = "client-secret"
        /// Client credentials with an assertion that a certificate's key signs (RFC 7523 §2.2).
        case certificate
        /// A refresh token that a person consented to (RFC 6749 §6).
        case refreshToken = "refresh-token"
        /// An assertion of a service account that acts for the mailbox (RFC 7523 §2.1).
        case serviceAccount = "service-account"
    }

    package var provider: Provider
    package var grant: Grant
    /// Directory (tenant) id or domain at Microsoft; nil at Google.
    package var tenant: String?
    /// Application (client) id; the address of a service account.
    package var clientID: String
    /// Of a service account's key; nil for others.
    package var keyID: String?
    /// Nil: the provider's.
    package var tokenURL: String?
    /// Sealed under the master key: what the grant needs.
    package var sealedSecrets: String
    /// The right to ask for; nil: that of the provider's SMTP. Missing in rows from before there were others.
    package var askedScope: String?

    package init(
        provider: Provider, grant: Grant, tenant: String? = nil, clientID: String, keyID: String? = nil, tokenURL: String? = nil,
        sealedSecrets: String
    ) {
        self.provider = provider
        self.grant = grant
        self.tenant = tenant
        self.clientID = clientID
        self.keyID = keyID
        self.tokenURL = tokenURL
        self.sealedSecrets = sealedSecrets
    }

    /// Where tokens are asked for.
    package var endpoint: String {
        if let tokenURL { return tokenURL }
        return switch provider {
        case .microsoft: "https://login.microsoftonline.com/\(tenant ?? "common")/oauth2/v2.0/token"
        case .google: "https://oauth2.googleapis.com/token"
        }
    }

    /// The right that is asked for.
    package var scope: String {
        if let askedScope { return askedScope }
        return switch provider {
        case .microsoft: "https://outlook.office365.com/.default"
        case .google: "https://mail.google.com/"
        }
    }
}

extension NextHop {
    /// What a person should know about sign-in by password at this host; nil where there is nothing to say.
    /// Exchange Team, 2026-01-27: basic authentication for client submission.
    package func passwordNotice(at now: Timestamp) -> String? {
        guard userName != nil, oauth == nil else { return nil }
        let host = host.lowercased()
        guard host == "smtp.office365.com" || host.hasSuffix(".office365.com") || host == "smtp-mail.outlook.com" else { return nil }
        let isOver = now.seconds >= NextHop.passwordsOffByDefault
        let first =
            isOver
            ? "Microsoft has SMTP AUTH by password off by default since the end of December 2026; an administrator may turn it on again."
            : "At the end of December 2026 Microsoft turns SMTP AUTH by password off by default; an administrator may turn it on again."
        return first
            + " The date of its removal is to be announced in the second half of 2027."
    }

    /// What to do about `passwordNotice`.
    package static let passwordAdvice = "Move the route to OAuth: remove it, and add it again with --oauth microsoft."

    /// 2027-01-01T00:00:00Z, in seconds since 1970.
    private static var passwordsOffByDefault: Int64 { 1_798_761_600 }
}
