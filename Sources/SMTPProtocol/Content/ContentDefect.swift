package import MailModel

/// Why the content of a message cannot be taken, whoever sent it. The first defect in the content is the one that is named.
package enum ContentDefect: Hashable, Sendable {
    /// LF without CR before it (RFC 5321 §2.3.8); the seed of SMTP smuggling. Lines count from 1.
    case bareLineFeed(lineNumber: Int)
    /// CR without LF after it.
    case bareCarriageReturn(lineNumber: Int)
    /// An octet of zero (RFC 5322 §4.1).
    case nul(lineNumber: Int)
    /// `bytes` is the length without CRLF, `limit` what is allowed (RFC 5321 §4.5.3.1.6).
    case lineTooLong(bytes: Int, lineNumber: Int, limit: Int)
    /// More octets than `limit`, dot-stuffing not counted.
    case tooLarge(limit: Int)
    /// The shell has no memory for more of it at this moment.
    case noRoom

    /// What the client is told: the defect, where it is, and what to do.
    package var reply: SMTPReply {
        switch self {
        case .bareLineFeed(let line):
            SMTPReply(
                550, EnhancedStatusCode(5, 6, 11),
                "Message refused: line \(line) ends with a bare LF. Lines must end with CRLF; set the sending program to do so")
        case .bareCarriageReturn(let line):
            SMTPReply(
                550, EnhancedStatusCode(5, 6, 11),
                "Message refused: line \(line) has a CR without LF after it. Lines must end with CRLF; encode other content as base64")
        case .nul(let line):
            SMTPReply(
                550, EnhancedStatusCode(5, 6, 0),
                "Message refused: line \(line) has a NUL octet. Encode binary content as base64")
        case .lineTooLong(let bytes, let line, let limit):
            SMTPReply(
                550, EnhancedStatusCode(5, 6, 0),
                "Message refused: line \(line) has \(bytes) octets, at most \(limit) are allowed. "
                    + "Fold the header field, or encode the text as quoted-printable or base64")
        case .tooLarge(let limit):
            SMTPReply(
                552, EnhancedStatusCode(5, 3, 4),
                "Message refused: it is larger than \(limit) octets. Send less, or share large files by a link")
        case .noRoom:
            SMTPReply(452, EnhancedStatusCode(4, 3, 1), "Too much mail is coming in at this moment; try again in a minute")
        }
    }

    /// The rule's name for a `Finding`.
    package var rule: String {
        switch self {
        case .bareLineFeed: "message.bare-lf"
        case .bareCarriageReturn: "message.bare-cr"
        case .nul: "message.nul"
        case .lineTooLong: "message.line-too-long"
        case .tooLarge: "message.too-large"
        case .noRoom: "submission.memory"
        }
    }

    /// What matched, for a `Finding`: the line or the size.
    package var matched: String {
        switch self {
        case .bareLineFeed(let line), .bareCarriageReturn(let line), .nul(let line): "line \(line)"
        case .lineTooLong(let bytes, let line, _): "line \(line), \(bytes) octets"
        case .tooLarge(let limit): "more than \(limit) octets"
        case .noRoom: ""
        }
    }
}
