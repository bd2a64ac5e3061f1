import DeliveryPlanning
import MailModel

/// Accepting, refusing and settling: what every message does.
extension StoreWriter {
    /// Octets in one row of a body.
    private static var bodyPartBytes: Int { 256 * 1024 }

    func accept(_ message: NewMessage) throws {
        let record = message.record
        guard !message.recipients.isEmpty, message.recipients.count == record.recipientCount else {
            throw StoreError.rejected("message \(record.id) has \(message.recipients.count) recipients, not \(record.recipientCount)")
        }
        try insert(record)
        try insertBody(message.content, of: record)
        for (index, recipient) in message.recipients.enumerated() {
            guard recipient.index == Int32(index), !recipient.state.isFinal else {
                throw StoreError.rejected("recipient \(recipient.index) of message \(record.id) is out of order or final")
            }
            try insert(recipient, of: record, lease: recipient.state == .queued ? message.lease : nil)
            ledgerChanges.add(1, to: recipient.state, tenant: record.tenant, day: record.id.day)
        }
        ledgerChanges.accept(message.recipients.count, tenant: record.tenant, day: record.id.day)
        trace.add(record.id, traceKeys(of: message))
    }

    private func traceKeys(of message: NewMessage) -> [TraceKey] {
        var keys: [TraceKey] = []
        keys.reserveCapacity(message.recipients.count + 3)
        keys.append(.sender(message.record.sender))
        if let address = message.record.reversePath.address, address.key != message.record.sender { keys.append(.sender(address.key)) }
        if !message.record.headerMessageID.isEmpty { keys.append(.headerMessageID(message.record.headerMessageID)) }
        for recipient in message.recipients { keys.append(.recipient(recipient.recipient.address.key)) }
        return keys
    }

    private func insert(_ record: MessageRecord) throws {
        try insertMessage.begin()
            .bind(record.id.day).bind(record.id.value).bind(record.tenant.value).bind(record.receivedAt.milliseconds)
            .bind(record.trafficClass.rawValue).bind(record.sender).bind(record.principal).bind(record.reversePath.description)
            .bind(record.envelopeID).bind(record.dsnReturn?.rawValue).bind(record.body.rawValue).bind(record.isInternationalized)
            .bind(record.headerFrom).bind(record.subject).bind(record.headerMessageID).bind(record.sizeBytes)
            .bind(record.clientAddress?.description).bind(record.clientName).bind(record.submissionTLS).bind(record.pool)
            .bind(record.onlyRoute).bind(try RowText.text(record.findings)).bind(record.expiresAt.milliseconds)
            .bind(record.warnAt?.milliseconds).bind(record.recipientCount)
            .run()
    }

    private func insertBody(_ content: [UInt8], of record: MessageRecord) throws {
        try content.withUnsafeBytes { bytes in
            var part = 0
            var start = 0
            repeat {
                let end = min(start + StoreWriter.bodyPartBytes, bytes.count)
                try insertBody.begin().bind(record.id.day).bind(record.id.value).bind(part).bind(record.tenant.value)
                    .bind(keeping: UnsafeRawBufferPointer(rebasing: bytes[start..<end])).run()
                part += 1
                start = end
            } while start < bytes.count
        }
    }

    private func insert(_ recipient: RecipientRecord, of record: MessageRecord, lease: Lease?) throws {
        let envelope = recipient.recipient
        try insertRecipient.begin()
            .bind(record.id.day).bind(record.id.value).bind(recipient.index).bind(record.tenant.value).bind(recipient.state.rawValue)
            .bind(recipient.attempts).bind(recipient.dueAt.milliseconds).bind(recipient.isInternal).bind(recipient.isWarned)
            .bind(envelope.notify.map { Int64($0.rawValue) }).bind(envelope.address.localPart).bind(envelope.address.host.description)
            .bind(envelope.originalRecipient?.type).bind(envelope.originalRecipient?.address)
            .bind(recipient.lastReply.map(RowText.text)).bind(lease?.owner ?? 0)
            .run()
    }

    func refuse(_ refusal: Refusal) throws {
        try prepare(WriteStatements.insertRefusal)
            .bind(refusal.id.day).bind(refusal.id.value).bind(refusal.tenant.value).bind(refusal.at.milliseconds)
            .bind(refusal.principal).bind(refusal.reversePath).bind(refusal.recipient).bind(refusal.subject)
            .bind(refusal.clientAddress?.description).bind(RowText.text(refusal.reply)).bind(try RowText.text(refusal.findings))
            .run()
        var keys: [TraceKey] = [.sender(TraceRow.sender(ofPrincipal: refusal.principal))]
        if !refusal.reversePath.isEmpty { keys.append(.sender(refusal.reversePath)) }
        if !refusal.recipient.isEmpty { keys.append(.recipient(refusal.recipient)) }
        trace.add(refusal.id, keys)
    }

    // MARK: Settling

    /// How many outcomes took effect; the others came too late. Where none did, there is nothing to report either.
    func settle(_ settlement: Settlement) throws -> Int {
        var applied = 0
        var hasFinal = false
        for outcome in settlement.outcomes {
            if try settle(outcome, of: settlement) {
                applied += 1
                if outcome.newState.isFinal { hasFinal = true }
            } else {
                countConflict()
            }
        }
        if hasFinal {
            try dropBodyIfAllFinal(settlement.message, tenant: settlement.tenant, recipientCount: settlement.recipientCount)
        }
        guard applied > 0 || settlement.outcomes.isEmpty else { return 0 }
        for notice in settlement.notices { try accept(notice) }
        return applied
    }

    /// False where the recipient is final already, unknown, or in another run's hands.
    private func settle(_ outcome: Settlement.Outcome, of settlement: Settlement) throws -> Bool {
        var oldState = outcome.oldState
        if try update(outcome, of: settlement, from: oldState) == 0 {
            guard let state = try currentState(outcome.index, of: settlement), state != oldState, !state.isFinal,
                try update(outcome, of: settlement, from: state) == 1
            else { return false }
            oldState = state
        }
        let day = settlement.message.day
        ledgerChanges.move(from: oldState, to: outcome.newState, tenant: settlement.tenant, day: day)
        let facts = settlement.connection
        try insertEvent.begin()
            .bind(day).bind(settlement.message.value).bind(outcome.index).bind(settlement.tenant.value)
            .bind(settlement.at.milliseconds).bind(RowText.eventKind(of: outcome.newState)).bind(outcome.reply.map(RowText.text))
            .bind(outcome.stage?.rawValue).bind(settlement.route).bind(facts.host).bind(facts.address?.description)
            .bind(facts.port.map(Int64.init)).bind(facts.tlsVersion).bind(facts.tlsVerified).bind(try RowText.text(outcome.findings))
            .run()
        return true
    }

    private func update(_ outcome: Settlement.Outcome, of settlement: Settlement, from state: RecipientState) throws -> Int {
        guard !state.isFinal else { return 0 }
        return try settleRecipient.begin()
            .bind(outcome.newState.rawValue).bind(outcome.attempts).bind(outcome.dueAt.milliseconds).bind(outcome.isWarned)
            .bind(outcome.reply.map(RowText.text)).bind(settlement.message.day).bind(settlement.message.value).bind(outcome.index)
            .bind(settlement.tenant.value).bind(state.rawValue).bind(settlement.owner ?? 0)
            .run()
    }

    private func currentState(_ index: Int32, of settlement: Settlement) throws -> RecipientState? {
        let statement = try prepare(WriteStatements.recipientState)
            .bind(settlement.message.day).bind(settlement.message.value).bind(index).bind(settlement.tenant.value)
        guard try statement.step() else { return nil }
        return try RowText.state(statement.readInt())
    }

    func dropBodyIfAllFinal(_ message: MessageID, tenant: TenantID, recipientCount: Int) throws {
        if recipientCount > 1 {
            hasOpenRecipient.begin().bind(message.day).bind(message.value).bind(tenant.value)
            defer { hasOpenRecipient.end() }
            if try hasOpenRecipient.step() { return }
        }
        try deleteBody.begin().bind(message.day).bind(message.value).bind(tenant.value).run()
    }
}
