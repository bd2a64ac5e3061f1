import CLibCrypto
import Crypto
import MailModel

/// What the certificates of a host prove.
enum CertificateVerdict: Hashable, Sendable {
    case good(TLSTrust)
    /// `reason`: in the library's words.
    case bad(TLSFault, reason: String)
}

/// Certificates that others are trusted by, read once. Checks may run side by side on all threads.
///
/// `@unchecked`: the store is complete when it is shared, and libcrypto counts its references and locks its list itself.
final class TrustedRoots: @unchecked Sendable {
    fileprivate let store: OpaquePointer

    /// `systemFiles`: the first of them that can be read. Throws `TLSSettingsError` where none can, or the other cannot. Reads files.
    init(systemFiles: [String] = TrustedRoots.systemFiles, extraFile: String?) throws {
        guard let store = X509_STORE_new() else { throw TLSSettingsError(description: "no memory for certificates") }
        self.store = store
        let found = systemFiles.contains { X509_STORE_load_file(store, $0) == 1 }
        ERR_clear_error()
        // Without the system's roots nothing would ever be verified, and nobody would know why.
        guard found || extraFile != nil else { throw TLSSettingsError(description: "no file of trusted roots: \(systemFiles[0])") }
        if let extraFile, X509_STORE_load_file(store, extraFile) != 1 {
            ERR_clear_error()
            throw TLSSettingsError(description: "cannot read the certificates of \(extraFile)")
        }
    }

    /// Where Linux distributions keep them.
    static let systemFiles = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"]

    deinit { X509_STORE_free(store) }
}

/// Holds the certificates of a host against roots, names and TLSA records. Does not block.
struct CertificateCheck {
    /// DER, the host's own first.
    let chain: [[UInt8]]

    private static let chainMax = 20

    /// The web's public key infrastructure: a chain to a trusted root, a certificate in its time, and the host's name or address in its
    /// subjectAltName (RFC 6125; a wildcard stands for one whole label).
    func underRoots(_ roots: TrustedRoots, host: String) -> CertificateVerdict {
        verify(with: roots.store, names: [host], flags: 0, trust: .webPKI)
    }

    /// DANE (RFC 7672 §3): a match of usage 3 is enough, whatever name and dates the certificate has; one of usage 2 asks for a chain to the
    /// authority that matches, and for one of the names.
    func underRecords(_ records: [TLSARecord], names: [String]) -> CertificateVerdict {
        guard let leaf = chain.first else { return .bad(.tlsaInvalid, reason: "the host shows no certificate") }
        if records.contains(where: { $0.usage == 3 && matches($0, leaf) }) { return .good(.daneHost) }
        let authorities = records.filter { $0.usage == 2 }
        guard !authorities.isEmpty else { return .bad(.tlsaInvalid, reason: TLSFault.tlsaInvalid.words) }
        var anchors = chain.dropFirst().prefix(CertificateCheck.chainMax).filter { der in authorities.contains { matches($0, der) } }
        // The record may be the authority itself, which the host then need not send.
        anchors += authorities.filter { $0.selector == 0 && $0.matching == 0 }.map(\.data)
        guard !anchors.isEmpty, let store = X509_STORE_new() else { return .bad(.tlsaInvalid, reason: TLSFault.tlsaInvalid.words) }
        defer { X509_STORE_free(store) }
        for anchor in anchors {
            guard let certificate = certificate(anchor) else { continue }
            _ = X509_STORE_add_cert(store, certificate)
            X509_free(certificate)
        }
        // The authority need not be signed by itself.
        return verify(with: store, names: names, flags: UInt(X509_V_FLAG_PARTIAL_CHAIN), trust: .daneAuthority)
    }

    private func verify(with store: OpaquePointer, names: [String], flags: UInt, trust: TLSTrust) -> CertificateVerdict {
        guard let first = chain.first, let leaf = certificate(first) else {
            return .bad(.certificateNotTrusted, reason: "the host shows no certificate that can be read")
        }
        defer { X509_free(leaf) }
        guard let rest = OPENSSL_sk_new_null(), let context = X509_STORE_CTX_new() else {
            return .bad(.validationFailure, reason: "no memory")
        }
        var held: [OpaquePointer] = []
        defer {
            X509_STORE_CTX_free(context)
            OPENSSL_sk_free(rest)
            for certificate in held { X509_free(certificate) }
            ERR_clear_error()
        }
        for der in chain.dropFirst().prefix(CertificateCheck.chainMax) {
            guard let other = certificate(der) else { continue }
            held.append(other)
            OPENSSL_sk_push(rest, UnsafeRawPointer(other))
        }
        guard X509_STORE_CTX_init(context, store, leaf, rest) == 1, X509_STORE_CTX_set_default(context, "ssl_server") == 1,
            let parameters = X509_STORE_CTX_get0_param(context)
        else { return .bad(.validationFailure, reason: "libcrypto refuses the check") }
        X509_VERIFY_PARAM_set_flags(parameters, flags)
        X509_VERIFY_PARAM_set_hostflags(
            parameters, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS) | UInt32(X509_CHECK_FLAG_NEVER_CHECK_SUBJECT))
        for (index, name) in names.enumerated() {
            if IPAddress(name) != nil {
                _ = X509_VERIFY_PARAM_set1_ip_asc(parameters, name)
            } else if index == 0 {
                _ = X509_VERIFY_PARAM_set1_host(parameters, name, name.utf8.count)
            } else {
                _ = X509_VERIFY_PARAM_add1_host(parameters, name, name.utf8.count)
            }
        }
        if X509_verify_cert(context) == 1 { return .good(trust) }
        let code = X509_STORE_CTX_get_error(context)
        let reason = X509_verify_cert_error_string(Int(code)).map { String(cString: $0) } ?? "error \(code)"
        return .bad(CertificateCheck.fault(code), reason: reason)
    }

    private static func fault(_ code: CInt) -> TLSFault {
        switch code {
        case X509_V_ERR_CERT_HAS_EXPIRED, X509_V_ERR_CERT_NOT_YET_VALID: .certificateExpired
        case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH: .certificateHostMismatch
        default: .certificateNotTrusted
        }
    }

    private func certificate(_ der: [UInt8]) -> OpaquePointer? {
        der.withUnsafeBufferPointer { buffer in
            var position = buffer.baseAddress
            guard let read = d2i_X509(nil, &position, buffer.count) else {
                ERR_clear_error()
                return nil
            }
            return read
        }
    }

    private func matches(_ record: TLSARecord, _ der: [UInt8]) -> Bool {
        guard let selected = record.selector == 0 ? der : publicKey(der) else { return false }
        return switch record.matching {
        case 0: selected == record.data
        case 1: Array(SHA256.hash(data: selected)) == record.data
        case 2: Array(SHA512.hash(data: selected)) == record.data
        default: false
        }
    }

    /// SubjectPublicKeyInfo in DER.
    private func publicKey(_ der: [UInt8]) -> [UInt8]? {
        guard let certificate = certificate(der) else { return nil }
        defer { X509_free(certificate) }
        guard let key = X509_get_X509_PUBKEY(certificate) else { return nil }
        var output: UnsafeMutablePointer<UInt8>?
        let count = i2d_X509_PUBKEY(key, &output)
        guard count > 0, let output else { return nil }
        defer { CRYPTO_free(output, nil, 0) }
        return Array(UnsafeBufferPointer(start: output, count: Int(count)))
    }
}
