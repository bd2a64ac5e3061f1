import DeliveryPlanning
import GateCore
import MailAuthentication
import MailModel
import NIOCore
import OutboundPolicy
import SMTPProtocol
import SMTPTransport

/// One connection to a next host, between the queue's orders and the SMTP client. Confined to its loop.
final class DeliveryLink: SMTPClientOwner {
    private let connectionOrder: ConnectionOrder
    private unowned let port: any DeliveryPort
    private let forget: (DeliveryLink) -> Void
    /// Called in place of reporting a refused sign-in, where another try is worth it.
    var whenSignInIsRefused: (() -> Void)?
    private var connection: SMTPClientConnection?
    private var capabilities = SMTPCapabilities()
    /// The attempt that is being prepared or made.
    private var order: AttemptOrder?
    private var bulk = BulkMarks()
    /// On the content of `order`.
    private var notes: [Finding] = []
    /// True where the next host's reports come to us.
    private var takesReports = false
    private var isReady = false
    private var hasFailed = false
    private var isClosing = false

    private var id: ConnectionID { connectionOrder.id }

    init(_ order: ConnectionOrder, port: any DeliveryPort, forget: @escaping (DeliveryLink) -> Void) {
        connectionOrder = order
        self.port = port
        self.forget = forget
    }

    func open(_ settings: SMTPClientConnectionSettings, on eventLoop: any EventLoop) {
        connection = SMTPClientConnection.connect(settings, on: eventLoop, owner: self)
    }

    // MARK: - Orders

    func attempt(_ order: AttemptOrder, _ bulk: BulkMarks = BulkMarks()) {
        self.order = order
        self.bulk = bulk
        // Kept since before the host showed good TLS on another connection.
        if isPlaintextByChance, port.remembersTLS(of: connectionOrder.endpoint.hostName) == true { return refuseAttempt() }
        notes = []
        port.content(of: order) { [weak self] result in
            guard let self, self.order != nil else { return }
            switch result {
            case .success(let content):
                self.notes = content.notes
                self.prepare(order, content.octets)
            case .failure(let failure): self.ended(.failed(failure))
            }
        }
    }

    private func prepare(_ order: AttemptOrder, _ stored: [UInt8]) {
        let rewritten = order.rewriting?.applied(to: stored) ?? stored
        let leaving: [UInt8]
        do {
            leaving = try bulk.leavingField(order)
        } catch {
            return ended(.failed(DeliveryLink.unmarked("\(error)")))
        }
        let field = leaving + bulk.field(order.record, rewritten)
        let content = field.isEmpty ? rewritten : field + rewritten
        let preparation = MessagePreparation(
            content: content, isEightBit: order.record.body == .eightBit, takesEightBit: capabilities.eightBitMIME,
            seal: seal(of: order.record), at: port.now)
        let signers = port.signs ? signers(for: preparation.signingDomain, order.record) : []
        guard !signers.isEmpty || preparation.needsConversion || preparation.seal != nil else {
            begin(order, content)
            return
        }
        port.offLoop(
            { preparation.prepared(signers: signers) },
            completion: { [weak self] result in
                guard let self, self.order != nil else { return }
                switch result {
                case .success(let content): self.begin(order, content)
                case .failure(let failure): self.ended(.failed(failure))
                }
            })
    }

    /// A list signs what it sends on of authors for whom nobody else here does.
    private func signers(for domain: DomainName?, _ record: MessageRecord) -> [DKIMSigner] {
        let own = domain.map(port.signers(for:)) ?? []
        guard own.isEmpty, let list = record.discussionList?.domain else { return own }
        return port.signers(for: list)
    }

    private static func unmarked(_ error: String) -> DeliveryFailure {
        .local(451, EnhancedStatusCode(4, 3, 0), "The return path could not be made: \(error)", scope: .message, stage: .mail)
    }

    /// Nil for mail of our own, and where the key was taken away since it came in.
    private func seal(of record: MessageRecord) -> MessagePreparation.Seal? {
        guard let results = record.findings.lazy.compactMap({ ArrivalResults($0) }).first else { return nil }
        // Few verifiers of chains know any other kind of key.
        let signers = port.signers(for: results.sealer)
        return signers.first { $0.key.algorithm == .rsaSHA256 }.map {
            MessagePreparation.Seal(results: results, signer: $0, host: port.hostName)
        }
    }

    private func begin(_ order: AttemptOrder, _ content: [UInt8]) {
        guard let connection, connection.isReady else {
            ended(.failed(DeliveryLink.lost))
            return
        }
        var parameters = MailParameters()
        parameters.body = order.record.body == .eightBit && capabilities.eightBitMIME ? .eightBit : nil
        parameters.isInternationalized = order.record.isInternationalized
        parameters.dsnReturn = order.record.dsnReturn
        parameters.envelopeID = order.record.envelopeID
        // The receiver inside is as good as the disk: it is asked for nothing.
        parameters.requiresTLS = order.record.tlsWish == .verified && connectionOrder.endpoint.tls != nil
        var transaction = ClientTransaction(
            reversePath: order.reversePath, parameters: parameters, recipients: order.recipients.map(\.recipient), content: content)
        takesReports = false
        do {
            if let own = try bulk.envelope(order) {
                transaction.reversePath = own.reversePath
                transaction.recipients = [own.recipient]
                transaction.parameters.dsnReturn = own.dsnReturn
                takesReports = true
            } else if let path = try bulk.rewrittenPath(order, day: port.now.day) {
                transaction.reversePath = path
            }
        } catch {
            return ended(.failed(DeliveryLink.unmarked("\(error)")))
        }
        connection.begin(transaction)
    }

    func close() {
        isClosing = true
        connection?.quit()
    }

    func abort() {
        isClosing = true
        connection?.abort()
    }

    /// Nothing was sent: the connection stays as it is.
    private func ended(_ result: RecipientResult) {
        finish(order.map { $0.recipients.map { _ in result } } ?? [], isReusable: connection?.isReady ?? false)
    }

    private func finish(_ results: [RecipientResult], isReusable: Bool) {
        guard order != nil else { return }
        order = nil
        port.happened(
            .attemptEnded(
                id, results, isReusable: isReusable && !isClosing, reportsSuccessItself: capabilities.dsn && !takesReports,
                facts: connection?.facts ?? ConnectionFacts(), notes: notes))
    }

    private static let lost = DeliveryFailure.local(
        451, EnhancedStatusCode(4, 4, 2), "The connection was closed before the message began", scope: .host, stage: .mail)

    // MARK: - The connection

    func ready(_ connection: SMTPClientConnection, _ capabilities: SMTPCapabilities) {
        self.capabilities = capabilities
        noteTLS(connection)
        let host = connectionOrder.endpoint.hostName
        if connectionOrder.endpoint.tls?.isAllTheWay == true, !capabilities.requireTLS { return refuse(.lacksRequireTLS(host)) }
        guard isPlaintextByChance else { return admit() }
        if let isRemembered = port.remembersTLS(of: host) { return admit(unless: isRemembered) }
        port.askForTLS(of: host) { [weak self] isRemembered in
            guard let self, self.connection != nil, !self.hasFailed, !self.isClosing else { return }
            self.admit(unless: isRemembered)
        }
    }

    private func admit() {
        isReady = true
        port.happened(.connectionReady(id))
    }

    // MARK: - Plaintext

    /// True where nothing forbids plaintext but what the host has shown before.
    private var isPlaintextByChance: Bool {
        connectionOrder.domain != nil && connectionOrder.endpoint.mayBePlaintext && connection?.facts.tlsVersion == nil
    }

    /// `isRemembered`: nil where that cannot be told.
    private func admit(unless isRemembered: Bool?) {
        isRemembered == false ? admit() : refuse(lostTLS(isRemembered))
    }

    private func lostTLS(_ isRemembered: Bool?) -> DeliveryFailure {
        let host = connectionOrder.endpoint.hostName
        if isRemembered == true { port.happened(.tlsRemembered(host: host)) }
        return .plaintext(to: host, isRemembered: isRemembered, fault: connectionOrder.failedTLS)
    }

    /// Before the first transaction: another host may do.
    private func refuse(_ failure: DeliveryFailure) {
        isClosing = true
        connection?.quit()
        port.happened(.connectionFailed(id, failure))
    }

    private func refuseAttempt() {
        let failure = lostTLS(true)
        isClosing = true
        finish(order.map { $0.recipients.map { _ in .failed(failure) } } ?? [], isReusable: false)
        connection?.quit()
    }

    func finished(_ connection: SMTPClientConnection, _ results: [RecipientResult], isReusable: Bool) {
        finish(results, isReusable: isReusable)
    }

    func failed(_ connection: SMTPClientConnection, _ failure: DeliveryFailure) {
        hasFailed = true
        guard !isClosing else { return }
        if failure.stage == .startTLS { noteTLS(connection) }
        if let retry = whenSignInIsRefused, failure.stage == .auth, !failure.isLocal, failure.reply.code == 535 {
            return retry()
        }
        port.happened(isReady ? .connectionClosed(id) : .connectionFailed(id, failure))
    }

    private func noteTLS(_ connection: SMTPClientConnection) {
        guard connectionOrder.failedTLS == nil, let domain = connectionOrder.domain, let detail = connection.facts.tls else { return }
        let endpoint = connectionOrder.endpoint
        var observation = TLSObservation(
            domain: domain, host: endpoint.hostName, address: endpoint.address,
            sourceAddress: connectionOrder.source.localAddress(for: endpoint.address), version: connection.facts.tlsVersion,
            detail: detail)
        observation.records = endpoint.tls?.records ?? []
        port.saw(observation)
    }

    func closed(_ connection: SMTPClientConnection) {
        forget(self)
        if order != nil {
            ended(.failed(DeliveryLink.lost))
        } else if !isClosing, !hasFailed {
            port.happened(isReady ? .connectionClosed(id) : .connectionFailed(id, DeliveryLink.lost))
        }
        self.connection = nil
    }
}
