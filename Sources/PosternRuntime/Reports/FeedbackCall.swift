import Crypto
import CryptoExtras
import Foundation
import MailModel

/// A call of a provider that carries our mail, about what became of it: who says so, and in what words.
struct FeedbackCall: Sendable {
    enum Provider: String, CaseIterable, Sendable {
        case ses, sendgrid, mailgun, postmark

        var source: ReturnedReport.Source {
            switch self {
            case .ses: .ses
            case .sendgrid: .sendgrid
            case .mailgun: .mailgun
            case .postmark: .postmark
            }
        }
    }

    /// What calls are held against. An empty one takes no calls.
    struct Keys: Sendable {
        /// SendGrid's public key: base64 of DER.
        var sendgrid = ""
        /// Mailgun's HTTP webhook signing key.
        var mailgun = ""
        /// `user:password` of the basic authentication that was given to Postmark.
        var postmark = ""
        /// The topics of SNS whose notifications are taken.
        var sesTopics: Set<String> = []
    }

    /// Why a call is not taken.
    struct Fault: Error, Hashable {
        var text: String
    }

    var provider: Provider
    /// Names in lower case.
    var fields: [String: String]
    var body: [UInt8]

    /// A call is signed for this long before or after it comes: providers try for hours.
    static let ageMax = Duration.seconds(86_400)

    /// True words of the provider, or the fault. SNS is checked by `SNSMessage`, since its certificate has to be fetched.
    func verify(_ keys: Keys, at now: Timestamp) throws(Fault) {
        switch provider {
        case .sendgrid: try verifySendGrid(keys.sendgrid, at: now)
        case .mailgun: try verifyMailgun(keys.mailgun, at: now)
        case .postmark: try verifyPostmark(keys.postmark)
        case .ses: throw Fault(text: "SNS messages are checked by their certificate")
        }
    }

    /// ECDSA over the timestamp and the body (SendGrid, "Getting started with the Event Webhook security features").
    private func verifySendGrid(_ key: String, at now: Timestamp) throws(Fault) {
        guard let der = Data(base64Encoded: key), let publicKey = try? P256.Signing.PublicKey(derRepresentation: der) else {
            throw Fault(text: "no key of SendGrid is set")
        }
        guard let stamp = fields["x-twilio-email-event-webhook-timestamp"],
            let signature = fields["x-twilio-email-event-webhook-signature"].flatMap({ Data(base64Encoded: $0) }),
            let read = try? P256.Signing.ECDSASignature(derRepresentation: signature)
        else { throw Fault(text: "the signature is missing") }
        try checkAge(stamp, at: now)
        guard publicKey.isValidSignature(read, for: Data(stamp.utf8) + body) else { throw Fault(text: "the signature does not fit") }
    }

    /// HMAC over timestamp and token, which stand in the body (Mailgun, "Securing webhooks").
    private func verifyMailgun(_ key: String, at now: Timestamp) throws(Fault) {
        guard !key.isEmpty else { throw Fault(text: "no key of Mailgun is set") }
        guard let event = try? JSONDecoder().decode(MailgunEvent.self, from: Data(body)) else {
            throw Fault(text: "the body cannot be read")
        }
        let signed = event.signature
        try checkAge(signed.timestamp, at: now)
        let code = HMAC<SHA256>.authenticationCode(
            for: Data((signed.timestamp + signed.token).utf8), using: SymmetricKey(data: Data(key.utf8)))
        guard ConstantTime.isEqual(Array(code).hexadecimal, signed.signature.lowercased()) else {
            throw Fault(text: "the signature does not fit")
        }
    }

    /// Postmark signs nothing: it shows a name and a password over TLS.
    private func verifyPostmark(_ login: String) throws(Fault) {
        guard login.contains(":") else { throw Fault(text: "no login of Postmark is set") }
        let given = fields["authorization"].flatMap { $0.hasPrefix("Basic ") ? Data(base64Encoded: String($0.dropFirst(6))) : nil }
        guard let given, ConstantTime.isEqual(String(decoding: given, as: UTF8.self), login) else {
            throw Fault(text: "the login is wrong or missing")
        }
    }

    private func checkAge(_ stamp: String, at now: Timestamp) throws(Fault) {
        guard let seconds = Int64(stamp), seconds > 0, seconds < 1 << 40,
            abs(now.seconds - seconds) <= FeedbackCall.ageMax.components.seconds
        else { throw Fault(text: "the call is too old, or from the future") }
    }

    // MARK: - What it says

    /// At most this many reports of one call.
    static let reportsMax = 2_000

    /// Reports, each believed: call `verify` first. Empty for events that are none of ours; nil for a body that cannot be read.
    func reports(at now: Timestamp) -> [ReturnedReport]? {
        let proof = ReturnedReport.Authenticity.proven(by: "\(provider.rawValue) signature")
        let data = Data(body)
        let decoder = JSONDecoder()
        switch provider {
        case .ses: return nil
        case .sendgrid:
            guard let events = try? decoder.decode([SendGridEvent].self, from: data) else { return nil }
            return events.prefix(FeedbackCall.reportsMax).compactMap { $0.report(at: now, proof) }
        case .mailgun: return (try? decoder.decode(MailgunEvent.self, from: data)).map { [$0.report(at: now, proof)].compactMap { $0 } }
        case .postmark: return (try? decoder.decode(PostmarkEvent.self, from: data)).map { [$0.report(at: now, proof)].compactMap { $0 } }
        }
    }

    /// The same for the same event, however often it is called: by the provider's own number where it gives one.
    func identity(_ fallback: [UInt8]) -> String {
        var text = "\(provider.rawValue) "
        if provider == .mailgun, let event = try? JSONDecoder().decode(MailgunEvent.self, from: Data(body)) {
            text += event.event.id ?? event.signature.token
        } else {
            text += String(decoding: fallback, as: UTF8.self)
        }
        return Array(SHA256.hash(data: Data(text.utf8)).prefix(16)).hexadecimal
    }
}
