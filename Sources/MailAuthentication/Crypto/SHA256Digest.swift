import CLibCrypto

/// SHA-256 over bytes that come in pieces.
struct SHA256Digest: ~Copyable {
    static let byteCount = 32

    private let context: OpaquePointer

    init() throws(CryptoError) {
        context = try SHA256Digest.makeContext()
    }

    private static func makeContext() throws(CryptoError) -> OpaquePointer {
        guard let context = EVP_MD_CTX_new() else { throw CryptoError.last() }
        guard EVP_DigestInit_ex2(context, SHA256Algorithm.shared.pointer, nil) == 1 else {
            EVP_MD_CTX_free(context)
            throw CryptoError.last()
        }
        return context
    }

    deinit { EVP_MD_CTX_free(context) }

    /// Cannot fail for a context that was initialised and not finished.
    func update(_ bytes: UnsafeRawBufferPointer) { _ = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) }

    consuming func finish() -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: SHA256Digest.byteCount) { buffer, count in
            _ = EVP_DigestFinal_ex(context, buffer.baseAddress, nil)
            count = SHA256Digest.byteCount
        }
    }

    static func hash(_ bytes: [UInt8]) throws(CryptoError) -> [UInt8] {
        let digest = try SHA256Digest()
        bytes.withUnsafeBytes { digest.update($0) }
        return digest.finish()
    }
}

/// The algorithm as the library's provider has it: looked up once, since a look-up takes a lock and costs more than a short hash.
///
/// `@unchecked`: the object is reference counted, immutable and meant to be shared (EVP_MD_fetch(3)); it lives as long as the process.
struct SHA256Algorithm: @unchecked Sendable {
    static let shared = SHA256Algorithm()

    let pointer: OpaquePointer?

    private init() { pointer = EVP_MD_fetch(nil, "SHA256", nil) }
}

/// What libcrypto says went wrong. Never holds key material.
package struct CryptoError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }

    /// The oldest error of this thread, whose list is emptied.
    static func last() -> CryptoError {
        let code = ERR_get_error()
        ERR_clear_error()
        guard code != 0, let reason = ERR_reason_error_string(code) else { return CryptoError("libcrypto failed without a reason") }
        return CryptoError(String(cString: reason))
    }
}
