import DeliveryPlanning
import GateCore
import MailModel
import ProviderTwin

// The connections to the receivers' own hosts.
extension SimulatedGate {
    /// Of the gate, as receivers see it.
    static let ownAddress: IPAddress = {
        guard let address = IPAddress("192.0.2.1") else { preconditionFailure("an address") }
        return address
    }()

    /// Each provider has one host; what is nobody's is the plain receiver's.
    mutating func find(_ domain: DomainName, port: Int, _ target: ResolveTarget) {
        guard case .receivers(let known, _, _) = plan.target else { return }
        let provider = known[domain] ?? .postfix
        let place = ReceiverProvider.allCases.firstIndex(of: provider) ?? 0
        let endpoint = Endpoint(hostName: provider.mailHost, address: .v4(0xC633_6401 + UInt32(place)), port: port)
        event(.resolved(target, .endpoints([endpoint], site: provider.mailHost)))
    }

    mutating func connectDirectly(_ order: ConnectionOrder) {
        guard let provider = ReceiverProvider.allCases.first(where: { $0.mailHost == order.endpoint.hostName }) else {
            report.problems.append("a connection to \(order.endpoint.hostName), which is nobody's")
            return
        }
        if let refusal = receivers[provider]?.opened(from: SimulatedGate.ownAddress) {
            heard(refusal)
            return event(.connectionFailed(order.id, .peer(refusal, scope: .host, stage: .greeting)))
        }
        providers[order.id] = provider
        event(.connectionReady(order.id))
    }

    mutating func deliver(_ order: AttemptOrder, to provider: ReceiverProvider, _ ids: [RecipientID]) {
        // Always in its place: a copy of what it remembers would be a large one.
        let replies = order.recipients.compactMap {
            receivers[provider]?.recipient(
                $0.recipient.address, reversePath: order.record.reversePath, from: SimulatedGate.ownAddress, at: now)
        }
        for reply in replies where !reply.isPositive { heard(reply) }
        var facts = ExchangeContentFacts()
        facts.from = order.record.reversePath.address
        facts.subject = order.record.subject
        let taken = zip(order.recipients, replies).filter { $0.1.isPositive }.map(\.0.recipient.address)
        var last: SMTPReply?
        if !taken.isEmpty {
            last = receivers[provider]?.submitted(facts, recipients: taken, from: SimulatedGate.ownAddress, at: now).reply
            if let last { heard(last) }
        }
        let results = zip(ids, replies).map { id, reply -> RecipientResult in
            guard reply.isPositive, let last else { return .failed(.peer(reply, scope: .recipient, stage: .recipient)) }
            guard last.isPositive else { return .failed(.peer(last, scope: .message, stage: .dot)) }
            store.arrived(id)
            return .delivered(last)
        }
        ended(order, results)
    }
}
