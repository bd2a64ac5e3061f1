import DeliveryPlanning
import MailModel
import OutboundPolicy

// Which pool mail leaves from.
extension GateCore {
    /// The pool of a report, and when it may leave: by the high-risk pool, where it has a way there; else by the normal one, a few a minute.
    /// Within the organisation there are no pools.
    mutating func reportWay(
        to recipient: RecipientRecord, onlyRoute: String?, at now: Timestamp
    ) -> (pool: EgressPool, finding: Finding?, dueAt: Timestamp) {
        guard !recipient.isInternal else { return (.normal, nil, now) }
        let choice = PoolChoice.report
        if queue.hasWay(in: choice.pool, to: [recipient.recipient.address], from: .null, onlyRoute: onlyRoute) {
            return (choice.pool, choice.finding, now)
        }
        return (.normal, nil, reportPace.take(perMinute: settings.reportsPerMinute, at: now))
    }

    /// Holds a message whose pool has no way to its recipients; true where it does. What is passed on for others takes the normal pool then.
    func isHeldForPool(_ record: inout MessageRecord, _ recipients: inout [RecipientRecord]) -> Bool {
        guard record.pool != .normal else { return false }
        let addresses = recipients.map(\.recipient.address)
        guard !queue.hasWay(in: record.pool, to: addresses, from: record.reversePath, onlyRoute: record.onlyRoute) else { return false }
        if record.pool == .relay {
            record.fields.pool = .normal
            record.fields.findings.removeAll { $0.rule == PoolChoice.relayRule }
            return false
        }
        for index in recipients.indices { recipients[index].state = .held }
        record.fields.findings.append(PoolChoice.held(record.pool))
        return true
    }
}
