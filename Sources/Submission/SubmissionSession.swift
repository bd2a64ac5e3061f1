import GateCore
import DeliveryPlanning
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
    private let settings: SubmissionOptions
    private var connection: SMTPServerConnection?
    private var facts = SessionFacts(principal: nil, address: nil, helloName: "", isEncrypted: false, tlsVersion: nil)
    private var isCounted = false
    /// Bytes that the gate has granted for the content that is coming in.
    private var reservedBytes = 0

    package init(port: any SubmissionPort, settings: SubmissionOptions) {
        self.port = port
        self.settings = settings
    }

    // MARK: - Connection and sign-in

    package func opened(_ connection: SMTPServerConnection) {
        self.connection = connection
        facts.address = connection.remoteAddress
        if let reply = port.decide({ core, _ in core.connectionOpened(from: facts.address) }) {
            connection.refuse(reply)
            return
        }
        isCounted = true
        recognise(certificateFingerprint: nil)
        connection.accept()
    }

    package func secured(_ connection: SMTPServerConnection, tls: TLSFacts) {
        facts.isEncrypted = true
        facts.tlsVersion = tls.version
        recognise(certificateFingerprint: tls.peerFingerprint.map(hexadecimal))
    }

    private func recognise(certificateFingerprint: String?) {
        let submitter = port.decide { core, _ in core.connector(address: facts.address, certificateFingerprint: certificateFingerprint) }
        facts.principal = submitter?.principal
    }

    package func signIn(_ request: SignIn) {
        let address = facts.address
        switch port.decide({ core, now in core.signInBegan(name: request.name, from: address, at: now) }) {
        case .refuse(let reply): connection?.answerSignIn(reply)
        case .check(let account):
            port.check(request.password, of: account) { [weak self] isRight in
                guard let isRight else {
                    self?.connection?.answerSignIn(SMTPReply(454, EnhancedStatusCode(4, 7, 0), "Too many sign-ins at this moment; try again"))
                    return
                }
                self?.signInChecked(request.name, account: account, isRight: isRight)
            }
        }
    }

    private func signInChecked(_ name: String, account: Account?, isRight: Bool) {
        let address = facts.address
        if let account, isRight {
            facts.principal = .account(account.address)
            port.decide { core, now in core.signInSucceeded(name: name, from: address, at: now) }
            connection?.answerSignIn(SMTPReply(235, EnhancedStatusCode(2, 7, 0), "Signed in as \(account.address)"))
            return
        }
        let wait = port.decide { core, now in core.signInFailed(name: name, from: address, at: now) }
        let reply = SMTPReply(
            535, EnhancedStatusCode(5, 7, 8), "The name or the password is wrong, or the account is disabled; check both with your administrator")
        port.refused(refusal(reply, rule: "sign-in.failed", matched: name, recipient: ""))
        guard let connection else { return }
        connection.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(wait.milliseconds)) { [weak self] in
            self?.connection?.answerSignIn(reply)
        }
    }

    // MARK: - Envelope

    package func mail(_ reversePath: ReversePath, _ parameters: MailParameters) {
        let facts = facts
        switch port.decide({ core, now in core.senderGiven(reversePath, parameters, session: facts, at: now) }) {
        case .accept: connection?.answer(SMTPReply(250, EnhancedStatusCode(2, 1, 0), "Sender OK"))
        case .refuse(let reply, let findings):
            port.refused(refusal(reply, findings, reversePath: reversePath, recipient: ""))
            connection?.answer(reply)
        }
    }

    package func recipient(_ recipient: EnvelopeRecipient) {
        connection?.answer(SMTPReply(250, EnhancedStatusCode(2, 1, 5), "Recipient OK"))
    }

    // MARK: - Content

    package func dataStarting(declaredBytes: Int?) {
        let bytes = min(declaredBytes ?? SubmissionSession.undeclaredBytes, settings.messageBytesMax)
        if let reply = port.decide({ core, _ in core.contentReserved(bytes) }) {
            connection?.answer(reply)
            return
        }
        reservedBytes = bytes
        connection?.answer(SMTPReply(354, nil, "Go ahead, end with a dot on a line of its own"))
    }

    /// What a message is taken to be where the client does not say.
    private static let undeclaredBytes = 64 << 10

    /// The content has grown to `bytes`; false where the gate has no room for it, and it is refused with 452 at its end.
    package func contentGrew(to bytes: Int) -> Bool {
        guard bytes > reservedBytes else { return true }
        let more = max(bytes - reservedBytes, 1 << 20)
        guard port.decide({ core, _ in core.contentReserved(more) }) == nil else { return false }
        reservedBytes += more
        return true
    }

    package func message(_ message: ReceivedMessage) {
        if let defect = message.defect {
            refuse(message, defect.reply, [Finding(rule: defect.rule, matched: defect.matched, explanation: defect.reply.text)])
            return
        }
        facts.helloName = connection?.clientName ?? ""
        switch HeaderSection.scan(message.content) {
        case .failure(let defect):
            let reply = SMTPReply(550, EnhancedStatusCode(5, 6, 0), "Not accepted: \(defect)")
            refuse(message, reply, [Finding(rule: defect.rule, matched: "", explanation: reply.text)])
        case .success(let header): decide(message, header)
        }
    }

    private func decide(_ message: ReceivedMessage, _ header: HeaderSection) {
        let messageFacts = MessageFacts.read(message.content, header: header)
        let envelope = Envelope(reversePath: message.reversePath, parameters: message.parameters, recipients: message.recipients)
        let session = facts
        let decision = port.decide { core, now in
            core.contentReceived(messageFacts, envelope: envelope, bytes: message.content.count, session: session, at: now) { field in
                guard case .one(let text) = header.namedField(field, in: message.content),
                    case .success(let addresses) = AddressList.parse(text)
                else { return nil }
                return addresses.first
            }
        }
        switch decision {
        case .refuse(let reply, let findings): refuse(message, reply, findings, subject: messageFacts.subject)
        case .accept(let order): store(order, message, header, messageFacts)
        }
    }

    private func store(_ order: AcceptanceOrder, _ message: ReceivedMessage, _ header: HeaderSection, _ messageFacts: MessageFacts) {
        var order = order
        if !messageFacts.hasMessageID { order.record.headerMessageID = "\(order.record.id)@\(settings.hostName)" }
        let content = SubmissionEdits.apply(
            to: message.content, header: header, received: receivedField(order, message),
            date: messageFacts.hasDate ? nil : order.record.receivedAt,
            messageID: messageFacts.hasMessageID ? nil : order.record.headerMessageID)
        order.record.sizeBytes = content.count
        let id = order.record.id
        port.accept(NewMessage(record: order.record, recipients: order.recipients, content: content, lease: order.lease)) { [weak self] failure in
            self?.releaseContent()
            self?.connection?.answer(failure ?? SMTPReply(250, EnhancedStatusCode(2, 0, 0), "Kept as \(id)"))
        }
    }

    private func receivedField(_ order: AcceptanceOrder, _ message: ReceivedMessage) -> ReceivedTrace {
        ReceivedTrace(
            clientName: facts.helloName, clientAddress: facts.address, host: settings.hostName, transfer: transfer(message), tlsVersion: facts.tlsVersion, id: order.record.id,
            recipient: message.recipients.count == 1 ? message.recipients[0].address : nil, at: order.record.receivedAt)
    }

    private func transfer(_ message: ReceivedMessage) -> ReceivedTrace.Transfer {
        var transfer = ReceivedTrace.Transfer(rawValue: 0)
        if connection?.saysEHLO ?? true { transfer.insert(.extended) }
        if facts.isEncrypted { transfer.insert(.tls) }
        if case .account? = facts.principal { transfer.insert(.authenticated) }
        if message.parameters.isInternationalized { transfer.insert(.internationalized) }
        return transfer
    }

    private func refuse(_ message: ReceivedMessage, _ reply: SMTPReply, _ findings: [Finding], subject: String = "") {
        releaseContent()
        for recipient in message.recipients.prefix(SubmissionSession.tracedRecipientsMax) {
            port.refused(
                refusal(reply, findings, reversePath: message.reversePath, recipient: recipient.address.description, subject: subject))
        }
        connection?.answer(reply)
    }

    /// A refused message leaves a line of trace for each of its first recipients; more would let refusals cost more than mail.
    private static let tracedRecipientsMax = 10

    private func refusal(_ reply: SMTPReply, rule: String, matched: String, recipient: String) -> Refusal {
        refusal(reply, [Finding(rule: rule, matched: matched, explanation: reply.text)], reversePath: .null, recipient: recipient)
    }

    private func refusal(
        _ reply: SMTPReply, _ findings: [Finding], reversePath: ReversePath, recipient: String, subject: String = ""
    ) -> Refusal {
        let principal = facts.principal
        return port.decide { core, now in
            Refusal(
                tenant: principal.flatMap { core.submitter($0)?.tenant } ?? .standard, id: core.nextIdentifier(at: now), at: now,
                principal: principal?.description ?? "", reversePath: reversePath.description, recipient: recipient, subject: subject,
                clientAddress: facts.address, reply: reply, findings: findings)
        }
    }

    private func releaseContent() {
        guard reservedBytes > 0 else { return }
        let bytes = reservedBytes
        reservedBytes = 0
        port.decide { core, _ in core.contentReleased(bytes) }
    }

    package func closed() {
        releaseContent()
        connection = nil
        guard isCounted else { return }
        isCounted = false
        let address = facts.address
        port.decide { core, _ in core.connectionClosed(from: address) }
    }
}

private func hexadecimal(_ octets: [UInt8]) -> String {
    octets.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
}
