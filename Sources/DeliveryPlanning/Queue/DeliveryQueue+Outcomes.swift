import DequeModule
package import MailModel
import OutboundPolicy

// What becomes of recipients: delivered, deferred, bounced, expired; and which reports that calls for.
extension DeliveryQueue {
    /// An attempt ended. `results`: one for each recipient of the order, in its order. `reportsSuccessItself`: the receiver took over the
    /// duty to report success (it offered DSN). `notes`: on what was attempted, for the trace. The connection
    /// serves the next entry where `isReusable`.
    package mutating func attemptEnded(
        _ id: ConnectionID, results: [RecipientResult], isReusable: Bool, reportsSuccessItself: Bool, facts: ConnectionFacts,
        notes: [Finding] = [], at now: Timestamp, using random: inout some RandomNumberGenerator
    ) -> [QueueAction] {
        guard let connection = connections[id], case .busy(let entry) = connection.phase else { return [] }
        precondition(results.count == entry.indices.count, "one result for each recipient")
        var results = results
        var actions = heard(results, route: connection.site.route, host: facts.host, at: now)
        actions += heardByRules(&results, entry, connection, facts, at: now)
        if connection.messagesBegun > 1, entry.restarts < 2, results.allSatisfy({ $0.isLostConnection }), isHeld(entry) {
            // A kept connection that the other side had given up says nothing about the message: it goes again, first in line.
            actions += restart(entry, site: connection.site, at: now)
        } else {
            var outcomes: [(Int32, RecipientResult)] = []
            for (index, result) in zip(entry.indices, results) { outcomes.append((index, result)) }
            actions += settle(
                entry.message, outcomes, route: connection.site.route, source: sites[connection.site]?.source.name ?? "", facts: facts,
                notes: rewritten(entry.message, by: sites[connection.site]?.route.value) + notes,
                reportsSuccessItself: reportsSuccessItself, at: now, using: &random)
        }
        if isReusable {
            actions += makeIdle(id, at: now)
        } else {
            forget(id)
            actions += afterClosing(connection, at: now)
        }
        return actions
    }

    /// What a route made of the sender's addresses.
    private func rewritten(_ id: MessageID, by route: Route?) -> [Finding] {
        guard let route, let rewriting = route.rewriting, let record = messages[id]?.record else { return [] }
        return [rewriting.finding(of: record.reversePath, from: record.headerFrom, by: "route \(route.baseName)")].compactMap { $0 }
    }

    /// Whether this run holds all of an entry's recipients: what was begun by a former one is not begun again.
    private func isHeld(_ entry: Entry) -> Bool {
        guard let message = messages[entry.message] else { return false }
        return message.recipients.allSatisfy { !entry.indices.contains($0.record.index) || $0.owner == owner }
    }

    /// What a person cancelled or held meanwhile does not begin again; after a stop nothing does.
    private mutating func restart(_ entry: Entry, site key: SiteKey, at now: Timestamp) -> [QueueAction] {
        guard var message = messages[entry.message] else { return [] }
        var pending: [QueueVerb: [Int32]] = [:]
        for index in entry.indices {
            guard let position = message.position(of: index) else { continue }
            message.recipients[position].isInFlight = false
            if let verb = message.recipients[position].pendingVerb { pending[verb, default: []].append(index) }
        }
        messages[entry.message] = message
        var actions: [QueueAction] = []
        for verb in [QueueVerb.cancel, .hold] {
            if let indices = pending[verb] { actions.append(settleAct(verb, message, indices, at: now)) }
        }
        let waiting = waitingIndices(of: entry)
        if isStopped { return actions + giveBack(entry.message, waiting, dueAt: now) }
        if let source = sites[key]?.source, !sources.has(source) {
            return actions + plan(entry.message, waiting, lane: Lane(0), at: now)
        }
        if !waiting.isEmpty {
            var again = entry
            again.indices = waiting
            again.restarts += 1
            sites[key]?.ready.prepend(again)
        }
        return actions
    }

    /// Recipients that wait fail without an attempt: no route, no host, no answer from DNS. Their next try has no jitter: there is no
    /// random generator at hand, and the failure did not come from a receiver that would see them all return at once.
    mutating func failWaiting(
        _ id: MessageID, _ indices: [Int32], _ failure: DeliveryFailure, route: String, source: String = "", waitsFor: Int32 = 0,
        facts: ConnectionFacts = ConnectionFacts(), at now: Timestamp
    ) -> [QueueAction] {
        var fixed = FixedGenerator()
        let actions = settle(
            id, indices.map { ($0, .failed(failure)) }, route: route, source: source, facts: facts, reportsSuccessItself: true,
            at: now, using: &fixed)
        return waitsFor == 0 ? actions : actions.map { $0.waiting(for: waitsFor) }
    }

    private mutating func settle(
        _ id: MessageID, _ results: [(Int32, RecipientResult)], route: String, source: String, facts: ConnectionFacts,
        notes: [Finding] = [], reportsSuccessItself: Bool, at now: Timestamp, using random: inout some RandomNumberGenerator
    ) -> [QueueAction] {
        guard !results.isEmpty, let message = messages[id] else { return [] }
        let probed = upstream.probes.isEmpty ? [] : concludeProbe(id, results, route: route, host: facts.host, at: now)
        let released = unlease(id, results.map(\.0))
        func order(_ recipients: [LeasedRecipient], _ owner: Int64) -> QueueAction {
            settle(
                message, recipients, results, owner: owner, route: route, source: source, facts: facts, notes: notes,
                reportsSuccessItself: reportsSuccessItself, at: now, using: &random)
        }
        guard let owner = released.first?.owner else { return probed }
        if released.allSatisfy({ $0.owner == owner }) { return probed + [order(released, owner)] }
        // What was in flight when a lease was lost is another run's.
        return probed + Set(released.map(\.owner)).sorted().map { owner in order(released.filter { $0.owner == owner }, owner) }
    }

    private mutating func settle(
        _ message: LeasedMessage, _ recipients: [LeasedRecipient], _ results: [(Int32, RecipientResult)], owner: Int64, route: String,
        source: String, facts: ConnectionFacts, notes: [Finding], reportsSuccessItself: Bool, at now: Timestamp,
        using random: inout some RandomNumberGenerator
    ) -> QueueAction {
        var outcomes: [Settlement.Outcome] = []
        var reports = ReportCollector(record: message.record)
        for recipient in recipients {
            guard let result = results.first(where: { $0.0 == recipient.record.index })?.1 else { continue }
            var outcome = consequence(of: result, for: recipient, of: message.record, at: now, using: &random)
            if let finding = facts.tlsFinding(endedAt: outcome.stage) { outcome.findings.append(finding) }
            if !upstream.isIdle { keepQueued(&outcome, result, recipient, of: message.record, route: route, host: facts.host, at: now) }
            outcome.findings += notes
            outcome.note = note(of: result, outcome, recipient.record, of: message.record, at: now)
            if outcome.newState == .queued { scheduled.becameDue(at: outcome.dueAt) }
            reports.add(outcome, result, recipient.record, wasWarned: recipient.record.isWarned, reportsSuccessItself: reportsSuccessItself)
            outcomes.append(outcome)
        }
        return settleAction(
            message, outcomes, owner: owner, reports: reports.orders, route: route, source: source, facts: facts, at: now)
    }

    mutating func settleAction(
        _ message: LeasedMessage, _ outcomes: [Settlement.Outcome], owner: Int64, reports: [ReportOrder], route: String,
        source: String = "", facts: ConnectionFacts, at now: Timestamp
    ) -> QueueAction {
        unsettledCount += outcomes.count
        var settlement = Settlement(
            tenant: message.record.tenant, message: message.record.id, at: now, recipientCount: message.record.recipientCount,
            connection: facts, route: route, source: source, outcomes: outcomes, owner: owner)
        if outcomes.contains(where: { $0.note != nil }) {
            let provider = facts.host.flatMap { MailProvider.of(host: $0) }
            settlement.tally = SendingTally(
                tenant: message.record.tenant, sender: message.record.sender, list: message.record.list, provider: provider)
        }
        return .settle(
            SettlementOrder(
                settlement: settlement,
                reports: reports, record: message.record, content: reports.isEmpty ? nil : message.content, leased: outcomes.count))
    }

    /// One module decides the consequence of every failure: its permanence, its scope, the time that is left, and what a person asked for.
    private func consequence(
        of result: RecipientResult, for recipient: LeasedRecipient, of message: MessageRecord, at now: Timestamp,
        using random: inout some RandomNumberGenerator
    ) -> Settlement.Outcome {
        let record = recipient.record
        var outcome = Settlement.Outcome(
            index: record.index, oldState: .queued, newState: .delivered, attempts: record.attempts + 1, dueAt: now,
            isWarned: record.isWarned, reply: nil, stage: nil)
        switch result {
        case .delivered(let reply): outcome.reply = reply
        case .failed(let failure):
            outcome.reply = failure.reply
            outcome.stage = failure.stage
            // A host that refuses every session (554 greeting, failed login) says nothing about this recipient: it is tried again.
            if failure.isPermanent, failure.scope != .host {
                outcome.newState = .bounced
            } else if recipient.pendingVerb == .cancel {
                outcome.newState = .cancelled
            } else if recipient.pendingVerb == .hold {
                outcome.newState = .held
            } else if now >= message.expiresAt {
                outcome.newState = .expired
                outcome.findings = [expiryFinding(message)]
            } else {
                outcome.newState = .queued
                let next = settings.retry.nextAttempt(after: record.attempts + 1, at: now, using: &random)
                // The last attempt is made when the time is up, not given up before it.
                outcome.dueAt = min(next, max(message.expiresAt, now + .seconds(1)))
                outcome.isWarned = record.isWarned || message.warnAt.map { $0 <= now } ?? false
            }
        }
        return outcome
    }

    private func expiryFinding(_ message: MessageRecord) -> Finding {
        let hours = (message.expiresAt - message.receivedAt).milliseconds / 3_600_000
        return Finding(
            rule: "queue.expired", matched: "\(hours) h", explanation: "No attempt succeeded in the time that a message is kept trying.")
    }
}

extension QueueAction {
    /// A settlement whose recipients that stay queued wait for a list of sources.
    fileprivate func waiting(for list: Int32) -> QueueAction {
        guard case .settle(var order) = self else { return self }
        for index in order.settlement.outcomes.indices where order.settlement.outcomes[index].newState == .queued {
            order.settlement.outcomes[index].waitsFor = list
        }
        return .settle(order)
    }
}

extension RecipientResult {
    /// The connection broke, or was closed by a 421, before the receiver could have taken the message.
    fileprivate var isLostConnection: Bool {
        guard case .failed(let failure) = self, failure.scope == .host, failure.stage != .dot, !failure.isPermanent else { return false }
        return failure.isLocal || failure.reply.code == 421
    }
}

/// Gathers which recipients need which report (RFC 3461 §5.2, §6; never to a null reverse-path).
struct ReportCollector {
    let record: MessageRecord
    private var recipients: [ReportOrder.Kind: [ReportedRecipient]] = [:]

    init(record: MessageRecord) { self.record = record }

    var orders: [ReportOrder] {
        [ReportOrder.Kind.failed, .delayed, .relayed].compactMap { kind in
            recipients[kind].map { ReportOrder(kind: kind, recipients: $0) }
        }
    }

    mutating func add(
        _ outcome: Settlement.Outcome, _ result: RecipientResult, _ recipient: RecipientRecord, wasWarned: Bool, reportsSuccessItself: Bool
    ) {
        guard record.reversePath != .null else { return }
        let notify = recipient.recipient.notify ?? .unspecified
        let kind: ReportOrder.Kind
        switch outcome.newState {
        case .bounced where notify.contains(.failure), .expired where notify.contains(.failure): kind = .failed
        // Whoever runs a campaign reads of it there.
        case .suppressed where notify.contains(.failure) && record.trafficClass != .campaign: kind = .failed
        case .queued where outcome.isWarned && !wasWarned && notify.contains(.delay): kind = .delayed
        case .delivered where notify.contains(.success) && !reportsSuccessItself: kind = .relayed
        default: return
        }
        var isLocal = false
        if case .failed(let failure) = result { isLocal = failure.isLocal }
        recipients[kind, default: []].append(
            ReportedRecipient(
                recipient: recipient.recipient, state: outcome.newState,
                reply: outcome.reply ?? SMTPReply(250, nil, "OK"), isLocal: isLocal, stage: outcome.stage, attempts: outcome.attempts))
    }
}

/// Always the middle: for waits without jitter.
private struct FixedGenerator: RandomNumberGenerator {
    mutating func next() -> UInt64 { 1 << 63 }
}
