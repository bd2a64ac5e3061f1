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
    /// On the content of the attempt under way.
    private var notes: [Finding] = []

    init(_ order: ConnectionOrder, port: any DeliveryPort) {
        self.order = order
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
                self.distribute(attempt, content.octets)
            case .failure(let failure): self.ended(attempt, .failure(failure))
            }
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
                facts: ConnectionFacts(host: "groups", address: order.endpoint.address, port: order.endpoint.port), notes: notes))
    }
}
