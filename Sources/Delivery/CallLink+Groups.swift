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

extension CallLink {
    /// To the groups of the gate itself. Nothing is signed: nothing leaves. The route takes one recipient at a time.
    static func toGroups(_ order: ConnectionOrder, port: any DeliveryPort) -> CallLink {
        let facts = ConnectionFacts(host: "groups", address: order.endpoint.address, port: order.endpoint.port)
        return CallLink(order.id, facts: facts, port: port) { [unowned port] _, attempt, content, done in
            guard let recipient = attempt.recipients.first else { return }
            port.distribute(ListPost(record: attempt.record, recipient: recipient.recipient, content: content), completion: done)
        }
    }
}
