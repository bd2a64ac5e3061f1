import InternetMessage
package import MailModel

/// Tells a sender what a person decided about a held message.
package struct ReviewNotice: Hashable, Sendable {
    package var recipient: EmailAddress
    package var message: MessageID
    package var subject: String
    package var receivedAt: Timestamp
    /// Recipients that the decision is about.
    package var recipients: Int
    package var isReleased: Bool
    /// Empty for none.
    package var reason: String
}

extension ReviewNotice {
    var mail: OwnMail {
        let title = subject.isEmpty ? "your message" : "\"\(subject)\""
        return OwnMail(
            recipient: recipient, subject: OwnMail.line("\(isReleased ? "Released" : "Not sent"): \(subject)"),
            finding: Finding(rule: "notice.review", matched: message.description, explanation: "What became of held message \(message)."),
            isEightBit: false
        ) { [self] header in
            var mail = ComposedMessage(from: header.from)
            mail.to = ["\(recipient)"]
            mail.subject = header.subject
            var lines = [
                "Your message \(title) of \(PostTime.text(receivedAt)) to \(recipients == 1 ? "1 recipient" : "\(recipients) recipients")",
                isReleased
                    ? "was held, and a person has let it go. It is on its way."
                    : "was held. A person has looked at it, and it is not sent.",
            ]
            if !reason.isEmpty { lines += ["", "Reason: \(reason)"] }
            lines += ["", "Reference: \(message)", "", "-- ", "Postern on \(header.hostName)", ""]
            mail.text = lines.joined(separator: "\n")
            mail.headers = OwnMail.automatic
            return (try? MessageBuilder.build(mail, boundarySeed: header.seed)).map { header.first + $0 }
        }
    }
}

/// Times as mail to people shows them.
enum PostTime {
    static func text(_ time: Timestamp) -> String { time.rfc3339.prefix(19).replacing("T", with: " ") + " UTC" }
}
