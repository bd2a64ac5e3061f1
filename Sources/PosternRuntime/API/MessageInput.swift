import Console
import InternetMessage
import MailModel
import OutboundPolicy

/// A message given by its fields.
struct MessageInput: Decodable, Sendable {
    var from: String
    var to: [String]?
    var cc: [String]?
    /// In the envelope alone.
    var bcc: [String]?
    var replyTo: [String]?
    var subject: String?
    var text: String?
    var html: String?
    var headers: [HeaderInput]?
    var attachments: [AttachmentInput]?
    /// Where it goes and comes from on the wire, if that differs from the fields.
    var envelope: EnvelopeInput?
    /// When it is to be let go; nil at once.
    var sendAt: RFC3339Time?
    var dsn: DSNInput?

    struct HeaderInput: Decodable, Sendable {
        var name: String
        var value: String
    }

    struct AttachmentInput: Decodable, Sendable {
        var filename: String
        /// `application/octet-stream` where it is missing.
        var contentType: String?
        /// Base 64.
        var content: String
        /// For `cid:` in the HTML.
        var contentId: String?
    }

    struct EnvelopeInput: Decodable, Sendable {
        var from: EmailAddress?
        var to: [EmailAddress]?
    }

    /// Reports to ask for (RFC 3461).
    struct DSNInput: Decodable, Sendable {
        var notify: [Notify]?
        var `return`: Return?
        var envelopeId: String?
    }

    enum Notify: String, Codable, CaseIterable, Sendable { case success, failure, delay, never }
    enum Return: String, Codable, CaseIterable, Sendable { case full, headers }

    /// The text of the message.
    func content(boundarySeed: String) throws -> [UInt8] {
        var message = ComposedMessage(from: from)
        message.to = to ?? []
        message.cc = cc ?? []
        message.replyTo = replyTo ?? []
        message.subject = subject ?? ""
        message.text = text
        message.html = html
        message.headers = (headers ?? []).map { ComposedMessage.Header(name: $0.name, value: $0.value) }
        for (index, attachment) in (attachments ?? []).enumerated() {
            guard let content = Base64.decode(attachment.content.utf8) else {
                throw Problem.invalid([FieldProblem(.body, "/attachments/\(index)/content", "is no base 64")])
            }
            message.attachments.append(
                ComposedMessage.Attachment(
                    fileName: attachment.filename, contentType: attachment.contentType ?? "application/octet-stream", content: content,
                    contentID: attachment.contentId))
        }
        do {
            return try MessageBuilder.build(message, boundarySeed: boundarySeed)
        } catch {
            throw Problem.invalid([FieldProblem(.body, error.field, error.problem)])
        }
    }

    /// Where a recipient stands, as a JSON pointer; empty where it does not.
    func field(of address: EmailAddress) -> String {
        if let index = envelope?.to?.firstIndex(of: address) { return "/envelope/to/\(index)" }
        for (name, texts) in [("to", to), ("cc", cc), ("bcc", bcc)] {
            if let index = (texts ?? []).firstIndex(where: { Mailbox($0)?.address == address }) { return "/\(name)/\(index)" }
        }
        return ""
    }

    /// Where it comes from and goes to.
    func addresses() throws -> (from: EmailAddress, to: [EmailAddress]) {
        guard let author = envelope?.from ?? Mailbox(from)?.address else {
            throw Problem.invalid([FieldProblem(.body, "/from", "is no mailbox such as \"Anna Arendt <a@example.org>\"")])
        }
        if let to = envelope?.to { return (author, to) }
        var recipients: [EmailAddress] = []
        for (name, texts) in [("to", to), ("cc", cc), ("bcc", bcc)] {
            for (index, text) in (texts ?? []).enumerated() {
                guard let mailbox = Mailbox(text) else {
                    throw Problem.invalid([
                        FieldProblem(.body, "/\(name)/\(index)", "is no mailbox such as \"Anna Arendt <a@example.org>\"")
                    ])
                }
                recipients.append(mailbox.address)
            }
        }
        return (author, recipients)
    }
}

/// The envelope of a message that is given as its text.
struct RawEnvelopeInput: Decodable, Sendable {
    /// The reverse-path; that of the Sender or From field where it is missing.
    var from: EmailAddress?
    /// Recipients; those of To, Cc and Bcc where there are none.
    var to: [EmailAddress]?
    var sendAt: RFC3339Time?
    var dsnNotify: [MessageInput.Notify]?
    var dsnReturn: MessageInput.Return?
    var envelopeId: String?
}

/// A message that was accepted.
struct AcceptedMessage: Codable, Sendable {
    struct Recipient: Codable, Sendable {
        var index: Int
        var address: String
        /// Tells its state.
        var url: String
    }

    var id: String
    var received: String
    var url: String
    var recipients: [Recipient]

    init(_ id: MessageID, recipients: [EmailAddress]) {
        self.id = id.description
        received = id.time.rfc3339
        url = "/v1/messages/\(id)"
        self.recipients = recipients.enumerated().map { index, address in
            Recipient(index: index, address: address.description, url: "/v1/messages/\(id)/recipients/\(index)")
        }
    }
}
