import MailModel
import NIOCore
import OutboundPolicy

/// A message that another scanner is asked about.
struct OpinionQuestion: Sendable {
    var content: [UInt8]
    var reversePath: ReversePath
    var recipients: [EmailAddress]
    /// Whom limits act on; rspamd takes a message with it for one of an own user.
    var sender: String

    private static let recipientsMax = 50

    /// As rspamd reads it: the message is the body, the envelope stands in the header.
    func post(_ opinion: SecondOpinion, password: String?) -> HTTPPost {
        var fields: [(name: String, value: String)] = []
        func add(_ name: String, _ value: String) {
            guard !value.isEmpty, value.utf8.count <= 1000, value.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else { return }
            fields.append((name: name, value: value))
        }
        add("From", reversePath.address?.description ?? "<>")
        for recipient in recipients.prefix(OpinionQuestion.recipientsMax) { add("Rcpt", recipient.description) }
        add("User", sender)
        if let password { add("Password", password) }
        return HTTPPost(
            type: "message/rfc822", fields: fields, body: content, timeout: .milliseconds(Int64(opinion.timeout)))
    }
}
