import Console
import Crypto
import Foundation
import MailModel
import OutboundPolicy
import Storage

/// Sends people to a provider, and says who comes back (OpenID Connect Core 1.0 §3.1, the authorization code flow, with PKCE by RFC 7636).
///
/// What has to be known again when somebody comes back is sealed in a cookie of the browser that left: no other browser can end a sign-in
/// that this one began, any node can, and nothing is kept here that strangers could fill up.
struct SignInDesk: Sendable {
    let administration: Administration
    let knowledge: ProviderKnowledge
    let settings: @Sendable () -> HTTPSettings
    let now: @Sendable () -> Timestamp

    /// Somebody whom a provider has proved to be who they are.
    struct Person: Sendable {
        var account: Account
        var provider: String
        var roles: [Role]
        /// Where they wanted to go.
        var next: String
    }

    /// What the cookie holds.
    private struct Journey: Codable {
        var provider: String
        var state: String
        var nonce: String
        var verifier: String
        var redirect: String
        var next: String
        var endsAt: Timestamp
    }

    private static let sealContext = "sign-in journey"
    /// For typing a password and a code elsewhere.
    private static let journeyLife = Duration.seconds(900)
    /// A cookie has 4,096 octets, and sealing takes a third more.
    private static let nextBytesMax = 1000

    // MARK: - Away

    func offers() async -> [SignInOffer] {
        let providers = (try? await administration.directory().signInProviders.values.filter { !$0.isDisabled }) ?? []
        return providers.sorted { $0.name < $1.name }.map { SignInOffer(name: $0.name, title: $0.title) }
    }

    private func provider(_ name: String) async throws(SignInFault) -> SignInProvider {
        guard let directory = try? await administration.directory() else {
            throw .unavailable("store", "the store does not answer")
        }
        guard let provider = directory.signInProviders[name], !provider.isDisabled else {
            throw SignInFault(
                code: "provider", text: "There is no such way to sign in", advice: "Begin again, with one of those below.")
        }
        return provider
    }

    func leave(_ departure: SignInDeparture) async throws(SignInFault) -> (location: String, sealed: String) {
        let provider = try await provider(departure.provider)
        let document = try await knowledge.document(of: provider, at: now())
        let base = settings().publicURL ?? departure.origin
        let journey = Journey(
            provider: provider.name, state: SignInDesk.random(), nonce: SignInDesk.random(), verifier: SignInDesk.random(),
            redirect: "\(base)\(SignInOffer.backPath(provider.name))",
            next: departure.next.utf8.count <= SignInDesk.nextBytesMax ? departure.next : "/", endsAt: now() + SignInDesk.journeyLife)
        guard let sealed = try? administration.vault?.seal(Array(JSONText.data(journey)), context: SignInDesk.sealContext) else {
            throw .unavailable("key", "secrets/master.key is missing")
        }
        let scopes = ["openid"] + (provider.scopes ?? ["email", "profile"])
        let fields = [
            ("response_type", "code"), ("client_id", provider.clientID), ("redirect_uri", journey.redirect),
            ("scope", scopes.joined(separator: " ")), ("state", journey.state), ("nonce", journey.nonce),
            ("code_challenge", JSONWebToken.text(SHA256.hash(data: Data(journey.verifier.utf8)))), ("code_challenge_method", "S256"),
        ]
        return (SignInDesk.address(document.authorization, fields), sealed)
    }

    /// Where somebody who has signed out here signs out there too; nil where that is not offered.
    func farewell(_ name: String, origin: String) async -> Link? {
        guard let provider = try? await provider(name), let document = try? await knowledge.document(of: provider, at: now()),
            let end = document.endSession
        else { return nil }
        let base = settings().publicURL ?? origin
        let fields = [("client_id", provider.clientID), ("post_logout_redirect_uri", "\(base)/sign-in")]
        return Link("Sign out of \(provider.title) too", SignInDesk.address(end, fields))
    }

    /// 256 random bits in base 64 for addresses.
    private static func random() -> String { SymmetricKey(size: .bits256).withUnsafeBytes { JSONWebToken.text($0) } }

    private static func address(_ url: String, _ fields: [(String, String)]) -> String {
        url + (url.contains("?") ? "&" : "?") + fields.map { "\($0)=\(PercentText.encode($1))" }.joined(separator: "&")
    }

    // MARK: - Back

    /// Whether somebody left from here with this browser, and with what state. What fails here counts for nothing: it asks nobody else.
    private func journey(_ arrival: SignInArrival) throws(SignInFault) -> Journey {
        let lost = SignInFault(
            code: "state", text: "This sign-in was not begun in this browser, or took longer than a quarter of an hour",
            advice: "Begin again on this page. If it happens each time, let the browser keep cookies of this site.")
        guard let plain = try? administration.vault?.open(arrival.sealed, context: SignInDesk.sealContext),
            let journey = try? JSONText.decode(Journey.self, from: Data(plain)), now() < journey.endsAt,
            journey.provider == arrival.provider, ConstantTime.isEqual(arrival.state, journey.state)
        else { throw lost }
        return journey
    }

    /// True where the arrival comes with what was sealed for this browser: only then is anything asked or written for it.
    func isExpected(_ arrival: SignInArrival) -> Bool { (try? journey(arrival)) != nil }

    func arrive(_ arrival: SignInArrival) async throws(SignInFault) -> Person {
        let journey = try journey(arrival)
        let provider = try await provider(journey.provider)
        if !arrival.issuer.isEmpty, arrival.issuer != provider.issuer {
            // RFC 9207: an answer of another provider than the one that was asked.
            throw .untrusted("issuer", "the answer is of \"\(arrival.issuer.prefix(200))\"")
        }
        guard arrival.error.isEmpty else {
            throw SignInFault(
                code: "refused", text: "The provider did not sign you in (\(SignInDesk.plain(arrival.error)))",
                advice: "Try again, or with another account there. Your administrator finds the reason in the provider's own log.")
        }
        guard !arrival.code.isEmpty, arrival.code.utf8.count <= 4096 else { throw .untrusted("code", "the provider's answer has no code") }
        let token = try await redeem(arrival.code, journey, provider)
        var keys = try await knowledge.keys(of: provider, at: now())
        if keys.key(token.algorithm, id: token.keyID) == nil { keys = try await knowledge.keys(of: provider, isFresh: true, at: now()) }
        guard let key = keys.key(token.algorithm, id: token.keyID) else {
            throw .untrusted("key", "the provider has no one key of \(token.algorithm.rawValue) by the number in the token")
        }
        let claims = try await token.claims(signedBy: key)
        let expected = TokenExpectation(
            issuer: provider.issuer, clientID: provider.clientID, nonce: journey.nonce, skew: settings().signInSkew)
        let subject = try expected.check(claims, at: now())
        let account = try await SignInMapping(administration: administration, provider: provider, now: now())
            .account(subject: subject, claims)
        return Person(
            account: account, provider: provider.name, roles: provider.roles(ofGroups: SignInMapping.groups(claims, provider)),
            next: journey.next)
    }

    /// Gives the code for an ID token (RFC 6749 §4.1.3).
    private func redeem(_ code: String, _ journey: Journey, _ provider: SignInProvider) async throws(SignInFault) -> IDToken {
        let document = try await knowledge.document(of: provider, at: now())
        var fields = [
            ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", journey.redirect), ("client_id", provider.clientID),
            ("code_verifier", journey.verifier),
        ]
        var headers = [(name: "Accept", value: "application/json")]
        if let sealed = provider.sealedSecret {
            guard let bytes = try? administration.vault?.open(sealed, context: KeyVault.context(signInProvider: provider.name)) else {
                throw .unavailable("secret", "the client's secret does not open under this node's secrets/master.key")
            }
            let secret = String(decoding: bytes, as: UTF8.self)
            if document.takesSecretInForm {
                fields.append(("client_secret", secret))
            } else {
                // RFC 6749 §2.3.1: each part is encoded as in a form.
                let pair = "\(PercentText.encode(provider.clientID)):\(PercentText.encode(secret))"
                headers.append((name: "Authorization", value: "Basic \(Data(pair.utf8).base64EncodedString())"))
            }
        }
        let body = fields.map { "\($0)=\(PercentText.encode($1))" }.joined(separator: "&")
        let call = HTTPPost(type: "application/x-www-form-urlencoded", fields: headers, body: Array(body.utf8))
        let answer = try await knowledge.post(call, to: document.token)
        var read: [String: JSONValue] = [:]
        if case .object(let fields)? = try? JSONValue(json: Data(answer.body)) { read = fields }
        guard answer.status == 200 else {
            if answer.status >= 500 { throw .unavailable("token", "the token endpoint answered \(answer.status)") }
            throw .untrusted(
                "code",
                "the token endpoint answered \(answer.status) \(SignInDesk.plain(read["error"]?.string ?? "")): "
                    + "is the client's secret right, and \(journey.redirect) registered?")
        }
        guard let text = read["id_token"]?.string, !answer.isCut else {
            throw .untrusted("token", "the token endpoint's answer has no ID token")
        }
        return try IDToken(text)
    }

    /// Error codes of RFC 6749 have these characters; what a stranger writes into the address does not reach the page.
    private static func plain(_ text: String) -> String {
        String(text.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") }.prefix(40))
    }
}

extension KeyVault {
    /// What a sealed secret is bound to.
    static func context(signInProvider: String) -> String { "sign-in-secret:\(signInProvider)" }
}
