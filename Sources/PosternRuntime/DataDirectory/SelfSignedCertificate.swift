import Crypto
import Foundation
import MailModel
import SwiftASN1
import X509

/// The certificate that a new gate starts with: P-256, for its host name, `localhost` and 127.0.0.1. Clients that check certificates
/// need one from an authority in its place.
enum SelfSignedCertificate {
    struct PEM {
        var certificate: String
        var key: String
    }

    /// Ten years: long enough not to be the reason why mail stops, as nobody relies on who signed it.
    private static let days = 3650

    static func make(hostName: DomainName, now: Timestamp) throws -> PEM {
        let privateKey = P256.Signing.PrivateKey()
        let key = Certificate.PrivateKey(privateKey)
        let name = try DistinguishedName { CommonName(String(hostName.text.prefix(64))) }
        var names: [GeneralName] = [.dnsName("localhost"), .ipAddress(ASN1OctetString(contentBytes: [127, 0, 0, 1]))]
        if hostName.isASCII, hostName.text != "localhost" { names.insert(.dnsName(hostName.text), at: 0) }
        let extensions = try Certificate.Extensions {
            Critical(BasicConstraints.notCertificateAuthority)
            Critical(KeyUsage(digitalSignature: true))
            try ExtendedKeyUsage([.serverAuth, .clientAuth])
            SubjectAlternativeNames(names)
        }
        let begin = Date(timeIntervalSince1970: Double(now.seconds - 3600))
        let certificate = try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: key.publicKey, notValidBefore: begin,
            notValidAfter: begin.addingTimeInterval(Double(days) * 86_400), issuer: name, subject: name,
            signatureAlgorithm: .ecdsaWithSHA256, extensions: extensions, issuerPrivateKey: key)
        return PEM(certificate: try certificate.serializeAsPEM().pemString + "\n", key: privateKey.pemRepresentation + "\n")
    }
}
