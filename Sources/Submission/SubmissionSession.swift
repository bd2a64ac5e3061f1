import GateCore
import InternetMessage
package import MailModel
import NIOCore
import OutboundPolicy
package import SMTPProtocol
package import SMTPTransport

/// One client's session: carries its facts to the gate's decision points and their answers back.
///
/// Confined to the connection's event loop. No decision is made here.
package final class SubmissionSession: SMTPServerSession {
    private let port: any SubmissionPort
    private let transaction: SubmissionTransaction
    private var connection: SMTPServerConnection?
    /// Refused commands that the trace was told of since the last message.
    private var commandsTraced = 0
    private var isCounted = false
    /// Counted among the account's connections; nil where nobody has signed in.
    private var signedIn: EmailAddress?
    private var reversePath = ReversePath.null

    package init(port: any SubmissionPort, settings: SubmissionOptions) {
        self.port = port
        transaction = SubmissionTransaction(
            port: port, settings: settings,
            session: SessionFacts(principal: nil, address: nil, helloName: "", isEncrypted: false, tlsVersion: nil))
    }

    // MARK: - Connection and sign-in

    package func opened(_ connection: SMTPServerConnection) {
        self.connection = connection
        let address = connection.remoteAddress
        transaction.session.address = address
        let (refusal, submitter) = port.decide { core, _ in
            let refusal = core.connectionOpened(from: address)
            return (refusal, refusal == nil ? core.connector(address: address, certificateFingerprint: nil) : nil)
        }
        if let refusal { return connection.refuse(refusal) }
        isCounted = true
        transaction.session.principal = submitter?.principal
        connection.accept()
    }

    package func secured(_ connection: SMTPServerConnection, tls: TLSFacts) {
        transaction.session.isEncrypted = true
        transaction.session.tlsVersion = tls.version
        let address = transaction.session.address
        let fingerprint = tls.peerFingerprint?.hexadecimal
        let submitter = port.decide { core, _ in core.connector(address: address, certificateFingerprint: fingerprint) }
        transaction.session.principal = submitter?.principal
    }

    package func signIn(_ request: SignIn) {
        let address = transaction.session.address
        switch port.decide({ core, now in core.signInBegan(name: request.name, from: address, at: now) }) {
        case .refuse(let reply): connection?.answerSignIn(reply)
        case .check(let account):
            port.check(request.password, of: account) { [weak self] isRight in
                guard let isRight else {
                    self?.connection?.answerSignIn(
                        SMTPReply(454, EnhancedStatusCode(4, 7, 0), "Too many sign-ins at this moment; try again"))
                    return
                }
                self?.signInChecked(request.name, account: account, isRight: isRight)
            }
        }
    }

    private func signInChecked(_ name: String, account: Account?, isRight: Bool) {
        let address = transaction.session.address
        if let account, isRight {
            port.decide { core, now in core.signInSucceeded(name: name, from: address, at: now) }
            return port.beginSession(as: account.address) { [self] refusal in began(as: account.address, refusal) }
        }
        let wait = port.decide { core, now in core.signInFailed(name: name, from: address, at: now) }
        let reply = SMTPReply(
            535, EnhancedStatusCode(5, 7, 8),
            "The name or the password is wrong, or the account is disabled; check both with your administrator")
        transaction.refused(reply, [Finding(rule: "sign-in.failed", matched: name, explanation: reply.text)], reversePath: .null)
        guard let connection else { return }
        connection.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(wait.milliseconds)) { [weak self] in
            self?.connection?.answerSignIn(reply)
        }
    }

    private func began(as account: EmailAddress, _ refusal: SMTPReply?) {
        if let refusal {
            let finding = Finding(rule: "limit.connections-per-sender", matched: account.key, explanation: refusal.text)
            transaction.refused(refusal, [finding], reversePath: .null)
            connection?.answerSignIn(refusal)
            return
        }
        // The client may have left meanwhile.
        guard let connection else { return port.decide { core, _ in core.sessionEnded(as: account) } }
        signedIn = account
        transaction.session.principal = .account(account)
        connection.answerSignIn(SMTPReply(235, EnhancedStatusCode(2, 7, 0), "Signed in as \(account)"))
    }

    // MARK: - Envelope

    package func mail(_ reversePath: ReversePath, _ parameters: MailParameters) {
        self.reversePath = reversePath
        connection?.answer(transaction.sender(reversePath, parameters)?.reply ?? SubmissionSession.senderTaken)
    }

    package func recipient(_ recipient: EnvelopeRecipient) {
        connection?.answer(transaction.recipient(recipient, of: reversePath)?.reply ?? SubmissionSession.recipientTaken)
    }

    private static let senderTaken = SMTPReply(250, EnhancedStatusCode(2, 1, 0), "Sender OK")
    private static let recipientTaken = SMTPReply(250, EnhancedStatusCode(2, 1, 5), "Recipient OK")
    private static let contentExpected = SMTPReply(354, nil, "Go ahead, end with a dot on a line of its own")

    /// Into the trace, up to a number for each message: more would let refusals cost more than mail.
    package func refused(_ command: RefusedCommand) {
        guard commandsTraced < SubmissionSession.commandsTracedMax else { return }
        commandsTraced += 1
        let isRecipient = command.command == .recipient
        let finding = Finding(
            rule: isRecipient ? "envelope.recipient" : "envelope.sender", matched: command.address, explanation: command.reply.text)
        transaction.refused(
            command.reply, [finding], reversePath: command.reversePath ?? .null, recipient: isRecipient ? command.address : "")
    }

    private static let commandsTracedMax = 10

    // MARK: - Content

    package func dataStarting(declaredBytes: Int?) {
        connection?.answer(transaction.reserve(declaredBytes: declaredBytes) ?? SubmissionSession.contentExpected)
    }

    /// The content has grown to `bytes`; false where the gate has no room for it, and it is refused with 452 at its end.
    package func contentGrew(to bytes: Int) -> Bool { transaction.grew(to: bytes) }

    package func message(_ message: ReceivedMessage) {
        transaction.session.helloName = connection?.clientName ?? ""
        transaction.message(message, transfer: connection?.saysEHLO ?? true ? ReceivedTrace.Transfer.extended : []) { [weak self] outcome in
            switch outcome {
            case .kept(let id), .repeated(let id, _):
                self?.commandsTraced = 0
                self?.connection?.answer(SMTPReply(250, EnhancedStatusCode(2, 0, 0), "Kept as \(id)"))
            case .refused(let reply, _): self?.connection?.answer(reply)
            case .recipientsRefused: preconditionFailure("each recipient was answered before")
            }
        }
    }

    package func closed() {
        transaction.release()
        connection = nil
        guard isCounted else { return }
        isCounted = false
        let address = transaction.session.address
        let account = signedIn
        signedIn = nil
        port.decide { core, _ in
            core.connectionClosed(from: address)
            if let account { core.sessionEnded(as: account) }
        }
    }
}
