import Crypto
import Foundation

/// Seals private keys under the node's master key (AES-256-GCM), so that the store and its copies hold none in the clear.
package struct KeyVault: Sendable {
    private let key: SymmetricKey

    /// Octets of a master key.
    package static let keyBytes = 32

    package struct UnreadableError: Error, CustomStringConvertible {
        package var description: String
    }

    /// `masterKey`: 32 random octets.
    package init(masterKey: [UInt8]) throws {
        guard masterKey.count == KeyVault.keyBytes else {
            throw UnreadableError(description: "the master key has \(masterKey.count) octets instead of \(KeyVault.keyBytes)")
        }
        key = SymmetricKey(data: masterKey)
    }

    /// Reads `secrets/master.key`.
    package init(_ directory: DataDirectory) throws {
        try self.init(masterKey: AtomicFile.read(directory.masterKey, bytesMax: 4096))
    }

    /// A sealed box (nonce, ciphertext, tag) in base 64. `context` names what is sealed; opening wants the same, so that a box cannot be
    /// put into the place of another.
    package func seal(_ secret: [UInt8], context: String) throws -> String {
        let box = try AES.GCM.seal(secret, using: key, authenticating: Array(context.utf8))
        guard let combined = box.combined else { throw UnreadableError(description: "a sealed box without its standard nonce") }
        return combined.base64EncodedString()
    }

    /// Throws where the box was changed, belongs to another context, or was sealed under another master key.
    package func open(_ sealed: String, context: String) throws -> [UInt8] {
        do {
            guard let data = Data(base64Encoded: sealed) else { throw CryptoKitError.incorrectParameterSize }
            return Array(try AES.GCM.open(AES.GCM.SealedBox(combined: data), using: key, authenticating: Array(context.utf8)))
        } catch {
            throw UnreadableError(description: "the sealed key of \(context) does not open under this node's secrets/master.key")
        }
    }

    /// A key of 32 octets of its own for a purpose, the same on all nodes (HKDF-SHA256, RFC 5869).
    package func key(for purpose: String) -> [UInt8] {
        HKDF<SHA256>.deriveKey(inputKeyMaterial: key, info: Array("postern \(purpose)".utf8), outputByteCount: KeyVault.keyBytes)
            .withUnsafeBytes { Array($0) }
    }

    /// Fresh octets for a new master key.
    static func randomKey() -> [UInt8] {
        SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) }
    }
}

/// Passwords that the program makes up: shown once, never stored as they are.
enum GeneratedPassword {
    /// 26 letters and digits of Crockford's base 32 (130 bits) in groups, which can be read out and typed.
    static func make() -> String {
        var random = SystemRandomNumberGenerator()
        let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz")
        let groups = [5, 5, 5, 5, 6].map { length in
            String((0..<length).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &random)] })
        }
        return groups.joined(separator: "-")
    }
}
