package import MailModel

/// A person or application that signs in with a name and a password.
package struct Account: Hashable, Sendable, Codable {
    /// The name it signs in with, and an address it may always use.
    package var address: EmailAddress
    /// `scrypt$…` as `PasswordHash` writes it; nil where only app passwords are valid.
    package var passwordHash: String?
    package var appPasswords: [AppPassword] = []
    /// Further addresses that it may use, besides its own.
    package var grants: [AddressGrant] = []
    package var isDisabled = false
    package var trafficClass = TrafficClass.personal
    package var tenant = TenantID.standard
    /// May use the administration (`administrator`), or only its own mail (empty).
    package var roles: [String] = []

    /// From then on it may sign in but not submit; nil for never.
    package var expiresAt: Timestamp?
    /// Nil: the console asks for the password alone.
    package var secondFactor: SecondFactor?
    /// Nil: it has not signed in by a provider. At most one of each provider.
    package var signIns: [SignInLink]?

    package init(address: EmailAddress, passwordHash: String?) {
        self.address = address
        self.passwordHash = passwordHash
    }
}

/// A password for one device or program, which can be withdrawn alone.
package struct AppPassword: Hashable, Sendable, Codable {
    /// What it is for: `scanner, 2nd floor`.
    package var label: String
    package var hash: String
    package var createdAt: Timestamp

    package init(label: String, hash: String, createdAt: Timestamp) {
        self.label = label
        self.hash = hash
        self.createdAt = createdAt
    }
}
