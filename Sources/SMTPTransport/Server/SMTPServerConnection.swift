package import MailModel
package import NIOCore
import SMTPProtocol

/// A client's connection as its session sees it. Calls after the connection has closed do nothing.
///
/// `@unchecked`: only the event loop touches it, which each method asserts; it may be captured in order to come back to that loop.
package final class SMTPServerConnection: @unchecked Sendable {
    package let eventLoop: any EventLoop
    /// The client's address, from the PROXY header where a balancer sent one; nil where it named none.
    package internal(set) var remoteAddress: IPAddress?
    package internal(set) var remotePort: Int?
    /// Nil in plaintext.
    package internal(set) var tls: TLSFacts?
    weak var handler: SMTPServerHandler?

    init(eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    package var isEncrypted: Bool { tls != nil }

    /// What the client called itself; nil before EHLO or HELO. Printable ASCII without spaces.
    package var clientName: String? { handler?.clientName }
    /// True where the client said EHLO rather than HELO (`ESMTP` in a trace field).
    package var saysEHLO: Bool { handler?.saysEHLO ?? false }
    /// True from an accepted MAIL to the end of its message.
    package var isInTransaction: Bool { handler?.isInTransaction ?? false }

    /// Greets the client.
    package func accept() { perform { $0.accepted() } }

    /// Sends the reply (421 or 554) in place of a greeting and closes.
    package func refuse(_ reply: SMTPReply) { perform { $0.stopped(reply) } }

    /// Answers the question that is open.
    package func answer(_ reply: SMTPReply) { perform { $0.answered(reply) } }

    /// Answers `signIn`: 235 for success.
    package func answerSignIn(_ reply: SMTPReply) { perform { $0.answeredSignIn(reply) } }

    /// Sends the reply and closes, also in place of an answer.
    package func stop(_ reply: SMTPReply) { perform { $0.stopped(reply) } }

    /// Sends the reply and closes as soon as no answer is owed: at once, or after the next one.
    package func drain(_ reply: SMTPReply) { perform { $0.drained(reply) } }

    /// Closes without a word.
    package func abort() { perform { $0.aborted() } }

    private func perform(_ body: (SMTPServerHandler) -> Void) {
        eventLoop.assertInEventLoop()
        if let handler { body(handler) }
    }
}
