import InternetMessage
package import MailModel

/// A mail of Postern's own about a group, to one person.
package struct GroupNotice: Hashable, Sendable {
    package var recipient: EmailAddress
    package var subject: String
    /// Lines end in LF.
    package var text: String
    /// As which address it comes; nil: Postern's own. Answers to it go to this one.
    package var from: EmailAddress?
    /// What it is about, for the trace.
    package var matched: String

    var mail: OwnMail {
        OwnMail(
            recipient: recipient, subject: OwnMail.line(subject),
            finding: Finding(rule: "notice.group", matched: matched, explanation: "About a group: \(OwnMail.line(subject))"),
            isEightBit: false
        ) { [self] header in
            var mail = ComposedMessage(from: header.from)
            mail.to = ["\(recipient)"]
            if let from { mail.replyTo = ["\(from)"] }
            mail.subject = header.subject
            mail.text = text + "\n\n-- \nPostern on \(header.hostName)\n"
            mail.headers = OwnMail.automatic
            return (try? MessageBuilder.build(mail, boundarySeed: header.seed)).map { header.first + $0 }
        }
    }
}
