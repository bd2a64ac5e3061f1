import Crypto
import NIOSSL

/// What a TLS handshake came to.
package struct TLSFacts: Hashable, Sendable {
    /// `TLSv1.2` or `TLSv1.3`.
    package var version: String
    /// SHA-256 over the DER form of the peer's certificate, 32 octets; nil where it showed none.
    package var peerFingerprint: [UInt8]?

    package init(version: String, peerFingerprint: [UInt8]? = nil) {
        self.version = version
        self.peerFingerprint = peerFingerprint
    }

    init(_ handler: NIOSSLHandler) {
        version = TLSFacts.name(handler.tlsVersion)
        if let certificate = handler.peerCertificate, let bytes = try? certificate.toDERBytes() {
            // A certificate that does not write itself counts as none: the session then has nothing to match.
            peerFingerprint = Array(SHA256.hash(data: bytes))
        }
    }

    /// The version in the words of OpenSSL.
    static func name(_ version: TLSVersion?) -> String {
        switch version {
        case .tlsv1: "TLSv1"
        case .tlsv11: "TLSv1.1"
        case .tlsv12: "TLSv1.2"
        case .tlsv13: "TLSv1.3"
        case nil: "TLS"
        }
    }
}

/// A certificate or key that cannot be used, in words for the person who named it.
package struct TLSSettingsError: Error, CustomStringConvertible {
    package let description: String
}
