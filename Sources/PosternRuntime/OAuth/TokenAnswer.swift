import DeliveryPlanning
import Foundation
import MailModel

/// What a token endpoint answers (RFC 6749 §5).
enum TokenAnswer {
    private struct Fields: Decodable {
        var accessToken: String?
        var expiresIn: Int?
        var error: String?
        var errorDescription: String?

        enum CodingKeys: String, CodingKey {
            case accessToken = "access_token"
            case expiresIn = "expires_in"
            case error
            case errorDescription = "error_description"
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            accessToken = try container.decodeIfPresent(String.self, forKey: .accessToken)
            error = try container.decodeIfPresent(String.self, forKey: .error)
            errorDescription = try container.decodeIfPresent(String.self, forKey: .errorDescription)
            // Some write the number as text.
            let text = try? container.decodeIfPresent(String.self, forKey: .expiresIn)
            expiresIn = try text.map { Int($0) } ?? container.decodeIfPresent(Int.self, forKey: .expiresIn)
        }
    }

    /// Longer than any that a provider gives; a sign-in command has at most 12,288 octets (RFC 4954 §4).
    private static let tokenBytesMax = 8192
    /// Seconds, where the answer does not say.
    private static let standardLife = 3600

    static func read(status: Int, body: [UInt8], retryAfter: Int?, at now: Timestamp) -> Result<AccessToken, TokenFault> {
        let fields = try? JSONDecoder().decode(Fields.self, from: Data(body))
        guard (200...299).contains(status) else {
            return .failure(.refusal(status: status, error: fields?.error, description: fields?.errorDescription, retryAfter: retryAfter))
        }
        guard let token = fields?.accessToken, !token.isEmpty, token.utf8.count <= tokenBytesMax,
            token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { return .failure(TokenFault(code: "answer", text: "the answer holds no token that can be used")) }
        let life = min(max(fields?.expiresIn ?? standardLife, 1), 86_400)
        return .success(AccessToken(value: token, issuedAt: now, expiresAt: now + .seconds(life)))
    }
}

/// What a token of Microsoft says about itself. It is read to help a person, never believed.
struct TokenClaims: Decodable, Hashable {
    var aud: String?
    /// Object id of the enterprise application in this tenant.
    var oid: String?
    var appid: String?
    var roles: [String]?

    /// Nil where the token is not a JSON web token.
    init?(_ token: String) {
        let parts = token.split(separator: ".")
        guard parts.count == 3, let payload = JSONWebToken.bytes(parts[1]),
            let claims = try? JSONDecoder().decode(TokenClaims.self, from: payload)
        else { return nil }
        self = claims
    }
}
