import DeliveryPlanning
import MailModel

/// Accepting and refusing.
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
        journal.accepted(message)
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
            .bind(record.clientAddress?.description).bind(record.clientName).bind(record.submissionTLS).bind(record.pool.rawValue)
            .bind(record.onlyRoute).bind(RowText.text(record.findings)).bind(record.expiresAt.milliseconds)
            .bind(record.warnAt?.milliseconds).bind(record.recipientCount).bind(Int32(record.tlsWish.rawValue))
            .bind(try record.scan.map(RowText.text)).bind(record.list)
            .send()
    }

    private func insertBody(_ content: [UInt8], of record: MessageRecord) throws {
        try content.withUnsafeBytes { bytes in
            var part = 0
            var start = 0
            repeat {
                let end = min(start + StoreWriter.bodyPartBytes, bytes.count)
                try insertBody.begin().bind(record.id.day).bind(record.id.value).bind(part).bind(record.tenant.value)
                    .bind(keeping: UnsafeRawBufferPointer(rebasing: bytes[start..<end])).send()
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
            .send()
    }

    func refuse(_ refusal: Refusal) throws {
        try prepare(WriteStatements.insertRefusal)
            .bind(refusal.id.day).bind(refusal.id.value).bind(refusal.tenant.value).bind(refusal.at.milliseconds)
            .bind(refusal.principal).bind(refusal.reversePath).bind(refusal.recipient).bind(refusal.subject)
            .bind(refusal.clientAddress?.description).bind(RowText.text(refusal.reply)).bind(RowText.text(refusal.findings))
            .send()
        var keys: [TraceKey] = [.sender(TraceRow.sender(ofPrincipal: refusal.principal))]
        if !refusal.reversePath.isEmpty { keys.append(.sender(refusal.reversePath)) }
        if !refusal.recipient.isEmpty { keys.append(.recipient(refusal.recipient)) }
        trace.add(refusal.id, keys)
        journal.refused(refusal)
    }
}
