import Crypto
import Foundation
import InternetMessage
import MailAuthentication
package import OutboundPolicy

/// What a route proves itself with at a token endpoint; kept sealed.
struct OAuthSecrets: Codable, Hashable, Sendable {
    var clientSecret: String?
    var refreshToken: String?
    /// PEM.
    var privateKey: String?
    /// DER, in base 64: the certificate that belongs to the key.
    var certificate: String?

    static func context(route: String) -> String { "route-oauth:\(route)" }
}

/// An account at a provider as a person gives it: with the secret as it was downloaded or copied.
package struct OAuthAccount: Codable, Hashable, Sendable {
    package var provider: OAuthCredential.Provider
    package var tenant: String?
    package var clientID: String?
    /// Microsoft: the client secret, or PEM with the private key and its certificate. Google: the JSON key of a service account, or the
    /// client secret and, on the next line, the refresh token.
    package var secret: String
    /// Nil: the provider's.
    package var tokenURL: String?

    package init(
        provider: OAuthCredential.Provider, tenant: String? = nil, clientID: String? = nil, secret: String, tokenURL: String? = nil
    ) {
        self.provider = provider
        self.tenant = tenant
        self.clientID = clientID
        self.secret = secret
        self.tokenURL = tokenURL
    }

    static let secretBytesMax = 65_536
}

/// What an account comes to: the part that is shown, and the part that is sealed.
struct OAuthReading {
    var credential: OAuthCredential
    var secrets: OAuthSecrets

    /// Throws `AdministrationError` that says what is missing.
    init(_ account: OAuthAccount) throws {
        guard account.secret.utf8.count <= OAuthAccount.secretBytesMax else { throw OAuthReading.invalid("the secret is too long") }
        let text = account.secret.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !text.isEmpty else { throw OAuthReading.invalid("there is no secret") }
        var reading =
            switch account.provider {
            case .microsoft: try OAuthReading.microsoft(account, text)
            case .google: try OAuthReading.google(account, text)
            }
        if let url = account.tokenURL {
            if case .failure(let fault) = TokenEndpoint.read(url) { throw OAuthReading.invalid("--token-url: \(fault.text)") }
            reading.0.tokenURL = url
        }
        (credential, secrets) = reading
    }

    private static func microsoft(_ account: OAuthAccount, _ text: String) throws -> (OAuthCredential, OAuthSecrets) {
        guard let tenant = account.tenant, let client = account.clientID, isPlain(tenant), isPlain(client) else {
            throw invalid("Microsoft wants the tenant and the client id", "Give --tenant and --client-id from the app registration.")
        }
        var credential = OAuthCredential(provider: .microsoft, grant: .clientSecret, tenant: tenant, clientID: client, sealedSecrets: "")
        guard text.contains("-----BEGIN") else { return (credential, OAuthSecrets(clientSecret: text)) }
        guard let certificate = certificate(in: text) else {
            throw invalid("the PEM has no certificate", "Give the private key and the certificate in one file.")
        }
        try checkKey(text)
        credential.grant = .certificate
        return (credential, OAuthSecrets(privateKey: text, certificate: certificate.base64EncodedString()))
    }

    private static func google(_ account: OAuthAccount, _ text: String) throws -> (OAuthCredential, OAuthSecrets) {
        if text.hasPrefix("{") {
            guard let key = try? JSONDecoder().decode(ServiceAccountKey.self, from: Data(text.utf8)) else {
                throw invalid("the JSON is not a service account's key", "Download it once more at the service account's page, Keys.")
            }
            try checkKey(key.privateKey)
            let credential = OAuthCredential(
                provider: .google, grant: .serviceAccount, clientID: key.clientEmail, keyID: key.privateKeyID, sealedSecrets: "")
            return (credential, OAuthSecrets(privateKey: key.privateKey))
        }
        let lines = text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
        guard let client = account.clientID, isPlain(client), lines.count == 2 else {
            throw invalid(
                "Google wants a service account's JSON key, or a client id with two lines",
                "Give --client-id, and on standard input the client secret and the refresh token, a line each.")
        }
        let credential = OAuthCredential(provider: .google, grant: .refreshToken, clientID: client, sealedSecrets: "")
        return (credential, OAuthSecrets(clientSecret: lines[0], refreshToken: lines[1]))
    }

    private struct ServiceAccountKey: Decodable {
        var clientEmail: String
        var privateKey: String
        var privateKeyID: String?

        enum CodingKeys: String, CodingKey {
            case clientEmail = "client_email"
            case privateKey = "private_key"
            case privateKeyID = "private_key_id"
        }
    }

    private static func checkKey(_ pem: String) throws {
        guard let key = try? DKIMPrivateKey(pem: pem), key.algorithm == .rsaSHA256 else {
            throw invalid("the private key cannot be read", "It has to be RSA, in PEM, without a password.")
        }
    }

    /// The first certificate, in DER.
    private static func certificate(in pem: String) -> Data? {
        guard let begin = pem.range(of: "-----BEGIN CERTIFICATE-----"),
            let end = pem.range(of: "-----END CERTIFICATE-----", range: begin.upperBound..<pem.endIndex)
        else { return nil }
        return Data(base64Encoded: String(pem[begin.upperBound..<end.lowerBound]), options: .ignoreUnknownCharacters)
    }

    /// Stands in a path and in a form: letters, digits, `.`, `-`, `_`.
    private static func isPlain(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 255
            && text.unicodeScalars.allSatisfy {
                $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9").contains($0) || ".-_".unicodeScalars.contains($0))
            }
    }

    private static func invalid(_ text: String, _ hint: String = "") -> AdministrationError { AdministrationError(.invalid, text, hint) }
}
