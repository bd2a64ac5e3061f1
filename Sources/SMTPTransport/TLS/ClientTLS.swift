import NIOSSL

/// How much TLS a connection to a next host needs.
package enum ClientTLS: String, Hashable, Sendable, Codable {
    /// Plaintext, also where TLS is offered.
    case none
    /// TLS where offered, with any certificate; plaintext otherwise (RFC 7435).
    case opportunistic
    /// TLS with any certificate, or no mail.
    case encrypt
    /// TLS with a certificate for the host's name that leads to a trusted root, or no mail.
    case verify
}

/// The TLS settings of all connections to next hosts. One for a process: making it reads the system's roots.
package final class ClientTLSContexts: Sendable {
    private let opportunistic: NIOSSLContext
    private let encrypting: NIOSSLContext
    private let verifying: NIOSSLContext

    /// `extraRootsFile`: PEM certificates trusted beside the system's; nil for none. Throws `TLSSettingsError`. Reads files.
    package init(extraRootsFile: String? = nil) throws {
        do {
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.certificateVerification = .none
            // Old TLS is still better than plaintext, which is what the message would go in otherwise.
            configuration.minimumTLSVersion = .tlsv1
            opportunistic = try NIOSSLContext(configuration: configuration)
            configuration.minimumTLSVersion = .tlsv12
            encrypting = try NIOSSLContext(configuration: configuration)
            configuration.certificateVerification = .fullVerification
            if let extraRootsFile {
                configuration.additionalTrustRoots = [.certificates(try NIOSSLCertificate.fromPEMFile(extraRootsFile))]
            }
            verifying = try NIOSSLContext(configuration: configuration)
        } catch {
            throw TLSSettingsError(description: "cannot set up TLS towards other hosts: \(error)")
        }
    }

    /// For the front of a connection's pipeline. `host`: for SNI and for the check; an address literal is checked against the peer's address.
    func makeHandler(_ requirement: ClientTLS, host: String, isAddress: Bool) throws -> NIOSSLClientHandler {
        let context =
            switch requirement {
            case .none, .opportunistic: opportunistic
            case .encrypt: encrypting
            case .verify: verifying
            }
        return try NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : host)
    }
}
