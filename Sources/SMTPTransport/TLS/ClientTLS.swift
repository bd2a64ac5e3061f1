package import MailModel
import NIOCore
import NIOSSL
import Synchronization

/// How much TLS a connection to a next host needs.
package enum ClientTLS: Hashable, Sendable {
    /// Plaintext, also where TLS is offered.
    case none
    /// TLS where offered, with any certificate; plaintext otherwise (RFC 7435).
    case opportunistic
    /// TLS with any certificate, or no mail.
    case encrypt
    /// TLS with a certificate for the host's name that leads to a trusted root, or no mail.
    case verify
    /// TLS with a certificate that one of the TLSA records names, or no mail (RFC 7672). `names`: the first for SNI; a certificate under an
    /// authority bears one of them.
    case dane([TLSARecord], names: [String])
}

/// The TLS settings of all connections to next hosts. One for a process: making it reads the system's roots.
package final class ClientTLSContexts: Sendable {
    private let opportunistic: NIOSSLContext
    private let demanding: NIOSSLContext
    private let roots: TrustedRoots

    /// `extraRootsFile`: PEM certificates trusted beside the system's; nil for none. `takesOldVersions`: opportunistic TLS goes down to TLS
    /// 1.0, which is better than the plaintext that the message would go in otherwise. Throws `TLSSettingsError`. Reads files.
    package init(extraRootsFile: String? = nil, takesOldVersions: Bool = false) throws {
        roots = try TrustedRoots(extraFile: extraRootsFile)
        do {
            var configuration = TLSConfiguration.makeClientConfiguration()
            // The check is our own, which says what is wrong; with `none` it would not be called.
            configuration.certificateVerification = .noHostnameVerification
            configuration.minimumTLSVersion = .tlsv12
            demanding = try NIOSSLContext(configuration: configuration)
            configuration.minimumTLSVersion = takesOldVersions ? .tlsv1 : .tlsv12
            opportunistic = try NIOSSLContext(configuration: configuration)
        } catch {
            throw TLSSettingsError(description: "cannot set up TLS towards other hosts: \(error)")
        }
    }

    /// For the front of a connection's pipeline. `host`: for SNI and for the check; an address literal is checked against the certificate's
    /// addresses. `verdict` is set when the certificate was looked at.
    func makeHandler(_ requirement: ClientTLS, host: String, isAddress: Bool, verdict: VerdictBox) throws -> NIOSSLClientHandler {
        var context = demanding
        var serverName = host
        switch requirement {
        case .none, .opportunistic: context = opportunistic
        case .encrypt, .verify: break
        case .dane(_, let names): serverName = names.first ?? host
        }
        let roots = roots
        return try NIOSSLClientHandler(
            context: context, serverHostname: isAddress ? nil : serverName,
            customVerificationCallback: { certificates, promise in
                let check = CertificateCheck(chain: certificates.compactMap { try? $0.toDERBytes() })
                let found: CertificateVerdict
                var mustHold = true
                switch requirement {
                case .none, .opportunistic, .encrypt:
                    found = check.underRoots(roots, host: host)
                    mustHold = false
                case .verify: found = check.underRoots(roots, host: host)
                case .dane(let records, let names): found = check.underRecords(records, names: names)
                }
                verdict.set(found)
                if mustHold, case .bad = found { return promise.succeed(.failed) }
                promise.succeed(.certificateVerified)
            })
    }
}

/// What was found of a connection's certificate.
final class VerdictBox: Sendable {
    private let found = Mutex<CertificateVerdict?>(nil)

    init() {}

    func set(_ verdict: CertificateVerdict) { found.withLock { $0 = verdict } }
    var verdict: CertificateVerdict? { found.withLock { $0 } }
}
