/// What a DKIM key record in DNS is worth to those who verify.
package struct DKIMPublished: Hashable, Sendable {
    /// `rsa`, `ed25519`, or another word of which nothing is known.
    package var keyType: String
    /// Nil where the key cannot be read.
    package var bits: Int?
    /// `p=` is empty: the key was withdrawn.
    package var isRevoked: Bool
    /// `t=y`: verifiers are asked to take no notice of the result.
    package var isTest: Bool
    /// `h=` leaves SHA-256 out, or `s=` leaves mail out.
    package var isUnfit: Bool

    /// RSA keys below this are not taken (RFC 8301 §3.2).
    package static let bitsMin = 1024
    package static let bitsAdvised = 2048

    /// Nil for a text that is no key record.
    package init?(_ text: String) {
        guard let record = DKIMKeyRecord(text) else { return nil }
        keyType = record.keyType
        isRevoked = record.keyBytes.isEmpty
        isTest = record.isTest
        isUnfit =
            !(record.hashes?.contains("sha256") ?? true) || !(record.services.contains("*") || record.services.contains("email"))
        let algorithm = DKIMAlgorithm.allCases.first { $0.keyType == record.keyType }
        bits = algorithm.flatMap { DKIMPublicKey(algorithm: $0, bytes: record.keyBytes)?.bits }
    }
}
