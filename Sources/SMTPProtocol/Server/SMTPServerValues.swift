package import MailModel

/// A whole message as a client handed it over, accepted or not yet.
package struct ReceivedMessage: Hashable, Sendable {
    package var reversePath: ReversePath
    package var parameters: MailParameters
    /// Those that were answered positively, in the order of their RCPT; at least one.
    package var recipients: [EnvelopeRecipient]
    /// Dots unstuffed; lines end with CRLF, the last one too; empty for an empty message, and where there is a defect.
    package var content: [UInt8]
    /// Nil for content that may be accepted. A message with a defect is refused whatever is answered.
    package var defect: ContentDefect?
    /// True where an octet has its high bit set. Not known (false) where there is a defect.
    package var has8Bit: Bool

    package init(
        reversePath: ReversePath, parameters: MailParameters, recipients: [EnvelopeRecipient], content: [UInt8],
        defect: ContentDefect? = nil, has8Bit: Bool = false
    ) {
        self.reversePath = reversePath
        self.parameters = parameters
        self.recipients = recipients
        self.content = content
        self.defect = defect
        self.has8Bit = has8Bit
    }
}

/// What a client showed to sign in (RFC 4954), decoded.
package struct SignIn: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package enum Mechanism: String, Hashable, Sendable {
        case plain = "PLAIN"
        case login = "LOGIN"
        /// The password is an access token.
        case token = "XOAUTH2"
    }

    package var mechanism: Mechanism
    /// As the client wrote it; not empty.
    package var name: String
    package var password: String

    package init(mechanism: Mechanism, name: String, password: String) {
        self.mechanism = mechanism
        self.name = name
        self.password = password
    }

    /// Without the password, so that a log line cannot carry it.
    package var description: String { "\(mechanism.rawValue) \(name)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: ["mechanism": mechanism.rawValue, "name": name]) }
}

/// MAIL or RCPT that was answered with a refusal before anyone was asked: for the trace.
package struct RefusedCommand: Hashable, Sendable {
    package enum Command: String, Hashable, Sendable {
        case mail
        case recipient
    }

    package var command: Command
    /// What stood in angle brackets, or else the whole argument; at most 256 octets of it.
    package var address: String
    /// Of the message under way; nil for MAIL.
    package var reversePath: ReversePath?
    package var reply: SMTPReply

    private static let addressBytesMax = 256

    init(_ command: Command, _ argument: ArraySlice<UInt8>, reversePath: ReversePath?, reply: SMTPReply) {
        self.command = command
        self.reversePath = reversePath
        self.reply = reply
        var text = argument
        if let open = text.firstIndex(of: 0x3C), let end = text.lastIndex(of: 0x3E), open < end { text = text[(open + 1)..<end] }
        address = String(decoding: text.prefix(RefusedCommand.addressBytesMax), as: UTF8.self)
    }
}

extension SMTPServerMachine {
    /// What the shell is to do. The cases that ask for a decision are answered with `answer` or `answerSignIn`; until then no
    /// other decision is asked and nothing that the client sent is lost.
    package enum Action: Hashable, Sendable {
        /// Write to the connection. Replies that are ready together come in one action.
        case send([UInt8])
        /// The 220 is sent: do the handshake now, then call `tlsEstablished`. Where it fails, close.
        case startTLS
        case signIn(SignIn)
        case mail(ReversePath, MailParameters)
        case recipient(EnvelopeRecipient)
        /// The machine refused a sender or recipient by itself; the client has its reply. Nothing is to be answered.
        case refused(RefusedCommand)
        /// At DATA, and at the first BDAT: may the content come? `declaredBytes` is nil where the client gave no size. Asked only
        /// with at least one accepted recipient. Anything that is not positive refuses the message.
        case dataStarting(declaredBytes: Int?)
        /// The whole message. A positive answer takes responsibility for it.
        case message(ReceivedMessage)
        /// Close the connection, after what was sent is written. Nothing follows.
        case close
    }
}
