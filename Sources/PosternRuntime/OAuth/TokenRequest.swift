import Crypto
import DeliveryPlanning
import Foundation
import MailAuthentication
import MailModel
import OutboundPolicy

/// The form that is posted to a token endpoint (RFC 6749, RFC 7523).
struct TokenRequest {
    /// In the order in which they are written.
    var fields: [(name: String, value: String)]

    /// `subject`: the mailbox that a service account acts for. `id`: of an assertion, unlike any other. Throws where the secrets do not go
    /// with the grant, or the key does not sign.
    init(_ credential: OAuthCredential, _ secrets: OAuthSecrets, subject: String, id: String, at now: Timestamp) throws {
        switch credential.grant {
        case .clientSecret:
            fields = [
                ("grant_type", "client_credentials"), ("client_id", credential.clientID),
                ("client_secret", try present(secrets.clientSecret)), ("scope", credential.scope),
            ]
        case .certificate:
            let assertion = try JSONWebToken.microsoft(credential, secrets, id: id, at: now)
            fields = [
                ("grant_type", "client_credentials"), ("client_id", credential.clientID),
                ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"), ("client_assertion", assertion),
                ("scope", credential.scope),
            ]
        case .refreshToken:
            fields = [
                ("grant_type", "refresh_token"), ("client_id", credential.clientID), ("client_secret", try present(secrets.clientSecret)),
                ("refresh_token", try present(secrets.refreshToken)),
            ]
        case .serviceAccount:
            let assertion = try JSONWebToken.google(credential, secrets, subject: subject, at: now)
            fields = [("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), ("assertion", assertion)]
        }
    }

    /// `application/x-www-form-urlencoded`.
    var body: [UInt8] {
        Array(fields.map { "\($0.name)=\(TokenRequest.encoded($0.value))" }.joined(separator: "&").utf8)
    }

    /// Everything but the unreserved characters of RFC 3986 as `%XX`.
    private static func encoded(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? ""
    }

    private static let unreserved = CharacterSet(charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
}

private func present(_ secret: String?) throws -> String {
    guard let secret, !secret.isEmpty else { throw TokenFault.missingSecret }
    return secret
}

/// Signed assertions (RFC 7515, RS256).
enum JSONWebToken {
    /// How long an assertion holds. The clock may be behind by as much.
    private static let lifeSeconds: Int64 = 600

    /// learn.microsoft.com/entra/identity-platform/certificate-credentials
    static func microsoft(_ credential: OAuthCredential, _ secrets: OAuthSecrets, id: String, at now: Timestamp) throws -> String {
        guard let certificate = Data(base64Encoded: try present(secrets.certificate)) else { throw TokenFault.missingSecret }
        let header = Header(
            keyID: nil, thumbprint: text(Insecure.SHA1.hash(data: certificate)), thumbprint256: text(SHA256.hash(data: certificate)))
        let claims = Claims(
            iss: credential.clientID, sub: credential.clientID, aud: credential.endpoint, scope: nil, jti: id, iat: now.seconds,
            nbf: now.seconds - 60, exp: now.seconds + lifeSeconds)
        return try signed(header, claims, key: try present(secrets.privateKey))
    }

    /// developers.google.com/identity/protocols/oauth2/service-account
    static func google(_ credential: OAuthCredential, _ secrets: OAuthSecrets, subject: String, at now: Timestamp) throws -> String {
        let claims = Claims(
            iss: credential.clientID, sub: subject, aud: credential.endpoint, scope: credential.scope, jti: nil, iat: now.seconds, nbf: nil,
            exp: now.seconds + lifeSeconds)
        return try signed(Header(keyID: credential.keyID), claims, key: try present(secrets.privateKey))
    }

    private struct Header: Encodable {
        var algorithm = "RS256"
        var type = "JWT"
        var keyID: String?
        var thumbprint: String?
        var thumbprint256: String?

        enum CodingKeys: String, CodingKey {
            case algorithm = "alg"
            case type = "typ"
            case keyID = "kid"
            case thumbprint = "x5t"
            case thumbprint256 = "x5t#S256"
        }
    }

    private struct Claims: Encodable {
        var iss: String
        var sub: String
        var aud: String
        var scope: String?
        var jti: String?
        var iat: Int64
        var nbf: Int64?
        var exp: Int64
    }

    private static func signed(_ header: Header, _ claims: Claims, key pem: String) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let input = text(try encoder.encode(header)) + "." + text(try encoder.encode(claims))
        guard let key = try? DKIMPrivateKey(pem: pem), key.algorithm == .rsaSHA256, let signature = try? key.sign(Array(input.utf8)) else {
            throw TokenFault.missingSecret
        }
        return input + "." + text(signature)
    }

    /// Base 64 for URLs, without padding (RFC 7515 §2).
    static func text(_ bytes: some Sequence<UInt8>) -> String {
        Data(bytes).base64EncodedString().replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
            .replacingOccurrences(of: "=", with: "")
    }

    static func bytes(_ text: some StringProtocol) -> Data? {
        let standard = text.replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
        return Data(base64Encoded: standard + String(repeating: "=", count: (4 - standard.count % 4) % 4))
    }
}

extension TokenFault {
    static let missingSecret = TokenFault(code: "secret", text: "the route's secret cannot be read or used", isLasting: true)
}
