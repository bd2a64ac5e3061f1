package import DeliveryPlanning
package import GateCore
package import InternetMessage
package import MailModel
import OutboundPolicy
package import SMTPProtocol

/// One message on its way in, by whichever protocol: carries its facts to the gate's decision points from the envelope on, and has it
/// committed. Used again for the next message of the same session.
///
/// Confined to the event loop of its port. No decision is made here.
package final class SubmissionTransaction {
    private let port: any SubmissionPort
    private let settings: SubmissionOptions
    /// Who submits and from where, as the decisions see it.
    package var session: SessionFacts
    /// Bytes that the gate has granted for the content that is coming in.
    private var reservedBytes = 0

    package init(port: any SubmissionPort, settings: SubmissionOptions, session: SessionFacts) {
        self.port = port
        self.settings = settings
        self.session = session
    }

    // MARK: - Envelope

    /// Nil: the sender is accepted. Otherwise it is refused, and the trace has been told.
    package func sender(_ reversePath: ReversePath, _ parameters: MailParameters) -> SubmissionRefusal? {
        let session = session
        switch port.decide({ core, now in core.senderGiven(reversePath, parameters, session: session, at: now) }) {
        case .accept: return nil
        case .refuse(let reply, let findings):
            refused(reply, findings, reversePath: reversePath)
            return SubmissionRefusal(reply: reply, findings: findings)
        }
    }

    /// Nil: the recipient is taken. Otherwise it is refused, and the trace has been told.
    package func recipient(_ recipient: EnvelopeRecipient, of reversePath: ReversePath) -> SubmissionRefusal? {
        let session = session
        switch port.decide({ core, now in core.recipientGiven(recipient, session: session, at: now) }) {
        case .accept: return nil
        case .refuse(let reply, let findings):
            refused(reply, findings, reversePath: reversePath, recipient: recipient.address.description)
            return SubmissionRefusal(reply: reply, findings: findings)
        }
    }

    // MARK: - Content

    /// Asks for memory before any of the content is read. Nil: granted; it is given back by `message` or `release`.
    package func reserve(declaredBytes: Int?) -> SMTPReply? {
        let bytes = min(declaredBytes ?? SubmissionTransaction.undeclaredBytes, settings.messageBytesMax)
        if let reply = port.decide({ core, _ in core.contentReserved(bytes) }) { return reply }
        reservedBytes += bytes
        return nil
    }

    /// What a message is taken to be where the client does not say.
    private static let undeclaredBytes = 64 << 10

    /// The content has grown to `bytes`; false where the gate has no room for it.
    package func grew(to bytes: Int) -> Bool {
        guard bytes > reservedBytes else { return true }
        let more = max(bytes - reservedBytes, 1 << 20)
        guard port.decide({ core, _ in core.contentReserved(more) }) == nil else { return false }
        reservedBytes += more
        return true
    }

    /// Gives back what `reserve` and `grew` took; nothing where that was done.
    package func release() {
        guard reservedBytes > 0 else { return }
        let bytes = reservedBytes
        reservedBytes = 0
        port.decide { core, _ in core.contentReleased(bytes) }
    }

    /// The whole message. `transfer`: how it came, for its Received field; TLS, sign-in and UTF-8 are added. `completion` is called once,
    /// after the commit where it was accepted; the memory is given back by then. `notes`: what was done to it before it came here.
    package func message(
        _ message: ReceivedMessage, transfer: ReceivedTrace.Transfer, idempotency: IdempotencyMark? = nil,
        notes: [Finding] = [], completion: @escaping (SubmissionOutcome) -> Void
    ) {
        if let defect = message.defect {
            let finding = Finding(rule: defect.rule, matched: defect.matched, explanation: defect.reply.text)
            return completion(refuse(message, defect.reply, [finding]))
        }
        switch HeaderSection.scan(message.content) {
        case .failure(let defect):
            let reply = SMTPReply(550, EnhancedStatusCode(5, 6, 0), "Not accepted: \(defect)")
            completion(refuse(message, reply, [Finding(rule: defect.rule, matched: "", explanation: reply.text)]))
        case .success(let header):
            var arrival = Arrival(message: message, header: header, transfer: transfer, idempotency: idempotency)
            arrival.notes = notes
            checked(arrival) { self.scanned(self.rewritten($0)) { self.decide($0, completion) } }
        }
    }

    /// A campaign's copy, of which a reference is kept: it is written, scanned and signed when its attempt comes. `completion` is called once,
    /// after the commit where it was accepted.
    package func handOver(_ handed: HandedCopy, _ envelope: Envelope, completion: @escaping (SubmissionOutcome) -> Void) {
        let message = ReceivedMessage(
            reversePath: envelope.reversePath, parameters: envelope.parameters, recipients: envelope.recipients, content: handed.reference,
            defect: nil, has8Bit: false)
        var arrival = Arrival(message: message, header: .none, transfer: .http, idempotency: nil, handed: handed)
        arrival.facts = handed.facts
        decide(arrival, completion)
    }

    /// With what the checks of a message of others found, as they wrote it.
    private func checked(_ arrival: Arrival, _ then: @escaping (Arrival) -> Void) {
        let session = session
        let message = arrival.message
        guard case .connector? = session.principal,
            let relaying = port.decide({ core, _ in core.relaying(message.content, arrival.header, in: session) })
        else { return then(arrival) }
        let relayed = RelayedArrival(
            content: message.content, header: arrival.header, reversePath: message.reversePath, client: session.address,
            helloName: session.helloName, relaying: relaying)
        port.check(relayed) { finding, isProven in
            var arrival = arrival
            arrival.results = finding
            arrival.isUnproven = !isProven
            if isProven, let finding = relaying.rewritingFinding(of: message.reversePath) { arrival.notes.append(finding) }
            then(arrival)
        }
    }

    /// With the senders' addresses as the connector's administrator wants them.
    private func rewritten(_ arrival: Arrival) -> Arrival {
        let session = session
        guard case .connector(let name)? = session.principal, let rewriting = port.decide({ core, _ in core.rewriting(in: session) })
        else { return arrival }
        var arrival = arrival
        let from = arrival.header.first("from", in: arrival.message.content)?.text(in: arrival.message.content) ?? ""
        arrival.notes += [rewriting.finding(of: arrival.message.reversePath, from: from, by: "connector \(name)")].compactMap { $0 }
        arrival.message.reversePath = rewriting.applied(to: arrival.message.reversePath)
        let content = rewriting.applied(to: arrival.message.content)
        if case .success(let header) = HeaderSection.scan(content) {
            arrival.message.content = content
            arrival.header = header
        }
        return arrival
    }

    /// With what its facts are and what the scan said. What will be refused is not scanned.
    private func scanned(_ arrival: Arrival, _ then: @escaping (Arrival) -> Void) {
        let session = session
        let message = arrival.message
        var arrival = arrival
        arrival.facts = MessageFacts.read(message.content, header: arrival.header)
        guard port.scans,
            let subject = port.decide({ core, now in
                core.scanSubject(arrival.facts, envelope: arrival.envelope, session: session, at: now) { arrival.address(in: $0) }
            })
        else { return then(arrival) }
        let order = ScanOrder(
            content: message.content, reversePath: message.reversePath, recipients: message.recipients, subject: subject,
            from: arrival.facts.from.first, messageID: arrival.facts.messageID)
        port.scan(order) { outcome in
            arrival.scan = outcome
            then(arrival)
        }
    }

    /// A message whose header could be read.
    private struct Arrival {
        var message: ReceivedMessage
        var header: HeaderSection
        var facts = MessageFacts()
        /// Nil where nothing is scanned.
        var scan: ScanOutcome?
        var transfer: ReceivedTrace.Transfer
        var idempotency: IdempotencyMark?
        /// Of a campaign's copy, which has no content yet; nil for any other message.
        var handed: HandedCopy?
        var octets: Int { handed?.octets ?? message.content.count }
        /// What was done to it before it was looked at.
        var notes: [Finding] = []
        /// Of the checks of a message of others.
        var results: Finding?
        /// A message of others for which neither SPF nor DKIM passed.
        var isUnproven = false
        /// How many of its recipients the store found to be new to the sender; 0 before it was asked.
        var firstTime = 0
        /// Times that the store found it over a limit that the gate did not know to be reached.
        var excesses = 0

        var envelope: Envelope {
            Envelope(reversePath: message.reversePath, parameters: message.parameters, recipients: message.recipients)
        }

        /// In a field that a connector trusts.
        func address(in field: String) -> EmailAddress? {
            guard case .one(let text) = header.namedField(field, in: message.content),
                case .success(let addresses) = AddressList.parse(text)
            else { return nil }
            return addresses.first
        }
    }

    /// Other messages of the same sender may take what was free a moment ago, over and over.
    private static let excessesMax = 5

    private func decide(_ arrival: Arrival, _ completion: @escaping (SubmissionOutcome) -> Void) {
        let message = arrival.message
        let facts = arrival.facts
        let session = session
        let decision = port.decide { core, now in
            core.contentReceived(
                facts, envelope: arrival.envelope, bytes: arrival.octets, session: session, firstTime: arrival.firstTime,
                scan: arrival.scan, isUnproven: arrival.isUnproven, notes: arrival.notes + [arrival.results].compactMap { $0 }, at: now
            ) { arrival.address(in: $0) }
        }
        switch decision {
        case .refuse(let reply, let findings): completion(refuse(message, reply, findings, subject: facts.subject))
        case .accept(let order): store(order, arrival, facts, completion)
        }
    }

    private func store(
        _ order: AcceptanceOrder, _ arrival: Arrival, _ facts: MessageFacts, _ completion: @escaping (SubmissionOutcome) -> Void
    ) {
        var order = order
        if !facts.hasMessageID { order.record.fields.headerMessageID = "\(order.record.id)@\(settings.hostName)" }
        let content =
            arrival.handed != nil
            ? arrival.message.content
            : SubmissionEdits.apply(
                to: arrival.message.content, header: arrival.header, received: receivedField(order, arrival),
                date: facts.hasDate ? nil : order.record.receivedAt, messageID: facts.hasMessageID ? nil : order.record.headerMessageID,
                results: arrival.results?.explanation)
        order.record.fields.sizeBytes = arrival.handed?.octets ?? content.count
        let id = order.record.id
        let message = NewMessage(
            record: order.record, recipients: order.recipients, content: content, lease: order.lease, idempotency: arrival.idempotency,
            claims: order.claims, copy: arrival.handed?.copy)
        port.accept(message) { [self] answer in
            if case .exceeded(let firstTime) = answer { return overLimit(arrival, firstTime: firstTime, completion) }
            release()
            switch answer {
            case .stored: completion(.kept(id))
            case .repeated(let first, let isSameRequest): completion(.repeated(first, isSameRequest: isSameRequest))
            case .failed(let reply): completion(.refused(reply, []))
            case .exceeded: preconditionFailure("decided again before")
            }
        }
    }

    /// Decides again, with what the store has told.
    private func overLimit(_ arrival: Arrival, firstTime: Int, _ completion: @escaping (SubmissionOutcome) -> Void) {
        var arrival = arrival
        arrival.firstTime = firstTime
        arrival.excesses += 1
        if arrival.excesses <= SubmissionTransaction.excessesMax { return decide(arrival, completion) }
        let reply = SMTPReply(
            451, EnhancedStatusCode(4, 7, 1), "Too many messages of this sender at the same moment; try again in a minute")
        completion(refuse(arrival.message, reply, [Finding(rule: "limit.contended", matched: "", explanation: reply.text)]))
    }

    private func receivedField(_ order: AcceptanceOrder, _ arrival: Arrival) -> ReceivedTrace {
        let message = arrival.message
        return ReceivedTrace(
            clientName: session.helloName, clientAddress: session.address, host: settings.hostName,
            transfer: transfer(arrival.transfer, message), tlsVersion: session.tlsVersion, id: order.record.id,
            recipient: message.recipients.count == 1 ? message.recipients[0].address : nil, at: order.record.receivedAt)
    }

    private func transfer(_ transfer: ReceivedTrace.Transfer, _ message: ReceivedMessage) -> ReceivedTrace.Transfer {
        var transfer = transfer
        if session.isEncrypted { transfer.insert(.tls) }
        if case .account? = session.principal { transfer.insert(.authenticated) }
        if message.parameters.isInternationalized { transfer.insert(.internationalized) }
        return transfer
    }

    // MARK: - Refusals

    private func refuse(_ message: ReceivedMessage, _ reply: SMTPReply, _ findings: [Finding], subject: String = "") -> SubmissionOutcome {
        release()
        for recipient in message.recipients.prefix(SubmissionTransaction.tracedRecipientsMax) {
            refused(
                reply, findings, reversePath: message.reversePath, recipient: recipient.address.description, subject: subject)
        }
        return .refused(reply, findings)
    }

    /// A refused message leaves a line of trace for each of its first recipients; more would let refusals cost more than mail.
    private static let tracedRecipientsMax = 10

    /// Leaves a refusal in the trace. `recipient`: empty where it did not come to one.
    package func refused(
        _ reply: SMTPReply, _ findings: [Finding], reversePath: ReversePath, recipient: String = "", subject: String = ""
    ) {
        let session = session
        let refusal = port.decide { core, now in
            Refusal(
                tenant: session.principal.flatMap { core.submitter($0)?.tenant } ?? .standard, id: core.nextIdentifier(at: now), at: now,
                principal: session.principal?.description ?? "", reversePath: reversePath.description, recipient: recipient,
                subject: subject, clientAddress: session.address, reply: reply, findings: findings)
        }
        port.refused(refusal)
    }
}

/// Why a sender or a recipient was not taken.
package struct SubmissionRefusal: Hashable, Sendable {
    package var reply: SMTPReply
    package var findings: [Finding]
}

/// A campaign's copy on its way to the queue.
package struct HandedCopy: Sendable {
    package var copy: CampaignCopy
    /// `CopyReference.octets`.
    package var reference: [UInt8]
    /// Of the message that it will be.
    package var facts: MessageFacts
    /// What that will have, more or less.
    package var octets: Int

    package init(copy: CampaignCopy, reference: [UInt8], facts: MessageFacts, octets: Int) {
        self.copy = copy
        self.reference = reference
        self.facts = facts
        self.octets = octets
    }
}

/// What became of a message.
package enum SubmissionOutcome: Sendable {
    /// It is on disk.
    case kept(MessageID)
    /// Nothing was kept: a request with the same idempotency key was, as this message. `isSameRequest`: whether it was the same one.
    case repeated(MessageID, isSameRequest: Bool)
    case refused(SMTPReply, [Finding])
    /// Nothing was kept, since these of its recipients do not exist. Not by SMTP, where each is answered by itself.
    case recipientsRefused([RefusedRecipient])

    package struct RefusedRecipient: Hashable, Sendable {
        package var address: EmailAddress
        package var refusal: SubmissionRefusal

        package init(address: EmailAddress, refusal: SubmissionRefusal) {
            self.address = address
            self.refusal = refusal
        }
    }
}
