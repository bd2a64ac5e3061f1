import Crypto
import CryptoExtras
import Foundation
import ProviderTwin

extension TwinCryptography {
    /// By swift-crypto: another implementation than the one that signs.
    static let swift = TwinCryptography(
        sha256: { Array(SHA256.hash(data: $0)) },
        isSigned: { data, signature, key, algorithm in
            let digest = SHA256.hash(data: data)
            switch algorithm {
            case .rsa:
                guard let key = try? _RSA.Signing.PublicKey(derRepresentation: Data(key)) else { return false }
                return key.isValidSignature(
                    _RSA.Signing.RSASignature(rawRepresentation: Data(signature)), for: digest, padding: .insecurePKCS1v1_5)
            case .ed25519:
                guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: Data(key)) else { return false }
                return key.isValidSignature(Data(signature), for: Data(digest))
            }
        })
}
