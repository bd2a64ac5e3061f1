import CLibCrypto
import InternetMessage

/// A private key for signing: RSA or Ed25519.
///
/// `@unchecked`: the key object is not changed after `init`, each signature has a context of its own, and OpenSSL allows such use of one key
/// by many threads (openssl-threads(7)).
package final class DKIMPrivateKey: @unchecked Sendable {
    package let algorithm: DKIMAlgorithm
    private let key: OpaquePointer

    /// Takes over `key`.
    private init(owning key: OpaquePointer?) throws(CryptoError) {
        guard let key else { throw CryptoError.last() }
        guard let algorithm = DKIMAlgorithm(key: key) else {
            EVP_PKEY_free(key)
            throw CryptoError("the key is neither RSA nor Ed25519")
        }
        if algorithm == .rsaSHA256, !DKIMAlgorithm.rsaBitsRange.contains(Int(EVP_PKEY_get_bits(key))) {
            EVP_PKEY_free(key)
            throw CryptoError("an RSA key must have 1024 to 8192 bits")
        }
        self.key = key
        self.algorithm = algorithm
    }

    deinit { EVP_PKEY_free(key) }

    /// Reads an unencrypted key in PEM: PKCS #8 or the older forms.
    package convenience init(pem: String) throws(CryptoError) {
        let bytes = Array(pem.utf8)
        guard bytes.count <= keyBytesMax else { throw CryptoError("not a PEM key") }
        // The library reads from the octets where they lie, so they are held in place until it is done.
        let key = bytes.withUnsafeBytes { octets -> OpaquePointer? in
            guard let bio = BIO_new_mem_buf(octets.baseAddress, Int32(octets.count)) else { return nil }
            defer { BIO_free(bio) }
            // Without a call-back of its own, the library would ask the terminal for the password of an encrypted key.
            return PEM_read_bio_PrivateKey(bio, nil, { _, _, _, _ in -1 }, nil)
        }
        try self.init(owning: key)
    }

    /// Reads an unencrypted key in DER: PKCS #8 or the older forms.
    package convenience init(der: [UInt8]) throws(CryptoError) {
        guard der.count <= keyBytesMax else { throw CryptoError("not a DER key") }
        let key = der.withUnsafeBufferPointer { buffer in
            var pointer = buffer.baseAddress
            return d2i_AutoPrivateKey(nil, &pointer, buffer.count)
        }
        try self.init(owning: key)
    }

    /// Makes a new key from the library's random generator. `rsaBits` counts for RSA only: 1024…8192.
    package static func generate(_ algorithm: DKIMAlgorithm, rsaBits: Int = 2048) throws(CryptoError) -> DKIMPrivateKey {
        precondition(DKIMAlgorithm.rsaBitsRange.contains(rsaBits))
        let kind = algorithm == .rsaSHA256 ? EVP_PKEY_RSA : EVP_PKEY_ED25519
        guard let context = EVP_PKEY_CTX_new_id(kind, nil) else { throw CryptoError.last() }
        defer { EVP_PKEY_CTX_free(context) }
        guard EVP_PKEY_keygen_init(context) == 1,
            algorithm != .rsaSHA256 || EVP_PKEY_CTX_set_rsa_keygen_bits(context, Int32(rsaBits)) == 1
        else { throw CryptoError.last() }
        var key: OpaquePointer?
        guard EVP_PKEY_keygen(context, &key) == 1 else { throw CryptoError.last() }
        return try DKIMPrivateKey(owning: key)
    }

    /// The key in PEM (PKCS #8, unencrypted): a secret.
    package func pem() throws(CryptoError) -> String {
        guard let bio = BIO_new(BIO_s_mem()) else { throw CryptoError.last() }
        defer { BIO_free(bio) }
        guard PEM_write_bio_PrivateKey(bio, key, nil, nil, 0, nil, nil) == 1 else { throw CryptoError.last() }
        var text = [UInt8](repeating: 0, count: BIO_ctrl_pending(bio))
        let count = BIO_read(bio, &text, Int32(text.count))
        guard count == text.count else { throw CryptoError.last() }
        return String(decoding: text, as: UTF8.self)
    }

    /// What the domain publishes at `selector._domainkey.domain` (RFC 6376 §3.6.1, RFC 8463 §4).
    package func publicRecord() throws(CryptoError) -> String {
        let bytes = try algorithm == .rsaSHA256 ? subjectPublicKeyInfo() : rawPublicKey()
        return "v=DKIM1; k=\(algorithm.keyType); p=\(String(decoding: Base64.encode(bytes), as: UTF8.self))"
    }

    /// The signature over SHA-256 of the bytes: PKCS #1 v1.5 for RSA, and for Ed25519 the pure form over the digest (RFC 8463 §3).
    package func sign(_ bytes: [UInt8]) throws(CryptoError) -> [UInt8] {
        switch algorithm {
        case .rsaSHA256: try sign(bytes, digest: SHA256Algorithm.shared.pointer)
        case .ed25519SHA256: try sign(SHA256Digest.hash(bytes), digest: nil)
        }
    }

    private func sign(_ bytes: [UInt8], digest: OpaquePointer?) throws(CryptoError) -> [UInt8] {
        guard let context = EVP_MD_CTX_new() else { throw CryptoError.last() }
        defer { EVP_MD_CTX_free(context) }
        guard EVP_DigestSignInit(context, nil, digest, nil, key) == 1 else { throw CryptoError.last() }
        var count = Int(EVP_PKEY_get_size(key))
        var signature = [UInt8](repeating: 0, count: count)
        guard EVP_DigestSign(context, &signature, &count, bytes, bytes.count) == 1 else { throw CryptoError.last() }
        signature.removeSubrange(count...)
        return signature
    }

    private func subjectPublicKeyInfo() throws(CryptoError) -> [UInt8] {
        let count = i2d_PUBKEY(key, nil)
        guard count > 0 else { throw CryptoError.last() }
        return [UInt8](unsafeUninitializedCapacity: Int(count)) { buffer, written in
            var pointer = buffer.baseAddress
            written = Int(max(0, i2d_PUBKEY(key, &pointer)))
        }
    }

    private func rawPublicKey() throws(CryptoError) -> [UInt8] {
        var count = DKIMPublicKey.ed25519Bytes
        var bytes = [UInt8](repeating: 0, count: count)
        guard EVP_PKEY_get_raw_public_key(key, &bytes, &count) == 1 else { throw CryptoError.last() }
        return bytes
    }
}

/// An RSA key of 8192 bits in PEM has 6.4 KiB.
private let keyBytesMax = 65_536
