package import MailModel

/// A key with which a program uses the HTTP interface: to submit, to administer, or both.
package struct APIKey: Hashable, Sendable, Codable {
    /// Unique; part of the key as its holder shows it, so that a found key can be told apart.
    package var name: String
    /// SHA-256 of the secret, lower-case hexadecimal. The secret has 256 random bits: no slow hash is needed.
    package var secretHash: String
    package var roles: [Role] = []
    /// Beside those of the roles.
    package var scopes: [AccessScope] = []
    /// The account that the key acts for: it sends as the account may, and can do no more than the account's roles and sending. Nil: a
    /// principal of its own, with `grants`.
    package var account: EmailAddress?
    /// What a key without an account may use in the envelope and in From/Sender. Empty means nothing.
    package var grants: [AddressGrant] = []
    package var trafficClass = TrafficClass.application
    package var tenant = TenantID.standard
    /// Requests a second that it may make over time, 1…100,000; nil for the gate's own bound.
    package var requestsPerSecondMax: Int?
    package var createdAt: Timestamp
    /// Nil: never.
    package var expiresAt: Timestamp?
    package var isDisabled = false

    package init(name: String, secretHash: String, createdAt: Timestamp) {
        self.name = name
        self.secretHash = secretHash
        self.createdAt = createdAt
    }

    package func isValid(at now: Timestamp) -> Bool { !isDisabled && expiresAt.map { now < $0 } ?? true }
}

/// Who makes a request to the gate, and what it may do.
package struct AccessPrincipal: Hashable, Sendable {
    /// As the audit names it: `api-key:NAME`.
    package var name: String
    package var scopes: Set<AccessScope>
    /// As whom its messages are submitted.
    package var submitter: Submitter.Principal

    package init(name: String, scopes: Set<AccessScope>, submitter: Submitter.Principal) {
        self.name = name
        self.scopes = scopes
        self.submitter = submitter
    }
}

extension Directory {
    /// What the holder of a key may do now; nil where the key, or the account it acts for, is gone, disabled or expired.
    package func principal(of key: APIKey, at now: Timestamp) -> AccessPrincipal? {
        guard key.isValid(at: now) else { return nil }
        let wanted = key.roles.reduce(into: Set(key.scopes)) { $0.formUnion($1.scopes) }
        guard let address = key.account else {
            return AccessPrincipal(name: "api-key:\(key.name)", scopes: wanted, submitter: .key(key.name))
        }
        guard let account = accounts[address.key], !account.isDisabled else { return nil }
        let allowed = account.roles.compactMap(Role.init(rawValue:)).reduce(into: Role.author.scopes) { $0.formUnion($1.scopes) }
        return AccessPrincipal(
            name: "api-key:\(key.name)", scopes: wanted.intersection(allowed), submitter: .account(account.address))
    }
}
