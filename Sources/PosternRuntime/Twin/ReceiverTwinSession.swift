import MailModel
import ProviderTwin
import SMTPProtocol
import SMTPTransport

/// One connection to a receiver: asks the model, says what it says.
final class ReceiverTwinSession: SMTPServerSession {
    private let world: ProviderWorld
    private var connection: SMTPServerConnection?
    private var address: IPAddress?
    private var isCounted = false
    private var sender = ReversePath.null
    private var messages = 0
    private var reserved = 0

    init(_ world: ProviderWorld) { self.world = world }

    /// Who has no address counts as this one.
    private var source: IPAddress { address ?? ReceiverTwinSession.loopback }

    private static let loopback: IPAddress = {
        guard let address = IPAddress("127.0.0.1") else { preconditionFailure("an address") }
        return address
    }()

    func opened(_ connection: SMTPServerConnection) {
        self.connection = connection
        address = connection.remoteAddress
        let source = source
        let refusal = world.use { state, _ in
            let refusal = state.model.opened(from: source)
            if let refusal { state.counts.said(refusal) }
            return refusal
        }
        if let refusal { return connection.refuse(refusal) }
        isCounted = true
        connection.accept()
    }

    func secured(_ connection: SMTPServerConnection, tls: TLSFacts) {}

    func signIn(_ request: SignIn) { connection?.answerSignIn(SMTPReply(502, EnhancedStatusCode(5, 5, 1), "No sign-in here")) }

    func mail(_ reversePath: ReversePath, _ parameters: MailParameters) {
        sender = reversePath
        let messages = messages
        let refusal = world.use { state, _ in
            let most = state.model.settings.messagesPerConnection
            return most > 0 && messages >= most ? state.model.connectionUsedUp : nil
        }
        if let refusal {
            connection?.stop(refusal)
            return
        }
        connection?.answer(SMTPReply(250, EnhancedStatusCode(2, 1, 0), "OK"))
    }

    func recipient(_ recipient: EnvelopeRecipient) {
        let (sender, source) = (sender, source)
        connection?.answer(
            world.use { state, now in
                let reply = state.model.recipient(recipient.address, reversePath: sender, from: source, at: now)
                state.counts.said(reply)
                return reply
            })
    }

    func dataStarting(declaredBytes: Int?) { connection?.answer(SMTPReply(354, nil, "Go ahead")) }

    func contentGrew(to bytes: Int) -> Bool {
        guard bytes > reserved else { return true }
        guard world.reserve(bytes - reserved) else { return false }
        reserved = bytes
        return true
    }

    func message(_ message: ReceivedMessage) {
        release()
        messages += 1
        // The machine puts the defect's own refusal in place of a positive answer.
        guard message.defect == nil else {
            connection?.answer(SMTPReply(250, EnhancedStatusCode(2, 6, 0), "OK"))
            return
        }
        connection?.answer(world.submitted(message, helloName: connection?.clientName, from: source))
    }

    func closed() {
        connection = nil
        release()
        guard isCounted else { return }
        isCounted = false
        let source = source
        world.use { state, _ in state.model.closed(from: source) }
    }

    private func release() {
        world.release(reserved)
        reserved = 0
    }
}
