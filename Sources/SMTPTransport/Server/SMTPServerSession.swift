package import MailModel
package import SMTPProtocol

/// Who decides for one connection. All calls come on the connection's event loop, one question at a time; each is answered through the
/// `SMTPServerConnection`, at once from within the call or later from the same loop.
package protocol SMTPServerSession: AnyObject {
    /// A client is connected (after the PROXY header, before TLS). Answer with `accept` or `refuse`.
    func opened(_ connection: SMTPServerConnection)
    /// The TLS handshake is done, from the start or after STARTTLS. No answer.
    func secured(_ connection: SMTPServerConnection, tls: TLSFacts)
    /// AUTH with its credentials. Answer with `answerSignIn`.
    func signIn(_ request: SignIn)
    /// MAIL FROM. Answer with `answer`.
    func mail(_ reversePath: ReversePath, _ parameters: MailParameters)
    /// RCPT TO. Answer with `answer`.
    func recipient(_ recipient: EnvelopeRecipient)
    /// MAIL or RCPT was refused without a question: its syntax, a size, a bound. No answer.
    func refused(_ command: RefusedCommand)
    /// DATA or the first BDAT; nothing of the content has been read. Answer with `answer`: 354 goes out for a positive reply.
    /// `declaredBytes`: SIZE of MAIL; nil where the client gave none.
    func dataStarting(declaredBytes: Int?)
    /// More of the content is in memory than when last asked. False lets it go: the message is then refused with 452 at its end.
    func contentGrew(to bytes: Int) -> Bool
    /// The whole content. Answer with `answer`; until then the client waits.
    func message(_ message: ReceivedMessage)
    /// The connection is gone, with whatever was not answered. The last call, once.
    func closed()
}

extension SMTPServerSession {
    /// Nothing to do.
    package func refused(_ command: RefusedCommand) {}
    /// No bound but that of a single message.
    package func contentGrew(to bytes: Int) -> Bool { true }
}
