/// A message given by its fields rather than its text, to be written by `MessageBuilder`.
package struct ComposedMessage: Hashable, Sendable {
    /// `a@example.org`, `Anna Arendt <a@example.org>`. One, as `From` of several needs a Sender.
    package var from: String
    /// As `from`, each one mailbox. Bcc is not here: who is not to be seen stands in the envelope alone.
    package var to: [String] = []
    package var cc: [String] = []
    package var replyTo: [String] = []
    package var subject = ""
    /// Lines end in LF or CRLF. Nil for none.
    package var text: String?
    package var html: String?
    /// Further fields in their order.
    package var headers: [Header] = []
    package var attachments: [Attachment] = []

    package init(from: String) { self.from = from }

    package struct Header: Hashable, Sendable {
        package var name: String
        package var value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    package struct Attachment: Hashable, Sendable {
        package var fileName: String
        /// `type/subtype`, without parameters.
        package var contentType: String
        package var content: [UInt8]
        /// For `cid:` in the HTML part, without angle brackets; such a part is shown within it. Nil for a file beside the text.
        package var contentID: String?

        package init(fileName: String, contentType: String, content: [UInt8], contentID: String? = nil) {
            self.fileName = fileName
            self.contentType = contentType
            self.content = content
            self.contentID = contentID
        }
    }
}

/// Why a message cannot be written from its fields.
package struct CompositionFault: Error, Hashable, Sendable {
    /// The field as a JSON pointer: `/attachments/0/filename`.
    package var field: String
    /// One clause: `holds a control character`.
    package var problem: String
}

package enum CompositionLimits {
    /// Mailboxes in one of To, Cc and Reply-To.
    package static let mailboxesMax = 1000
    package static let headersMax = 100
    package static let attachmentsMax = 100
    /// Octets of one header value, folded later.
    package static let valueBytesMax = 8192
    package static let fileNameBytesMax = 255
    /// RFC 5322 names no limit; a line has 998.
    package static let headerNameBytesMax = 76
}
