package import MailModel

/// Somebody's being signed in to the console, from one browser.
package struct ConsoleSession: Hashable, Sendable, Codable {
    /// SHA-256 of the token that the browser shows, lower-case hexadecimal.
    package var id: String
    /// `EmailAddress.key` of the account.
    package var account: String
    package var madeAt: Timestamp
    /// Of its last request, to the minute.
    package var seenAt: Timestamp
    /// From then on it is over, however it is used.
    package var expiresAt: Timestamp
    /// Where it began; empty where that is not known.
    package var address: String
    /// What the browser called itself.
    package var agent: String
    /// Of the account's password and second factor: a session ends where they change.
    package var credential: String
    package var hasSecondFactor: Bool
    /// By which it was begun; nil: by the account's password.
    package var provider: String?
    /// Roles beside the account's, for this session: what the provider's groups gave.
    package var grantedRoles: [String]?

    package init(
        id: String, account: String, madeAt: Timestamp, seenAt: Timestamp, expiresAt: Timestamp, address: String, agent: String,
        credential: String, hasSecondFactor: Bool
    ) {
        self.id = id
        self.account = account
        self.madeAt = madeAt
        self.seenAt = seenAt
        self.expiresAt = expiresAt
        self.address = address
        self.agent = agent
        self.credential = credential
        self.hasSecondFactor = hasSecondFactor
    }

    /// `idle`: how long it may go unused.
    package func isValid(at now: Timestamp, idle: Duration) -> Bool { now < expiresAt && now < seenAt + idle }
}
