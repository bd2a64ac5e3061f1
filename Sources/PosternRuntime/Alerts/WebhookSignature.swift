import Crypto
import Foundation
import MailModel

/// What the calls of one webhook are signed with.
struct WebhookSecret: Hashable, CustomStringConvertible {
    var bytes: [UInt8]

    static func make() -> WebhookSecret { WebhookSecret(bytes: SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) }) }

    /// As libraries for Standard Webhooks take it.
    var description: String { "whsec_\(Data(bytes).base64EncodedString())" }
}

extension KeyVault {
    /// What a sealed secret is bound to.
    static func context(webhook: String) -> String { "webhook-secret:\(webhook)" }
}

/// One call: what is sent, and the fields that show where it comes from (standardwebhooks.com, version 1).
struct WebhookCall: Sendable {
    /// The same at each attempt: a receiver that knows it has had the call.
    var id: String
    var at: Timestamp
    var body: [UInt8]
    var signature: String

    init(id: String, at: Timestamp, body: [UInt8], secret: WebhookSecret) {
        self.id = id
        self.at = at
        self.body = body
        let signed = Array("\(id).\(at.seconds).".utf8) + body
        let code = HMAC<SHA256>.authenticationCode(for: signed, using: SymmetricKey(data: secret.bytes))
        signature = "v1,\(Data(code).base64EncodedString())"
    }

    var fields: [(name: String, value: String)] {
        [("webhook-id", id), ("webhook-timestamp", "\(at.seconds)"), ("webhook-signature", signature)]
    }
}

/// The body of a call.
struct WebhookBody: Codable {
    enum Event: String, Codable {
        case opened = "alert.opened"
        case updated = "alert.updated"
        case resolved = "alert.resolved"
        /// `webhooks test`: there is no alert.
        case test = "webhook.test"
    }

    var type: Event
    /// Of this call's making, RFC 3339.
    var timestamp: String
    /// The node that calls.
    var node: String
    /// As `GET /v1/alerts/{id}` shows it; nil in a test.
    var data: AlertLine?
}
