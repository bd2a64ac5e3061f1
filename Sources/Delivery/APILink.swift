package import DeliveryPlanning
import GateCore
import InternetMessage
import MailModel
package import OutboundPolicy

/// One message for a provider's API.
package struct APICall: Sendable {
    package var api: HopAPI
    /// Whose mailbox it leaves from.
    package var mailbox: String
    package var credential: HopPassword?
    package var routeName: String
    package var endpoint: Endpoint
    /// False on this machine's loopback only.
    package var isEncrypted: Bool
    package var content: [UInt8]

    package init(
        _ api: HopAPI, as mailbox: String, _ credential: HopPassword?, ofRoute routeName: String, at endpoint: Endpoint, isEncrypted: Bool,
        content: [UInt8]
    ) {
        self.api = api
        self.mailbox = mailbox
        self.credential = credential
        self.routeName = routeName
        self.endpoint = endpoint
        self.isEncrypted = isEncrypted
        self.content = content
    }
}

/// What stands for a connection where mail is handed on by calls of an API: one call at a time. Confined to its loop.
final class APILink {
    private let order: ConnectionOrder
    private let api: HopAPI
    private unowned let port: any DeliveryPort
    private var isClosed = false
    /// On the content of the attempt under way.
    private var notes: [Finding] = []

    init(_ order: ConnectionOrder, _ api: HopAPI, port: any DeliveryPort) {
        self.order = order
        self.api = api
        self.port = port
    }

    func close() { isClosed = true }

    func attempt(_ attempt: AttemptOrder) {
        notes = []
        port.content(of: attempt) { [weak self] result in
            guard let self, !self.isClosed else { return }
            switch result {
            case .success(let content):
                self.notes = content.notes
                self.prepare(attempt, content.octets)
            case .failure(let failure): self.ended(attempt, .failure(failure))
            }
        }
    }

    private func prepare(_ attempt: AttemptOrder, _ content: [UInt8]) {
        let (api, rewriting, recipients) = (api, attempt.rewriting, attempt.recipients.map(\.recipient.address))
        port.offLoop(
            { APILink.prepared(content, rewriting, recipients, api) },
            completion: { [weak self] result in
                guard let self, !self.isClosed else { return }
                switch result {
                case .failure(let failure): self.ended(attempt, .failure(failure))
                case .success(let content):
                    self.port.handOver(self.call(content)) { [weak self] result in
                        guard let self, !self.isClosed else { return }
                        self.ended(attempt, result)
                    }
                }
            })
    }

    private func call(_ content: [UInt8]) -> APICall {
        APICall(
            api, as: order.userName ?? "", order.password, ofRoute: order.routeName, at: order.endpoint, isEncrypted: order.tls != .none,
            content: content)
    }

    /// Unsigned: the provider makes a message of its own of it, and signs that.
    private static func prepared(
        _ content: [UInt8], _ rewriting: AddressRewriting?, _ recipients: [EmailAddress], _ api: HopAPI
    ) -> Result<[UInt8], DeliveryFailure> {
        var message = rewriting?.applied(to: content) ?? content
        guard case .success(let header) = HeaderSection.scan(message) else {
            return .failure(
                .local(
                    554, EnhancedStatusCode(5, 6, 0), "The header cannot be read, and the API has no envelope", scope: .message,
                    stage: .mail))
        }
        message = RecipientFields.settle(message, header: header, recipients: recipients)
        guard message.count <= api.messageBytesMax else {
            return .failure(
                .local(
                    552, EnhancedStatusCode(5, 3, 4), "The message has \(message.count) octets; \(api.host) takes \(api.messageBytesMax)",
                    scope: .message, stage: .mail))
        }
        return .success(message)
    }

    private func ended(_ attempt: AttemptOrder, _ result: Result<SMTPReply, DeliveryFailure>) {
        let one: RecipientResult =
            switch result {
            case .success(let reply): .delivered(reply)
            case .failure(let failure): .failed(failure)
            }
        var facts = ConnectionFacts(host: order.endpoint.hostName, address: order.endpoint.address, port: order.endpoint.port)
        facts.tlsVersion = order.tls == .none ? nil : "TLS"
        facts.tlsVerified = order.tls != .none
        port.happened(
            .attemptEnded(
                order.id, attempt.recipients.map { _ in one }, isReusable: true, reportsSuccessItself: false, facts: facts,
                notes: notes))
    }
}
