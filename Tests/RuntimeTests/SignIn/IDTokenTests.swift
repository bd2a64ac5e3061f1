import Console
import Crypto
import Foundation
import MailModel
import OwnThreads
import Testing

@testable import PosternRuntime

/// Tokens that are to be believed, and those that are not.
@Suite(.ownThreads) struct IDTokenTests {
    private static let now = Timestamp(seconds: 1_800_000_000)
    private static let key = P256.Signing.PrivateKey()

    private static func keys(_ more: [String: JSONValue] = [:]) throws -> ProviderKeys {
        let point = Array(key.publicKey.rawRepresentation)
        let jwk: [String: JSONValue] = [
            "kty": "EC", "crv": "P-256", "kid": "k", "x": .string(JSONWebToken.text(point.prefix(32))),
            "y": .string(JSONWebToken.text(point.suffix(32))),
        ]
        return try ProviderKeys(Array(JSONValue.object(["keys": [.object(jwk.merging(more) { $1 })]]).json))
    }

    private static let expected = TokenExpectation(issuer: "https://idp.example", clientID: "me", nonce: "n", skew: .seconds(60))

    /// The fault's code; `ok` where there is none.
    private static func verdict(
        header: [String: JSONValue] = [:], claims: [String: JSONValue] = [:], key: P256.Signing.PrivateKey = key, keys: ProviderKeys? = nil,
        change: (String) -> String = { $0 }
    ) async throws -> String {
        let allHeader: [String: JSONValue] = ["alg": "ES256", "kid": "k"]
        let allClaims: [String: JSONValue] = [
            "iss": "https://idp.example", "aud": "me", "sub": "s", "nonce": "n", "iat": .integer(now.seconds),
            "exp": .integer(now.seconds + 60),
        ]
        let text = ScriptedProvider.signed(allHeader.merging(header) { $1 }, allClaims.merging(claims) { $1 }, by: key)
        do {
            let token = try IDToken(change(text))
            guard let found = try (keys ?? IDTokenTests.keys()).key(token.algorithm, id: token.keyID) else { return "no key" }
            return try expected.check(try await token.claims(signedBy: found), at: now) == "s" ? "ok" : "?"
        } catch let fault as SignInFault {
            #expect(fault.isSuspicious && !fault.advice.isEmpty)
            return fault.code
        }
    }

    @Test func aTrueTokenIsBelieved() async throws {
        #expect(try await IDTokenTests.verdict() == "ok")
        #expect(try await IDTokenTests.verdict(claims: ["aud": ["me"]]) == "ok")
        #expect(try await IDTokenTests.verdict(claims: ["aud": ["me", "another"], "azp": "me"]) == "ok")
        // Without a key number, where the set has one key alone.
        #expect(try await IDTokenTests.verdict(header: ["kid": .null]) == "ok")
        // Clocks apart by less than the setting.
        let seconds = IDTokenTests.now.seconds
        #expect(try await IDTokenTests.verdict(claims: ["exp": .integer(seconds - 59), "iat": .integer(seconds + 59)]) == "ok")
    }

    @Test func aFalseSignatureIsNot() async throws {
        #expect(try await IDTokenTests.verdict(key: P256.Signing.PrivateKey()) == "signature")
        #expect(try await IDTokenTests.verdict(header: ["alg": "none"]) == "algorithm")
        #expect(try await IDTokenTests.verdict(header: ["alg": "None"]) == "algorithm")
        #expect(try await IDTokenTests.verdict(header: ["alg": "HS256"]) == "algorithm")
        #expect(try await IDTokenTests.verdict(header: ["alg": .null]) == "algorithm")
        #expect(try await IDTokenTests.verdict(header: ["crit": ["exp"]]) == "token")
        // Another's claims under this signature.
        let other = JSONWebToken.text(Data(#"{"iss":"https://idp.example","aud":"me","sub":"admin","nonce":"n"}"#.utf8))
        let swapped = try await IDTokenTests.verdict { text in
            var parts = text.split(separator: ".").map(String.init)
            parts[1] = other
            return parts.joined(separator: ".")
        }
        #expect(swapped == "signature")
        #expect(try await IDTokenTests.verdict { String($0.dropLast(4)) } == "signature")
        #expect(try await IDTokenTests.verdict { _ in "x" } == "token")
        #expect(try await IDTokenTests.verdict { $0 + String(repeating: "A", count: 20_000) } == "token")
    }

    @Test func aKeyIsTakenOnlyForWhatItIsFor() async throws {
        #expect(try await IDTokenTests.verdict(header: ["kid": "another"]) == "no key")
        #expect(try await IDTokenTests.verdict(header: ["alg": "RS256"]) == "no key")
        #expect(try await IDTokenTests.verdict(header: ["alg": "ES384"]) == "no key")
        #expect(try await IDTokenTests.verdict(keys: try IDTokenTests.keys(["use": "enc"])) == "no key")
        #expect(try await IDTokenTests.verdict(keys: try IDTokenTests.keys(["alg": "ES384"])) == "no key")
        // RSA of less than 2048 bits.
        let short = try ProviderKeys(
            Array(#"{"keys":[{"kty":"RSA","kid":"k","n":"\#(String(repeating: "A", count: 171))","e":"AQAB"}]}"#.utf8))
        #expect(short.key(.rs256, id: "k") == nil)
        #expect(throws: SignInFault.self) { try ProviderKeys(Array("[]".utf8)) }
        #expect(throws: SignInFault.self) { try ProviderKeys([]) }
    }

    @Test func whatIsNotForUsNowIsNot() async throws {
        let seconds = IDTokenTests.now.seconds
        let cases: [([String: JSONValue], String)] = [
            (["iss": "https://idp.example/"], "issuer"), (["iss": .null], "issuer"), (["aud": "another"], "audience"),
            (["aud": ["me", "another"]], "audience"), (["azp": "another"], "audience"), (["aud": .integer(1)], "audience"),
            (["exp": .integer(seconds - 60)], "expired"), (["exp": .null], "expired"), (["exp": "tomorrow"], "expired"),
            (["iat": .integer(seconds + 61)], "issued-ahead"), (["iat": .null], "issued-ahead"),
            (["nbf": .integer(seconds + 61)], "not-yet"),
            (["nbf": "x"], "not-yet"), (["nonce": "m"], "nonce"), (["nonce": .null], "nonce"), (["sub": ""], "subject"),
            (["sub": .null], "subject"), (["exp": .number(1e300)], "expired"), (["exp": .integer(.max)], "expired"),
        ]
        for (claims, code) in cases { #expect(try await IDTokenTests.verdict(claims: claims) == code, "\(claims)") }
    }
}
