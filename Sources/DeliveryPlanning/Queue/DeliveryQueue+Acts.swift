import DequeModule
package import MailModel

/// What a person does with queued or held recipients. The raw value is what the audit log and the API say.
package enum QueueVerb: String, Hashable, Sendable, Codable {
    case hold, release, retry, cancel
}

// What people do with recipients that are in memory; those in the store are the store's to change.
extension DeliveryQueue {
    /// Cancels or holds what is in memory and matches. What is in flight ends first: it is cancelled or held only where the attempt fails
    /// for now. `retry` and `release` need nothing here: what is in memory is being attempted. Returns how many recipients were reached.
    package mutating func acted(_ verb: QueueVerb, _ filter: QueueFilter, at now: Timestamp) -> (count: Int, actions: [QueueAction]) {
        guard verb == .cancel || verb == .hold, filter.states.contains(.queued) else { return (0, []) }
        let candidates = filter.message.map { [$0] } ?? Array(messages.keys)
        var count = 0
        var actions: [QueueAction] = []
        for id in candidates {
            guard var message = messages[id], filter.matches(message.record) else { continue }
            var waiting: [Int32] = []
            for position in message.recipients.indices where filter.matches(message.recipients[position].record) {
                count += 1
                if message.recipients[position].isInFlight {
                    message.recipients[position].pendingVerb = verb
                } else {
                    waiting.append(message.recipients[position].record.index)
                }
            }
            messages[id] = message
            if !waiting.isEmpty { actions.append(settleAct(verb, message, waiting, at: now)) }
        }
        return (count, actions)
    }

    private mutating func settleAct(_ verb: QueueVerb, _ message: LeasedMessage, _ indices: [Int32], at now: Timestamp) -> QueueAction {
        let released = unlease(message.record.id, indices)
        let outcomes = released.map { recipient in
            Settlement.Outcome(
                index: recipient.record.index, oldState: .queued, newState: verb == .cancel ? .cancelled : .held,
                attempts: recipient.record.attempts, dueAt: now, isWarned: recipient.record.isWarned, reply: recipient.record.lastReply,
                stage: nil)
        }
        return settleAction(message, outcomes, reports: [], route: "", facts: ConnectionFacts(), at: now)
    }

    /// Returns everything that is not in flight to the store: a clean stop.
    package mutating func stopped(at now: Timestamp) -> [QueueAction] {
        var actions: [QueueAction] = []
        for (id, message) in messages {
            actions += giveBack(id, message.recipients.filter { !$0.isInFlight }.map(\.record.index), dueAt: now)
        }
        resolving = resolving.mapValues { _ in [] }
        for key in sites.keys { sites[key]?.ready.removeAll() }
        return actions
    }
}

extension QueueFilter {
    package func matches(_ record: MessageRecord) -> Bool {
        (message.map { $0 == record.id } ?? true) && (sender.map { $0.lowercased() == record.sender.lowercased() } ?? true)
    }

    package func matches(_ recipient: RecipientRecord) -> Bool {
        (recipientIndex.map { $0 == recipient.index } ?? true) && (domain.map { recipient.recipient.address.domain == $0 } ?? true)
    }
}
