import DeliveryPlanning
import Foundation
import MailModel

extension ReturnedReport {
    /// A failure that a provider tells of, with the receiver's words; `isPermanent`: it will not try again.
    static func failure(
        _ source: Source, _ address: String?, words: String, status: String? = nil, isPermanent: Bool, messageID: String?, reporter: String,
        at now: Timestamp, _ proof: Authenticity
    ) -> ReturnedReport {
        let codes = ReplyCodes(words)
        let status = codes.status ?? status.flatMap { EnhancedStatusCode($0) }
        // Which command was refused it does not say; that it gave up for good, it does.
        let found = BounceClass.of(
            BounceEvidence(replyCode: codes.code, status: status, words: words, stage: isPermanent ? .recipient : nil))
        return ReturnedReport(
            source: source, kind: .bounce, bounceClass: found.isHard && !isPermanent ? .temporary : found,
            recipient: address.flatMap { EmailAddress($0) }, action: .failed, status: status, replyCode: codes.code, diagnostic: words,
            messageID: messageID, reporter: reporter, at: now, authenticity: proof)
    }

    static func complaint(
        _ source: Source, _ address: String?, type: String, messageID: String?, reporter: String, at now: Timestamp, _ proof: Authenticity
    ) -> ReturnedReport {
        ReturnedReport(
            source: source, kind: .complaint, bounceClass: .complaint, recipient: address.flatMap { EmailAddress($0) },
            messageID: messageID,
            reporter: reporter, feedbackType: type, at: now, authenticity: proof)
    }
}

/// Source: Twilio SendGrid, "Event Webhook Reference".
struct SendGridEvent: Decodable {
    var event: String
    var email: String?
    var reason: String?
    var status: String?
    var type: String?
    var smtpID: String?

    private enum CodingKeys: String, CodingKey {
        case event, email, reason, status, type
        case smtpID = "smtp-id"
    }

    func report(at now: Timestamp, _ proof: ReturnedReport.Authenticity) -> ReturnedReport? {
        let id = smtpID.map { $0.filter { $0 != "<" && $0 != ">" } }
        switch event {
        case "bounce":
            return .failure(
                .sendgrid, email, words: reason ?? "", status: status, isPermanent: type != "blocked", messageID: id, reporter: "sendgrid",
                at: now, proof)
        case "spamreport": return .complaint(.sendgrid, email, type: "abuse", messageID: id, reporter: "sendgrid", at: now, proof)
        case "unsubscribe", "group_unsubscribe":
            return .complaint(.sendgrid, email, type: "opt-out", messageID: id, reporter: "sendgrid", at: now, proof)
        default: return nil
        }
    }
}

/// Source: Mailgun, "Webhooks" and "Event structure".
struct MailgunEvent: Decodable {
    struct Signature: Decodable {
        var timestamp: String
        var token: String
        var signature: String
    }

    struct Event: Decodable {
        struct Status: Decodable {
            var code: Int?
            var message: String?
            var description: String?
        }
        struct Message: Decodable {
            struct Headers: Decodable {
                var messageID: String?
                private enum CodingKeys: String, CodingKey { case messageID = "message-id" }
            }
            var headers: Headers?
        }
        var event: String
        var id: String?
        var severity: String?
        var recipient: String?
        var status: Status?
        var message: Message?

        private enum CodingKeys: String, CodingKey {
            case event, id, severity, recipient, message
            case status = "delivery-status"
        }
    }

    var signature: Signature
    var event: Event

    private enum CodingKeys: String, CodingKey {
        case signature
        case event = "event-data"
    }

    func report(at now: Timestamp, _ proof: ReturnedReport.Authenticity) -> ReturnedReport? {
        let id = event.message?.headers?.messageID
        switch event.event {
        case "failed":
            // Codes of 600 and more are Mailgun's own: it did not try.
            let code = event.status?.code.flatMap { (400...599).contains($0) ? "\($0) " : nil } ?? ""
            let said = [event.status?.message, event.status?.description].compactMap { $0 }.first { !$0.isEmpty } ?? ""
            var report = ReturnedReport.failure(
                .mailgun, event.recipient, words: said.hasPrefix(code) ? said : code + said, isPermanent: event.severity == "permanent",
                messageID: id, reporter: "mailgun", at: now, proof)
            if event.severity == "temporary" { report.action = .delayed }
            return report
        case "complained": return .complaint(.mailgun, event.recipient, type: "abuse", messageID: id, reporter: "mailgun", at: now, proof)
        case "unsubscribed":
            return .complaint(.mailgun, event.recipient, type: "opt-out", messageID: id, reporter: "mailgun", at: now, proof)
        default: return nil
        }
    }
}

/// Source: Postmark, "Bounce webhook", "Spam complaint webhook", "Bounce types".
struct PostmarkEvent: Decodable {
    var recordType: String?
    var type: String?
    var email: String?
    var details: String?
    var messageID: String?

    private enum CodingKeys: String, CodingKey {
        case recordType = "RecordType"
        case type = "Type"
        case email = "Email"
        case details = "Details"
        case messageID = "MessageID"
    }

    func report(at now: Timestamp, _ proof: ReturnedReport.Authenticity) -> ReturnedReport? {
        switch (recordType, type) {
        case ("SpamComplaint", _), (_, "SpamComplaint"):
            return .complaint(.postmark, email, type: "abuse", messageID: nil, reporter: "postmark", at: now, proof)
        case ("Bounce", "Unsubscribe"), ("Bounce", "ManuallyDeactivated"):
            return .complaint(.postmark, email, type: "opt-out", messageID: nil, reporter: "postmark", at: now, proof)
        case ("Bounce", "AutoResponder"):
            return ReturnedReport(
                source: .postmark, kind: .autoReply, bounceClass: .autoReply, recipient: email.flatMap { EmailAddress($0) },
                reporter: "postmark", at: now, authenticity: proof)
        case ("Bounce", _):
            return .failure(
                .postmark, email, words: (details ?? "").replacing("smtp;", with: ""), isPermanent: type == "HardBounce",
                messageID: nil, reporter: "postmark", at: now, proof)
        default: return nil
        }
    }
}
