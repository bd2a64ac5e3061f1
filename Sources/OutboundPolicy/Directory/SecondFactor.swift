package import MailModel

/// What an account shows beside its password at the console: one-time codes (RFC 6238), or a recovery code.
package struct SecondFactor: Hashable, Sendable, Codable {
    /// The shared secret, sealed under the node's master key.
    package var sealedSecret: String
    package var madeAt: Timestamp
    /// Nil until a code of it was shown: until then it is not asked for.
    package var confirmedAt: Timestamp?
    /// SHA-256 of each recovery code that is left, lower-case hexadecimal. A code has 80 random bits: no slow hash is needed.
    package var recoveryHashes: [String]

    package init(sealedSecret: String, madeAt: Timestamp, recoveryHashes: [String]) {
        self.sealedSecret = sealedSecret
        self.madeAt = madeAt
        self.recoveryHashes = recoveryHashes
    }
}
