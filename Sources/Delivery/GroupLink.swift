package import DeliveryPlanning
import GateCore
package import MailModel

/// A message that has come to a group which makes one of its own of it.
package struct ListPost: Sendable {
    package var record: MessageRecord
    package var recipient: EnvelopeRecipient
    package var content: [UInt8]

    package init(record: MessageRecord, recipient: EnvelopeRecipient, content: [UInt8]) {
        self.record = record
        self.recipient = recipient
        self.content = content
    }
}

/// What stands for a connection to the groups of the gate itself. Nothing is signed: nothing leaves. Confined to its loop.
final class GroupLink {
    private let order: ConnectionOrder
    private unowned let port: any DeliveryPort
    private var isClosed = false

    init(_ order: ConnectionOrder, port: any DeliveryPort) {
        self.order = order
        self.port = port
    }

    func close() { isClosed = true }

    func attempt(_ attempt: AttemptOrder) {
        if let content = attempt.content { return distribute(attempt, content) }
        port.content(of: attempt.record) { [weak self] content in
            guard let self, !self.isClosed else { return }
            if let content { return self.distribute(attempt, content) }
            let failure = DeliveryFailure.local(
                451, EnhancedStatusCode(4, 3, 0), "The message could not be read from the store", scope: .message, stage: .mail)
            self.ended(attempt, .failure(failure))
        }
    }

    /// The route takes one recipient at a time.
    private func distribute(_ attempt: AttemptOrder, _ content: [UInt8]) {
        guard let recipient = attempt.recipients.first else { return }
        port.distribute(ListPost(record: attempt.record, recipient: recipient.recipient, content: content)) { [weak self] result in
            guard let self, !self.isClosed else { return }
            self.ended(attempt, result)
        }
    }

    private func ended(_ attempt: AttemptOrder, _ result: Result<SMTPReply, DeliveryFailure>) {
        let one: RecipientResult =
            switch result {
            case .success(let reply): .delivered(reply)
            case .failure(let failure): .failed(failure)
            }
        port.happened(
            .attemptEnded(
                order.id, attempt.recipients.map { _ in one }, isReusable: true, reportsSuccessItself: false,
                facts: ConnectionFacts(host: "groups", address: order.endpoint.address, port: order.endpoint.port)))
    }
}
