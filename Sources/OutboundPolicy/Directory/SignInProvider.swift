package import MailModel

/// An OpenID Connect provider whose people sign in to the console.
package struct SignInProvider: Hashable, Sendable, Codable {
    /// Unique; stands in the address that the provider leads back to.
    package var name: String
    /// What the sign-in page calls it; nil: its name.
    package var label: String?
    /// As its tokens name it, letter by letter. Its description lies below it (OpenID Connect Discovery 1.0 §4).
    package var issuer: String
    package var clientID: String
    /// Sealed under the master key; nil for a client without one, whom PKCE alone proves.
    package var sealedSecret: String?
    /// Asked for beside `openid`; nil: `email` and `profile`.
    package var scopes: [String]?
    /// The claim that holds a person's address; nil: `email`.
    package var addressClaim: String?
    /// True where the claim `email` counts although the provider does not say that it has verified it.
    package var trustsAddress: Bool?
    /// The claim that names a person's groups; nil: groups give no roles.
    package var groupsClaim: String?
    /// By group, the roles that it gives for as long as a session lasts.
    package var groupRoles: [String: [String]]?
    /// Whoever has an address in an accepted domain gets an account without roles at the first sign-in.
    package var createsAccounts: Bool?
    /// Accounts that have signed in here do so no longer by their passwords, at the console.
    package var endsPasswords: Bool?
    /// Loopback, private and link-local addresses are refused unless this is set.
    package var allowsPrivateAddresses: Bool?
    package var isDisabled = false
    package var createdAt: Timestamp

    package init(name: String, issuer: String, clientID: String, createdAt: Timestamp) {
        self.name = name
        self.issuer = issuer
        self.clientID = clientID
        self.createdAt = createdAt
    }

    package var title: String { label ?? name }

    /// Of these groups, each once, in the order of `Role`.
    package func roles(ofGroups groups: [String]) -> [Role] {
        let names = Set(groups.flatMap { groupRoles?[$0] ?? [] })
        return Role.allCases.filter { names.contains($0.rawValue) }
    }

    /// What some group gives: what a session had of it before the table was changed counts no longer.
    package var grantable: Set<String> { Set((groupRoles ?? [:]).values.joined()) }
}

/// The person at a provider to whom an account belongs: an address that somebody else has there one day opens nothing.
package struct SignInLink: Hashable, Sendable, Codable {
    package var provider: String
    /// The claim `sub`.
    package var subject: String
    package var linkedAt: Timestamp

    package init(provider: String, subject: String, linkedAt: Timestamp) {
        self.provider = provider
        self.subject = subject
        self.linkedAt = linkedAt
    }
}
