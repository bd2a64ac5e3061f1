import MailModel
import ProviderTwin
import SMTPProtocol
import SMTPTransport

/// One connection to the twin: asks the model, says what it says.
final class ExchangeTwinSession: SMTPServerSession {
    private let world: ExchangeWorld
    private let number: ExchangeSession
    private var connection: SMTPServerConnection?
    /// Octets of the content under way that are counted.
    private var reserved = 0

    init(_ world: ExchangeWorld) {
        self.world = world
        number = world.newSession()
    }

    func opened(_ connection: SMTPServerConnection) {
        self.connection = connection
        if let address = connection.remoteAddress {
            let number = number
            world.use { state, _ in state.model.opened(number, from: address) }
        }
        connection.accept()
    }

    func secured(_ connection: SMTPServerConnection, tls: TLSFacts) {}

    func signIn(_ request: SignIn) {
        let number = number
        let reply = world.use { state, now in
            switch request.mechanism {
            case .plain, .login: state.model.signIn(name: request.name, password: request.password, session: number, at: now)
            case .token: state.model.signIn(user: request.name, token: request.password, session: number, at: now)
            }
        }
        connection?.answerSignIn(reply)
    }

    func mail(_ reversePath: ReversePath, _ parameters: MailParameters) {
        let number = number
        connection?.answer(world.use { state, now in state.model.mail(reversePath, session: number, at: now) })
    }

    func recipient(_ recipient: EnvelopeRecipient) { connection?.answer(world.use { state, _ in state.model.recipient() }) }

    func dataStarting(declaredBytes: Int?) { connection?.answer(SMTPReply(354, nil, "Start mail input; end with <CRLF>.<CRLF>")) }

    func contentGrew(to bytes: Int) -> Bool {
        guard bytes > reserved else { return true }
        guard world.reserve(bytes - reserved) else { return false }
        reserved = bytes
        return true
    }

    func message(_ message: ReceivedMessage) {
        release()
        // The machine puts the defect's own refusal in place of a positive answer.
        guard message.defect == nil else {
            connection?.answer(SMTPReply(250, EnhancedStatusCode(2, 6, 0), "OK"))
            return
        }
        connection?.answer(world.submitted(message, session: number))
    }

    func closed() {
        connection = nil
        release()
        let number = number
        world.use { state, _ in state.model.closed(number) }
    }

    private func release() {
        world.release(reserved)
        reserved = 0
    }
}
