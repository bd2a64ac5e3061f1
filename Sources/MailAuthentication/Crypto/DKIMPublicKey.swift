import CLibCrypto

/// A public key from a key record.
struct DKIMPublicKey: ~Copyable {
    static let ed25519Bytes = 32

    let algorithm: DKIMAlgorithm
    private let key: OpaquePointer

    /// `bytes`: what `p=` holds. For RSA a SubjectPublicKeyInfo as everyone publishes it, or the bare RSAPublicKey that RFC 6376 §3.6.1
    /// names; for Ed25519 the 32 octets (RFC 8463 §4).
    init?(algorithm: DKIMAlgorithm, bytes: [UInt8]) {
        guard let key = DKIMPublicKey.read(algorithm, bytes) else { return nil }
        self.algorithm = algorithm
        self.key = key
    }

    deinit { EVP_PKEY_free(key) }

    var bits: Int { Int(EVP_PKEY_get_bits(key)) }

    func isValid(_ signature: [UInt8], for bytes: [UInt8]) throws(CryptoError) -> Bool {
        switch algorithm {
        case .rsaSHA256: try isValid(signature, bytes, digest: SHA256Algorithm.shared.pointer)
        case .ed25519SHA256: try isValid(signature, SHA256Digest.hash(bytes), digest: nil)
        }
    }

    private func isValid(_ signature: [UInt8], _ bytes: [UInt8], digest: OpaquePointer?) throws(CryptoError) -> Bool {
        guard let context = EVP_MD_CTX_new() else { throw CryptoError.last() }
        defer { EVP_MD_CTX_free(context) }
        guard EVP_DigestVerifyInit(context, nil, digest, nil, key) == 1 else { throw CryptoError.last() }
        let result = EVP_DigestVerify(context, signature, signature.count, bytes, bytes.count)
        // A signature of the wrong form is an error to the library and a wrong signature to us.
        ERR_clear_error()
        return result == 1
    }

    private static func read(_ algorithm: DKIMAlgorithm, _ bytes: [UInt8]) -> OpaquePointer? {
        let key = parse(algorithm, bytes)
        ERR_clear_error()
        guard let key, DKIMAlgorithm(key: key) != algorithm else { return key }
        EVP_PKEY_free(key)
        return nil
    }

    private static func parse(_ algorithm: DKIMAlgorithm, _ bytes: [UInt8]) -> OpaquePointer? {
        bytes.withUnsafeBufferPointer { buffer in
            switch algorithm {
            case .ed25519SHA256:
                guard buffer.count == ed25519Bytes else { return nil }
                return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, buffer.baseAddress, buffer.count)
            case .rsaSHA256:
                var pointer = buffer.baseAddress
                if let key = d2i_PUBKEY(nil, &pointer, buffer.count) { return key }
                pointer = buffer.baseAddress
                return d2i_PublicKey(EVP_PKEY_RSA, nil, &pointer, buffer.count)
            }
        }
    }
}
