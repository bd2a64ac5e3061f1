import DequeModule
package import MailModel

/// What a person does with queued or held recipients. The raw value is what the audit log and the API say.
package enum QueueVerb: String, Hashable, Sendable, Codable {
    case hold, release, retry, cancel
}

// What people do with recipients that are in memory; those in the store are the store's to change.
extension DeliveryQueue {
    /// Cancels or holds what is in memory and matches. What is in flight ends first: it is cancelled or held only where the attempt fails
    /// for now. `release` takes back a hold that an attempt in flight has kept from being done; `retry` needs nothing here: what is in
    /// memory is being attempted. Returns how many recipients were reached.
    package mutating func acted(_ verb: QueueVerb, _ filter: QueueFilter, at now: Timestamp) -> (count: Int, actions: [QueueAction]) {
        let candidates = filter.message.map { [$0] } ?? messages.keys.sorted()
        switch verb {
        case .cancel, .hold: return filter.states.contains(.queued) ? stop(verb, filter, among: candidates, at: now) : (0, [])
        case .release: return (filter.states.contains(.held) ? takeBackHold(filter, among: candidates) : 0, [])
        case .retry: return (0, [])
        }
    }

    private mutating func stop(
        _ verb: QueueVerb, _ filter: QueueFilter, among candidates: [MessageID], at now: Timestamp
    ) -> (count: Int, actions: [QueueAction]) {
        var count = 0
        var actions: [QueueAction] = []
        for id in candidates {
            guard var message = messages[id], filter.matches(message.record) else { continue }
            var waiting: [Int32] = []
            for position in message.recipients.indices where filter.matches(message.recipients[position].record) {
                guard message.recipients[position].isInFlight else {
                    waiting.append(message.recipients[position].record.index)
                    continue
                }
                // A cancel is final: a later hold does not take it back. What was asked before does not count again.
                let pending = message.recipients[position].pendingVerb
                if pending != .cancel, pending != verb {
                    message.recipients[position].pendingVerb = verb
                    count += 1
                }
            }
            messages[id] = message
            count += waiting.count
            if !waiting.isEmpty { actions.append(settleAct(verb, message, waiting, at: now)) }
        }
        return (count, actions)
    }

    private mutating func takeBackHold(_ filter: QueueFilter, among candidates: [MessageID]) -> Int {
        var count = 0
        for id in candidates {
            guard var message = messages[id], filter.matches(message.record) else { continue }
            for position in message.recipients.indices
            where message.recipients[position].pendingVerb == .hold && filter.matches(message.recipients[position].record) {
                message.recipients[position].pendingVerb = nil
                count += 1
            }
            messages[id] = message
        }
        return count
    }

    mutating func settleAct(_ verb: QueueVerb, _ message: LeasedMessage, _ indices: [Int32], at now: Timestamp) -> QueueAction {
        let released = unlease(message.record.id, indices)
        let outcomes = released.map { recipient in
            Settlement.Outcome(
                index: recipient.record.index, oldState: .queued, newState: verb == .cancel ? .cancelled : .held,
                attempts: recipient.record.attempts, dueAt: now, isWarned: recipient.record.isWarned, reply: recipient.record.lastReply,
                stage: nil)
        }
        return settleAction(message, outcomes, owner: owner, reports: [], route: "", facts: ConnectionFacts(), at: now)
    }

    /// Returns everything that is not in flight to the store: a clean stop. Nothing begins afterwards, and what still comes in (a message
    /// whose acceptance was being committed, the answer to a claim) goes back as well.
    package mutating func stopped(at now: Timestamp) -> [QueueAction] {
        isStopped = true
        var actions = releaseProbes()
        for id in messages.keys.sorted() {
            let waiting = messages[id]?.recipients.filter { !$0.isInFlight }.map(\.record.index) ?? []
            actions += giveBack(id, waiting, dueAt: now)
        }
        forgetPlaces()
        // All of them, also those that went idle before the clock was set back.
        return actions + closeIdle(since: .distantFuture)
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
