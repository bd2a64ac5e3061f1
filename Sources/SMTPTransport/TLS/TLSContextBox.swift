import NIOCore
package import NIOSSL
import Synchronization

/// The certificate and key with which listeners speak TLS; replaced while they run. Connections that stand keep what they began with.
package final class TLSContextBox: Sendable {
    private let context: Mutex<NIOSSLContext>

    /// Reads a chain (PEM, the leaf first) and its key (PEM). Throws `TLSSettingsError`. Reads files: not on an event loop.
    ///
    /// `requestsClientCertificates`: clients may show a certificate, and any is taken, also a self-signed or expired one: the session
    /// decides by its fingerprint. Without it they are not asked for one.
    package init(certificateFile: String, keyFile: String, requestsClientCertificates: Bool) throws {
        context = Mutex(try TLSContextBox.load(certificateFile, keyFile, requestsClientCertificates))
    }

    /// From PEM in memory. Throws `TLSSettingsError`.
    package init(certificatePEM: [UInt8], keyPEM: [UInt8]) throws {
        do {
            let chain = try NIOSSLCertificate.fromPEMBytes(certificatePEM)
            context = Mutex(try TLSContextBox.make(chain, NIOSSLPrivateKey(bytes: keyPEM, format: .pem), requestsClientCertificates: false))
        } catch {
            throw TLSSettingsError(description: "cannot use the certificate: \(error)")
        }
    }

    /// Loads anew; where it throws, the old certificate stays in use. Reads files: not on an event loop.
    package func replace(certificateFile: String, keyFile: String, requestsClientCertificates: Bool) throws {
        let loaded = try TLSContextBox.load(certificateFile, keyFile, requestsClientCertificates)
        context.withLock { $0 = loaded }
    }

    private static func load(_ certificateFile: String, _ keyFile: String, _ requestsClientCertificates: Bool) throws -> NIOSSLContext {
        do {
            let chain = try NIOSSLCertificate.fromPEMFile(certificateFile)
            let key = try NIOSSLPrivateKey(file: keyFile, format: .pem)
            return try make(chain, key, requestsClientCertificates: requestsClientCertificates)
        } catch {
            throw TLSSettingsError(description: "cannot use certificate \(certificateFile) with key \(keyFile): \(error)")
        }
    }

    private static func make(
        _ chain: [NIOSSLCertificate], _ key: NIOSSLPrivateKey, requestsClientCertificates: Bool
    ) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        if requestsClientCertificates {
            configuration.certificateVerification = .optionalVerification
            configuration.trustRoots = .certificates([])
        }
        return try NIOSSLContext(configuration: configuration)
    }

    /// For the front of one connection's pipeline, on its event loop.
    package func makeHandler() -> NIOSSLServerHandler {
        let context = context.withLock { $0 }
        return NIOSSLServerHandler(
            context: context,
            customVerificationCallback: { _, promise in promise.succeed(.certificateVerified) },
            configuration: .init())
    }
}
