import DeliveryPlanning
import Foundation
import MailModel

/// What Amazon SES says of mail that it carried, through SNS: posted to a webhook, or mailed to a person.
/// Source: Amazon SES developer guide, "Amazon SNS notification contents" and "Event publishing".
struct SESNotification: Decodable {
    struct Recipient: Decodable {
        var emailAddress: String?
        var action: String?
        var status: String?
        var diagnosticCode: String?
    }

    struct Bounce: Decodable {
        var bounceType: String?
        var bounceSubType: String?
        var bouncedRecipients: [Recipient]?
        var reportingMTA: String?
    }

    struct Complaint: Decodable {
        var complainedRecipients: [Recipient]?
        var complaintFeedbackType: String?
        var userAgent: String?
    }

    struct Delivery: Decodable {
        var recipients: [String]?
        var smtpResponse: String?
        var reportingMTA: String?
    }

    struct Mail: Decodable {
        struct Header: Decodable {
            var name: String?
            var value: String?
        }
        var messageId: String?
        var source: String?
        var headers: [Header]?
    }

    var notificationType: String?
    var eventType: String?
    var bounce: Bounce?
    var complaint: Complaint?
    var delivery: Delivery?
    var mail: Mail?

    /// From a mail's text, whose lines may be broken anywhere; nil where it holds no such notification.
    init?(text: String) {
        guard let start = text.firstIndex(of: "{"), let end = text.lastIndex(of: "}"), start < end,
            text.contains("notificationType") || text.contains("eventType")
        else { return nil }
        self.init(json: Data(text[start...end].filter { !$0.isNewline }.utf8))
    }

    /// The text of an SNS message.
    init?(message: String) { self.init(json: Data(message.utf8)) }

    init?(json: Data) {
        guard let read = try? JSONDecoder().decode(SESNotification.self, from: json), read.notificationType != nil || read.eventType != nil
        else { return nil }
        self = read
    }

    /// At most `ReturnedReport`s for the recipients that it names; empty for kinds that are none of ours, such as opens.
    func reports(source: ReturnedReport.Source, at time: Timestamp, authenticity: ReturnedReport.Authenticity) -> [ReturnedReport] {
        func report(_ kind: ReturnedReport.Kind, _ bounceClass: BounceClass, _ address: String?) -> ReturnedReport {
            ReturnedReport(
                source: source, kind: kind, bounceClass: bounceClass, recipient: address.flatMap { EmailAddress($0) },
                messageID: messageID, reporter: "amazonses.com", at: time, authenticity: authenticity)
        }
        switch (notificationType ?? eventType)?.lowercased() {
        case "bounce":
            return (bounce?.bouncedRecipients ?? []).prefix(recipientsMax).map { recipient in
                var one = report(.bounce, .undetermined, recipient.emailAddress)
                fill(&one, recipient)
                return one
            }
        case "complaint":
            return (complaint?.complainedRecipients ?? []).prefix(recipientsMax).map { recipient in
                var one = report(.complaint, .complaint, recipient.emailAddress)
                one.feedbackType = complaint?.complaintFeedbackType?.lowercased() ?? "abuse"
                return one
            }
        case "delivery":
            return (delivery?.recipients ?? []).prefix(recipientsMax).map { address in
                var one = report(.other, .delivered, address)
                one.action = .delivered
                one.diagnostic = delivery?.smtpResponse ?? ""
                let codes = ReplyCodes(one.diagnostic)
                (one.replyCode, one.status) = (codes.code, codes.status)
                return one
            }
        default: return []
        }
    }

    private func fill(_ report: inout ReturnedReport, _ recipient: Recipient) {
        let words = recipient.diagnosticCode.map { $0.hasPrefix("smtp;") ? String($0.dropFirst(5).drop { $0 == " " }) : $0 } ?? ""
        let codes = ReplyCodes(words)
        report.action = recipient.action.flatMap { ReturnedReport.Action(rawValue: $0.lowercased()) } ?? .failed
        report.diagnostic = words
        report.replyCode = codes.code
        report.status = codes.status ?? recipient.status.flatMap { EnhancedStatusCode($0) }
        // SES calls permanent what it will not try again; which command was refused it does not say.
        let stage: DeliveryStage? = bounce?.bounceType == "Permanent" ? .recipient : nil
        report.bounceClass = BounceClass.of(
            BounceEvidence(replyCode: report.replyCode, status: report.status, words: words, stage: stage))
        // What SES refuses from its own list is an address that bounced before, or that its owner put there.
        if bounce?.bounceSubType == "OnAccountSuppressionList" { report.bounceClass = .policy }
        if bounce?.bounceType == "Transient", report.bounceClass.isHard { report.bounceClass = .temporary }
        if report.bounceClass == .undetermined, bounce?.bounceType == "Permanent", bounce?.bounceSubType == "NoEmail" {
            report.bounceClass = .addressDead
        }
    }

    /// As the mail left us, not as SES numbers it.
    private var messageID: String? {
        let own = mail?.headers?.first { $0.name?.lowercased() == "message-id" }?.value
        return own.map { $0.filter { $0 != "<" && $0 != ">" } }
    }

    private var recipientsMax: Int { 500 }

    private enum CodingKeys: String, CodingKey {
        case notificationType, eventType, bounce, complaint, delivery, mail
    }
}

/// The codes at the start of a reply that a provider gives as text.
struct ReplyCodes {
    var code: Int?
    var status: EnhancedStatusCode?

    init(_ text: String) {
        let words = text.split { $0 == " " || $0 == "-" || $0 == ";" }.prefix(6)
        code = words.first.flatMap { Int($0) }.flatMap { (200...599).contains($0) ? $0 : nil }
        status = words.lazy.compactMap { EnhancedStatusCode($0.drop { $0 == "#" || $0 == "(" }.prefix { $0.isNumber || $0 == "." }) }.first
    }
}
