import MailModel
import NIOCore
import SMTPProtocol
import Synchronization

@testable import SMTPTransport

/// What the sessions of a test saw.
final class SessionLog: Sendable {
    struct State {
        var events: [String] = []
        var messages: [ReceivedMessage] = []
        var facts: [TLSFacts] = []
        var addresses: [IPAddress?] = []
        var closed = 0
    }

    let state = Mutex(State())

    var events: [String] { state.withLock { $0.events } }
    var facts: [TLSFacts] { state.withLock { $0.facts } }
    var messages: [ReceivedMessage] { state.withLock { $0.messages } }
    func note(_ event: String) { state.withLock { $0.events.append(event) } }
}

/// Accepts everything, at once or when the test says so.
final class ScriptedSession: SMTPServerSession {
    enum Timing {
        /// From within the question.
        case atOnce
        /// With a later turn of the loop.
        case later
        /// When the test calls `connection.answer`.
        case never
        /// Not even accepted until the test says so; then like `atOnce`.
        case atTheDoor
    }

    let log: SessionLog
    let timing: Timing
    var connection: SMTPServerConnection?

    init(_ log: SessionLog, timing: Timing = .atOnce) {
        self.log = log
        self.timing = timing
    }

    func opened(_ connection: SMTPServerConnection) {
        self.connection = connection
        log.state.withLock { $0.addresses.append(connection.remoteAddress) }
        log.note("opened")
        switch timing {
        case .atOnce, .never: connection.accept()
        case .later: connection.eventLoop.execute { connection.accept() }
        case .atTheDoor: break
        }
    }

    func secured(_ connection: SMTPServerConnection, tls: TLSFacts) {
        log.note("secured \(tls.version)")
        log.state.withLock { $0.facts.append(tls) }
    }

    func signIn(_ request: SignIn) {
        log.note("sign-in \(request.name)")
        connection?.answerSignIn(SMTPReply(235, EnhancedStatusCode(2, 7, 0), "Welcome"))
    }

    func mail(_ reversePath: ReversePath, _ parameters: MailParameters) { answer(SMTPReply(250, EnhancedStatusCode(2, 1, 0), "ok")) }

    func recipient(_ recipient: EnvelopeRecipient) {
        let isUnknown = recipient.address.localPart == "unknown"
        answer(isUnknown ? SMTPReply(550, EnhancedStatusCode(5, 1, 1), "no") : SMTPReply(250, EnhancedStatusCode(2, 1, 5), "ok"))
    }

    func dataStarting(declaredBytes: Int?) { answer(SMTPReply(354, nil, "go on")) }

    func message(_ message: ReceivedMessage) {
        log.state.withLock { $0.messages.append(message) }
        answer(SMTPReply(250, EnhancedStatusCode(2, 0, 0), "kept"))
    }

    func closed() {
        log.note("closed")
        log.state.withLock { $0.closed += 1 }
        connection = nil
    }

    private func answer(_ reply: SMTPReply) {
        guard let connection else { return }
        switch timing {
        case .atOnce, .atTheDoor: connection.answer(reply)
        case .later: connection.eventLoop.execute { connection.answer(reply) }
        case .never: log.note("asked")
        }
    }
}
