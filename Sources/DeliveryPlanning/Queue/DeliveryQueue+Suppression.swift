package import MailModel
package import OutboundPolicy

// Whom nobody writes to any more, and what replies say about that.
extension DeliveryQueue {
    /// Entries of the list, as the store has them: `removedAt` says which count no more.
    package mutating func suppressionsChanged(_ entries: some Sequence<Suppression>) {
        for entry in entries {
            if entry.removedAt == nil {
                suppressions.insert(entry.key)
            } else {
                suppressions.remove(entry.key)
            }
        }
    }

    /// In place of the list so far; nothing begins until it is complete.
    package mutating func suppressionsBecame(_ table: SuppressionTable) { suppressions = table }

    /// All that the store holds is known from now on.
    package mutating func suppressionsComplete(at now: Timestamp) -> [QueueAction] {
        guard !suppressions.isComplete else { return [] }
        suppressions.becameComplete()
        return serveAll(at: now)
    }

    /// Why mail of a stream does not go to an address: the widest place of the list where a reason counts for it. Nil: it goes.
    package func suppression(of address: EmailAddress, _ stream: MailStream) -> SuppressionMatch? {
        guard suppressions.count > 0 else { return nil }
        let policy = directory.suppressionPolicy
        return suppressions.matches(address, stream).first { policy.keeps(stream.trafficClass, for: $0.reason) }
    }

    /// Recipients that are on the list end as suppressed; returns the others. News of trouble goes to whom it may concern.
    mutating func sparing(_ id: MessageID, _ indices: [Int32], _ actions: inout [QueueAction], at now: Timestamp) -> [Int32] {
        guard suppressions.count > 0, !indices.isEmpty, let message = messages[id], !message.record.isAlertNotice else { return indices }
        let stream = message.record.stream
        var met: [Int32: SuppressionMatch] = [:]
        for index in indices {
            guard let position = message.position(of: index) else { continue }
            met[index] = suppression(of: message.recipients[position].record.recipient.address, stream)
        }
        guard !met.isEmpty else { return indices }
        actions.append(suppress(message, met, at: now))
        return indices.filter { met[$0] == nil }
    }

    private mutating func suppress(_ message: LeasedMessage, _ met: [Int32: SuppressionMatch], at now: Timestamp) -> QueueAction {
        var reports = ReportCollector(record: message.record)
        var outcomes: [Settlement.Outcome] = []
        for recipient in unlease(message.record.id, met.keys.sorted()) {
            guard let match = met[recipient.record.index] else { continue }
            let reply = match.reply(recipient.record.recipient.address)
            let outcome = Settlement.Outcome(
                index: recipient.record.index, oldState: .queued, newState: .suppressed, attempts: recipient.record.attempts, dueAt: now,
                isWarned: recipient.record.isWarned, reply: reply, stage: nil,
                findings: [match.finding(recipient.record.recipient.address)])
            let failure = DeliveryFailure(isPermanent: true, scope: .recipient, stage: .recipient, reply: reply, isLocal: true)
            reports.add(
                outcome, .failed(failure), recipient.record, wasWarned: recipient.record.isWarned, reportsSuccessItself: true)
            outcomes.append(outcome)
        }
        return settleAction(message, outcomes, owner: owner, reports: reports.orders, route: "", facts: ConnectionFacts(), at: now)
    }

    /// What an outcome says of the address, and of the sender's mail to others. Nothing of mail inside, and of Postern's own.
    func note(
        of result: RecipientResult, _ outcome: Settlement.Outcome, _ recipient: RecipientRecord, of message: MessageRecord,
        at now: Timestamp
    ) -> OutcomeNote? {
        guard !recipient.isInternal, message.trafficClass != .notice else { return nil }
        guard case .failed(let failure) = result else { return OutcomeNote(.ended(.delivered)) }
        switch outcome.newState {
        case .queued: return failure.isLocal ? nil : OutcomeNote(.deferred)
        case .bounced, .expired: break
        default: return nil
        }
        let bounceClass = BounceClass.of(failure, isExpired: outcome.newState == .expired)
        // What our own side or the way there did not manage costs no address its mail; that a domain is not there is no such thing.
        let reason = failure.isLocal && !bounceClass.isHard ? nil : SuppressionReason(bounceClass)
        let address = recipient.recipient.address
        let subject = SuppressionPolicy.Subject(
            address: address, digest: suppressions.key.digest(address), tenant: message.tenant, list: message.list,
            source: "dialogue \(RecipientID(tenant: message.tenant, message: message.id, index: recipient.index))",
            note: failure.reply.description)
        return OutcomeNote(
            .ended(bounceClass), effect: directory.suppressionPolicy.effect(of: reason, on: subject, at: now))
    }
}

extension SuppressionMatch {
    /// As the sender reads it.
    package func reply(_ address: EmailAddress) -> SMTPReply {
        let status = reason.group == .dead ? EnhancedStatusCode(5, 1, 1) : EnhancedStatusCode(5, 7, 1)
        return SMTPReply(
            550, status,
            "\(address) is on the suppression list (\(scope)): \(reason.words). Ask whoever runs the mail gate to take it off if that is wrong"
        )
    }

    package func finding(_ address: EmailAddress) -> Finding {
        Finding(
            rule: "suppression.\(reason.rawValue)", matched: scope.description,
            explanation:
                "\(address) is on the suppression list: \(reason.words). `postern suppressions check \(address)` says since when and why.")
    }
}
