import DeliveryPlanning
import Foundation
import MailAuthentication
import MailModel
import OutboundPolicy
import OwnThreads
import Testing

@testable import PosternRuntime

/// What goes to token endpoints, and what comes back.
@Suite(.ownThreads) struct TokenRequestTests {
    private static let now = Timestamp(seconds: 1_790_000_000)
    /// Any octets do: only its hash is sent.
    private static let certificate = "-----BEGIN CERTIFICATE-----\nAQID\n-----END CERTIFICATE-----\n"

    private func request(_ account: OAuthAccount) throws -> TokenRequest {
        let reading = try OAuthReading(account)
        return try TokenRequest(
            reading.credential, reading.secrets, subject: "scanner@example.org", id: "id-1", at: TokenRequestTests.now)
    }

    /// Header and claims of an assertion.
    private func parts(_ token: String?) throws -> ([String: Any], [String: Any]) {
        let parts = try #require(token).split(separator: ".")
        #expect(parts.count == 3)
        func object(_ part: Substring) throws -> [String: Any] {
            let octets = try #require(JSONWebToken.bytes(part))
            return try #require(try JSONSerialization.jsonObject(with: octets) as? [String: Any])
        }
        return (try object(parts[0]), try object(parts[1]))
    }

    private func field(_ name: String, _ request: TokenRequest) -> String? { request.fields.first { $0.name == name }?.value }

    @Test func aCertificateSignsAnAssertionForMicrosoft() throws {
        let key = try DKIMPrivateKey.generate(.rsaSHA256)
        let made = try request(
            OAuthAccount(
                provider: .microsoft, tenant: "t-1", clientID: "c-1", secret: try key.pem() + TokenRequestTests.certificate))
        #expect(field("client_assertion_type", made) == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
        let assertion = try #require(field("client_assertion", made))
        let (header, claims) = try parts(assertion)
        #expect(header["alg"] as? String == "RS256")
        // SHA-1 and SHA-256 of 01 02 03.
        #expect(header["x5t"] as? String == "cDeAcZjCKn0rCAc3HXY3eahP388")
        #expect(header["x5t#S256"] as? String == "A5BYxvLAy0ksUzsKTRTvd8wPeKvMztUofYShogEc-4E")
        #expect(claims["iss"] as? String == "c-1" && claims["sub"] as? String == "c-1" && claims["jti"] as? String == "id-1")
        #expect(claims["aud"] as? String == "https://login.microsoftonline.com/t-1/oauth2/v2.0/token")
        #expect(claims["exp"] as? Int == 1_790_000_600 && claims["nbf"] as? Int == 1_789_999_940)
        let signed = assertion.split(separator: ".").prefix(2).joined(separator: ".")
        let signature = try #require(assertion.split(separator: ".").last.flatMap { JSONWebToken.bytes($0) })
        #expect(Array(signature) == (try key.sign(Array(signed.utf8))), "PKCS #1 v1.5 gives the same octets each time")
    }

    @Test func aServiceAccountActsForTheMailbox() throws {
        let key = try DKIMPrivateKey.generate(.rsaSHA256)
        let json = try JSONSerialization.data(withJSONObject: [
            "type": "service_account", "client_email": "gate@project.iam.example", "private_key": try key.pem(), "private_key_id": "k-1",
        ])
        let made = try request(OAuthAccount(provider: .google, secret: String(decoding: json, as: UTF8.self)))
        #expect(field("grant_type", made) == "urn:ietf:params:oauth:grant-type:jwt-bearer")
        let (header, claims) = try parts(field("assertion", made))
        #expect(header["kid"] as? String == "k-1")
        #expect(claims["iss"] as? String == "gate@project.iam.example" && claims["sub"] as? String == "scanner@example.org")
        #expect(claims["scope"] as? String == "https://mail.google.com/")
        #expect(claims["aud"] as? String == "https://oauth2.googleapis.com/token")
    }

    @Test func aRefreshTokenComesWithItsClient() throws {
        let made = try request(OAuthAccount(provider: .google, clientID: "c-1", secret: "s1\nr1\n"))
        #expect(
            String(decoding: made.body, as: UTF8.self) == "grant_type=refresh_token&client_id=c-1&client_secret=s1&refresh_token=r1")
    }

    @Test(arguments: [
        OAuthAccount(provider: .microsoft, clientID: "c", secret: "s"),
        OAuthAccount(provider: .microsoft, tenant: "a/b", clientID: "c", secret: "s"),
        OAuthAccount(provider: .microsoft, tenant: "t", clientID: "c", secret: " \n"),
        OAuthAccount(provider: .microsoft, tenant: "t", clientID: "c", secret: certificate),
        OAuthAccount(provider: .google, clientID: "c", secret: "only one line"), OAuthAccount(provider: .google, secret: "{}"),
        OAuthAccount(provider: .microsoft, tenant: "t", clientID: "c", secret: "s", tokenURL: "http://login.example.org/"),
        OAuthAccount(provider: .microsoft, tenant: "t", clientID: "c", secret: "s", tokenURL: "http://10.0.0.1/"),
    ])
    func whatCannotWorkIsNotTaken(account: OAuthAccount) {
        #expect(throws: AdministrationError.self) { try OAuthReading(account) }
    }

    @Test func answersAreReadStrictly() throws {
        func read(_ status: Int, _ text: String) -> Result<AccessToken, TokenFault> {
            TokenAnswer.read(status: status, body: Array(text.utf8), retryAfter: nil, at: TokenRequestTests.now)
        }
        let token = try read(200, #"{"access_token":"abc","expires_in":"100"}"#).get()
        #expect(token.value == "abc" && token.expiresAt == TokenRequestTests.now + .seconds(100))
        for text in ["", "[]", #"{"access_token":""}"#, #"{"access_token":"a\r\nb"}"#, #"{"expires_in":5}"#] {
            #expect(throws: TokenFault.self) { try read(200, text).get() }
        }
        let long = try read(200, #"{"access_token":"abc","expires_in":9000000000}"#).get()
        #expect(long.expiresAt == TokenRequestTests.now + .seconds(86_400))
        #expect(throws: TokenFault(code: "answer", text: "answered 502 without a reason")) { try read(502, "<html>").get() }
    }
}
