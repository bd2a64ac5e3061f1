import Console
import Crypto
import Foundation
import Logging
import MailModel
import Synchronization
import Testing

@testable import PosternRuntime

/// An OpenID Connect provider on loopback that says what a test has it say, true or not. Its tokens are made here by hand, with nothing that
/// the gate checks them with.
final class ScriptedProvider: Sendable {
    struct State {
        var key = P256.Signing.PrivateKey()
        var keyID = "k1"
        /// Over what a true token says; a value of null leaves the claim out.
        var claims: [String: JSONValue] = [:]
        var header: [String: JSONValue] = [:]
        /// Signs in place of what the key set names.
        var otherKey: P256.Signing.PrivateKey?
        /// Over what a true discovery document says.
        var document: [String: JSONValue] = [:]
        /// Of the browser's way here, by name.
        var asked: [String: String] = [:]
        var tokenCalls = 0
        var keyCalls = 0
        var tokenStatus = 200
    }

    let port: Int
    private let state = Mutex(State())

    static let clientID = "postern"
    static let secret = "a secret & more"
    static let code = "the-code"

    private init(port: Int) { self.port = port }

    var issuer: String { "http://127.0.0.1:\(port)" }

    func set(_ change: (inout State) -> Void) { state.withLock { change(&$0) } }
    var tokenCalls: Int { state.withLock { $0.tokenCalls } }
    var keyCalls: Int { state.withLock { $0.keyCalls } }

    /// Nil before there is a port.
    private final class Box: Sendable {
        let provider = Mutex<ScriptedProvider?>(nil)
    }

    static func run(_ body: @escaping @Sendable (ScriptedProvider) async throws -> Void) async throws {
        let box = Box()
        let (ports, signal) = AsyncStream.makeStream(of: Int.self)
        let service = SmallHTTPService(
            address: "127.0.0.1", port: 0, logger: Logger(label: "provider") { _ in SwiftLogNoOpLogHandler() },
            onRunning: {
                signal.yield($0)
                signal.finish()
            },
            answer: { request in
                box.provider.withLock { $0 }?.answer(request) ?? SmallResponse(503, "text/plain", "")
            })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await service.run() }
            group.addTask {
                for await port in ports {
                    let provider = ScriptedProvider(port: port)
                    box.provider.withLock { $0 = provider }
                    try await body(provider)
                }
            }
            try await group.next()
            group.cancelAll()
            do { try await group.waitForAll() } catch is CancellationError {}
        }
    }

    /// The browser has come: what it brought is remembered. Returns the address that it goes back to.
    func authorize(_ location: String) throws -> String {
        let parts = try #require(URLComponents(string: location))
        #expect(location.hasPrefix("\(issuer)/authorize?"))
        let asked = Dictionary((parts.queryItems ?? []).map { ($0.name, $0.value ?? "") }) { $1 }
        set { $0.asked = asked }
        let back = try #require(URLComponents(string: asked["redirect_uri"] ?? "")).path
        return "\(back)?code=\(ScriptedProvider.code)&state=\(asked["state"] ?? "")"
    }

    private func answer(_ request: SmallRequest) -> SmallResponse {
        switch request.path {
        case [".well-known", "openid-configuration"]: return json(200, document())
        case ["keys"]: return json(200, keys())
        case ["token"]: return token(request)
        default: return SmallResponse(404, "text/plain", "")
        }
    }

    private func json(_ status: Int, _ fields: [String: JSONValue]) -> SmallResponse {
        SmallResponse(status, "application/json", bytes: Array(JSONValue.object(fields).json))
    }

    private func document() -> [String: JSONValue] {
        let fields: [String: JSONValue] = [
            "issuer": .string(issuer), "authorization_endpoint": .string("\(issuer)/authorize"),
            "token_endpoint": .string("\(issuer)/token"),
            "jwks_uri": .string("\(issuer)/keys"), "end_session_endpoint": .string("\(issuer)/end"),
        ]
        return fields.merging(state.withLock { $0.document }) { $1 }
    }

    private func keys() -> [String: JSONValue] {
        state.withLock { state in
            state.keyCalls += 1
            let point = Array(state.key.publicKey.rawRepresentation)
            let key: [String: JSONValue] = [
                "kty": "EC", "crv": "P-256", "kid": .string(state.keyID), "use": "sig",
                "x": .string(JSONWebToken.text(point.prefix(32))), "y": .string(JSONWebToken.text(point.suffix(32))),
            ]
            // One that is nobody's to sign tokens with, as some providers have.
            return ["keys": [.object(key), ["kty": "oct", "k": "c2VjcmV0", "kid": "shared"]]]
        }
    }

    /// Only for the code, with the client's secret and the verifier of the browser's challenge.
    private func token(_ request: SmallRequest) -> SmallResponse {
        let (asked, status) = state.withLock { state in
            state.tokenCalls += 1
            return (state.asked, state.tokenStatus)
        }
        let challenge = JSONWebToken.text(SHA256.hash(data: Data((request.form["code_verifier"] ?? "").utf8)))
        guard status == 200, request.form["grant_type"] == "authorization_code", request.form["code"] == ScriptedProvider.code,
            request.form["redirect_uri"] == asked["redirect_uri"], asked["code_challenge_method"] == "S256",
            asked["code_challenge"] == challenge
        else { return json(status == 200 ? 400 : status, ["error": "invalid_grant"]) }
        return json(200, ["access_token": "x", "token_type": "Bearer", "id_token": .string(made(nonce: asked["nonce"] ?? ""))])
    }

    /// A token, signed; lies and all.
    func made(nonce: String, at now: Timestamp = .now) -> String {
        state.withLock { state in
            let claims: [String: JSONValue] = [
                "iss": .string(issuer), "aud": .string(ScriptedProvider.clientID), "sub": "person-1", "nonce": .string(nonce),
                "iat": .integer(now.seconds), "exp": .integer(now.seconds + 300), "email": "b@example.org", "email_verified": true,
            ]
            let header: [String: JSONValue] = ["alg": "ES256", "typ": "JWT", "kid": .string(state.keyID)]
            return ScriptedProvider.signed(
                header.merging(state.header) { $1 }, claims.merging(state.claims) { $1 }, by: state.otherKey ?? state.key)
        }
    }

    static func signed(_ header: [String: JSONValue], _ claims: [String: JSONValue], by key: P256.Signing.PrivateKey) -> String {
        func text(_ fields: [String: JSONValue]) -> String { JSONWebToken.text(JSONValue.object(fields.filter { $0.value != .null }).json) }
        let input = "\(text(header)).\(text(claims))"
        let name = header["alg"]?.string ?? ""
        if name == "none" { return "\(input)." }
        if name.hasPrefix("HS") {
            // With what everybody can read as the shared secret.
            let code = HMAC<SHA256>.authenticationCode(
                for: Data(input.utf8), using: SymmetricKey(data: key.publicKey.rawRepresentation))
            return "\(input).\(JSONWebToken.text(code))"
        }
        let signature = try? key.signature(for: Data(input.utf8))
        return "\(input).\(JSONWebToken.text(signature?.rawRepresentation ?? Data()))"
    }
}
