import Console
import Foundation
import JWTKit
import MailModel

/// The keys that a provider signs with (RFC 7517).
struct ProviderKeys: Sendable {
    /// As they came, at most `countMax`; those that no token can be signed with here too.
    let keys: [[String: JSONValue]]

    private static let countMax = 100
    /// Octets of the modulus: 2048 bits.
    private static let modulusBytesMin = 256

    init(_ body: [UInt8]) throws(SignInFault) {
        guard let json = try? JSONValue(json: Data(body)), case .object(let fields) = json, case .array(let array)? = fields["keys"] else {
            throw .unavailable("keys", "the provider's key set is not the JSON that it should be")
        }
        keys = array.prefix(ProviderKeys.countMax).compactMap { if case .object(let key) = $0 { key } else { nil } }
    }

    /// The one key that a token of this algorithm and key number may be signed with; nil where there is none, or more than one to choose from.
    func key(_ algorithm: TokenAlgorithm, id: String?) -> JWK? {
        let fitting = keys.filter { key in
            guard key["kty"]?.string == algorithm.keyType, id == nil || key["kid"]?.string == id else { return false }
            if let use = key["use"]?.string, use != "sig" { return false }
            if let named = key["alg"]?.string, named != algorithm.rawValue { return false }
            if let curve = algorithm.curve, key["crv"]?.string != curve { return false }
            guard algorithm.keyType == "RSA" else { return true }
            return JSONWebToken.bytes(key["n"]?.string ?? "").map { $0.count >= ProviderKeys.modulusBytesMin } ?? false
        }
        guard fitting.count == 1, var jwk = try? JSONDecoder().decode(JWK.self, from: JSONValue.object(fitting[0]).json) else { return nil }
        jwk.keyIdentifier = JWKIdentifier(string: "key")
        jwk.algorithm = JWK.Algorithm(rawValue: algorithm.rawValue)
        return jwk
    }
}

/// The signatures that are believed: all with a public key. `none` and those with a shared secret are not among them.
enum TokenAlgorithm: String, CaseIterable {
    case rs256 = "RS256"
    case rs384 = "RS384"
    case rs512 = "RS512"
    case ps256 = "PS256"
    case ps384 = "PS384"
    case ps512 = "PS512"
    case es256 = "ES256"
    case es384 = "ES384"
    case es512 = "ES512"
    case edDSA = "EdDSA"

    var keyType: String {
        switch self {
        case .rs256, .rs384, .rs512, .ps256, .ps384, .ps512: "RSA"
        case .es256, .es384, .es512: "EC"
        case .edDSA: "OKP"
        }
    }

    var curve: String? {
        switch self {
        case .es256: "P-256"
        case .es384: "P-384"
        case .es512: "P-521"
        case .edDSA: "Ed25519"
        default: nil
        }
    }
}

/// An ID token (OpenID Connect Core 1.0 §2), as text until it is believed.
struct IDToken {
    let text: String
    let algorithm: TokenAlgorithm
    /// Of the key; nil where the header has none.
    let keyID: String?

    private static let bytesMax = 16_384

    /// Reads the header, and nothing else of it.
    init(_ text: String) throws(SignInFault) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard text.utf8.count <= IDToken.bytesMax, parts.count == 3, let bytes = JSONWebToken.bytes(parts[0]),
            let json = try? JSONValue(json: bytes), case .object(let header) = json
        else { throw .untrusted("token", "the ID token is no signed token") }
        let name = header["alg"]?.string ?? ""
        guard let algorithm = TokenAlgorithm(rawValue: name) else {
            throw .untrusted("algorithm", "the ID token is signed with \"\(name.prefix(20))\", which is not taken")
        }
        guard header["crit"] == nil else { throw .untrusted("token", "the ID token wants something understood that is not (crit)") }
        self.text = text
        self.algorithm = algorithm
        keyID = header["kid"]?.string
    }

    private struct Anything: JWTPayload {
        init(from decoder: any Decoder) throws {}
        func encode(to encoder: any Encoder) throws {}
        func verify(using algorithm: some JWTAlgorithm) async throws {}
    }

    /// What it claims, once the signature is right.
    func claims(signedBy key: JWK) async throws(SignInFault) -> [String: JSONValue] {
        let keys = JWTKeyCollection()
        do {
            try await keys.add(jwk: key)
            _ = try await keys.verify(text, as: Anything.self)
        } catch {
            throw .untrusted("signature", "the ID token's signature is not right")
        }
        guard let bytes = JSONWebToken.bytes(text.split(separator: ".")[1]), let json = try? JSONValue(json: bytes),
            case .object(let claims) = json
        else { throw .untrusted("token", "the ID token's claims cannot be read") }
        return claims
    }
}

/// What an ID token must say to be ours (OpenID Connect Core 1.0 §3.1.3.7).
struct TokenExpectation {
    var issuer: String
    var clientID: String
    var nonce: String
    /// How far clocks may be apart.
    var skew: Duration

    private static let subjectBytesMax = 255

    /// Throws what is wrong. Returns the claim `sub`.
    func check(_ claims: [String: JSONValue], at now: Timestamp) throws(SignInFault) -> String {
        guard claims["iss"]?.string == issuer else {
            throw .untrusted("issuer", "the ID token is of \"\(claims["iss"]?.string?.prefix(200) ?? "")\", and \(issuer) is wanted")
        }
        let audience = claims["aud"]?.strings ?? []
        guard audience.contains(clientID) else { throw .untrusted("audience", "the ID token is for another client") }
        let party = claims["azp"]?.string
        guard party == clientID || (party == nil && audience.count == 1) else {
            throw .untrusted("audience", "the ID token is for others beside this client")
        }
        guard let end = claims["exp"]?.time, now < end + skew else {
            throw .untrusted("expired", "the ID token has expired; look at the clocks")
        }
        guard let issued = claims["iat"]?.time, issued <= now + skew else {
            throw .untrusted("issued-ahead", "the ID token was issued in the future; look at the clocks")
        }
        if let begin = claims["nbf"], begin.time.map({ $0 > now + skew }) ?? true {
            throw .untrusted("not-yet", "the ID token is not valid yet; look at the clocks")
        }
        guard let shown = claims["nonce"]?.string, ConstantTime.isEqual(shown, nonce) else {
            throw .untrusted("nonce", "the ID token was made for another sign-in")
        }
        guard let subject = claims["sub"]?.string, !subject.isEmpty, subject.utf8.count <= TokenExpectation.subjectBytesMax else {
            throw .untrusted("subject", "the ID token names no person")
        }
        return subject
    }
}

extension JSONValue {
    /// Of one string, or of an array of strings; nil for anything else.
    var strings: [String]? {
        switch self {
        case .string(let text): return [text]
        case .array(let values):
            let texts = values.compactMap(\.string)
            return texts.count == values.count ? texts : nil
        default: return nil
        }
    }

    /// Seconds since 1970 (RFC 7519 §2), within what a clock can say.
    var time: Timestamp? {
        switch self {
        case .integer(let seconds) where (0...JSONValue.secondsMax).contains(seconds): Timestamp(seconds: seconds)
        case .number(let seconds) where seconds >= 0 && seconds <= Double(JSONValue.secondsMax): Timestamp(seconds: Int64(seconds))
        default: nil
        }
    }

    /// The year 9999.
    private static let secondsMax: Int64 = 253_402_300_799
}
