import Glibc
import MailModel
import NIOCore
import ProviderTwin
import SMTPProtocol
import SMTPTransport
import Synchronization

/// One connection to the built-in receiver: asks the model, performs what it says.
final class BuiltInReceiverSession: SMTPServerSession {
    private let world: ReceiverWorld
    private var connection: SMTPServerConnection?
    private var sender = ReversePath.null

    init(_ world: ReceiverWorld) { self.world = world }

    func opened(_ connection: SMTPServerConnection) {
        self.connection = connection
        connection.accept()
    }

    func secured(_ connection: SMTPServerConnection, tls: TLSFacts) {}

    func signIn(_ request: SignIn) {
        connection?.answerSignIn(SMTPReply(502, EnhancedStatusCode(5, 5, 1), "No sign-in here"))
    }

    func mail(_ reversePath: ReversePath, _ parameters: MailParameters) {
        sender = reversePath
        connection?.answer(SMTPReply(250, EnhancedStatusCode(2, 1, 0), "Sender accepted"))
    }

    func recipient(_ recipient: EnvelopeRecipient) {
        let now = wallClock()
        switch world.model.withLock({ $0.recipientNamed(recipient.address, from: sender, at: now) }) {
        case .accept: connection?.answer(SMTPReply(250, EnhancedStatusCode(2, 1, 5), "Recipient accepted"))
        case .refuse(let reply):
            world.counts.withLock { $0.refusedRecipients += 1 }
            connection?.answer(reply)
        case .close(let reply):
            world.counts.withLock { $0.refusedRecipients += 1 }
            connection?.stop(reply)
        }
    }

    func dataStarting(declaredBytes: Int?) {
        connection?.answer(SMTPReply(354, nil, "Send the message; end with a dot on a line by itself"))
    }

    func message(_ message: ReceivedMessage) {
        // The machine puts the defect's own refusal in place of a positive answer.
        guard message.defect == nil else {
            world.counts.withLock { $0.refusedMessages += 1 }
            connection?.answer(kept)
            return
        }
        let addresses = message.recipients.map(\.address)
        switch world.model.withLock({ $0.contentEnded(for: addresses) }) {
        case .keep(let delay):
            keep(message)
            answer(after: delay)
        case .refuse(let reply):
            world.counts.withLock { $0.refusedMessages += 1 }
            connection?.answer(reply)
        case .drop(let isKept):
            world.counts.withLock { $0.drops += 1 }
            if isKept { keep(message) }
            connection?.abort()
        }
    }

    func closed() { connection = nil }

    private let kept = SMTPReply(250, EnhancedStatusCode(2, 6, 0), "Message kept")

    private func answer(after delay: Duration) {
        guard delay > .zero, let loop = connection?.eventLoop else {
            connection?.answer(kept)
            return
        }
        _ = loop.assumeIsolated().scheduleTask(in: TimeAmount(delay)) { [weak self] in
            guard let self else { return }
            connection?.answer(kept)
        }
    }

    private func keep(_ message: ReceivedMessage) {
        let isTaken = world.folder.keep(message, at: wallClock())
        world.counts.withLock {
            $0.messages += 1
            $0.recipients += message.recipients.count
            if !isTaken { $0.unkept += 1 }
        }
    }
}

private func wallClock() -> Timestamp {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return Timestamp(milliseconds: Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000)
}
