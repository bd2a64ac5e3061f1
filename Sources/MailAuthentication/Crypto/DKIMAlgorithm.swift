import CLibCrypto

/// The signature algorithms in use (RFC 8301 §3, RFC 8463). The raw value is the `a=` tag.
package enum DKIMAlgorithm: String, Hashable, Sendable, CaseIterable {
    case rsaSHA256 = "rsa-sha256"
    case ed25519SHA256 = "ed25519-sha256"

    /// The `k=` tag of a key record.
    package var keyType: String {
        switch self {
        case .rsaSHA256: "rsa"
        case .ed25519SHA256: "ed25519"
        }
    }

    /// RFC 8301 §3.2: signers use 1024 or more, verifiers take up to 4096 at least.
    static let rsaBitsRange = 1024...8192

    /// Nil for a key of another kind.
    init?(key: OpaquePointer) {
        switch EVP_PKEY_get_base_id(key) {
        case EVP_PKEY_RSA: self = .rsaSHA256
        case EVP_PKEY_ED25519: self = .ed25519SHA256
        default: return nil
        }
    }
}
