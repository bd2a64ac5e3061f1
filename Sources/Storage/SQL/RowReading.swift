import DeliveryPlanning
import MailModel
import OutboundPolicy

/// Rows into values. Each reads the columns of the statement that it names, in their order.
extension StoreStatement {
    func readOptionalReply() throws -> SMTPReply? { try readOptionalText().map(RowText.reply) }

    /// `WriteStatements.messageColumns`.
    func readMessage() throws -> MessageRecord {
        _ = readInt32()
        let id = MessageID(readInt64())
        let tenant = TenantID(readInt32())
        let receivedAt = Timestamp(milliseconds: readInt64())
        let classNumber = readInt()
        guard let trafficClass = TrafficClass(rawValue: classNumber) else { throw RowText.damaged("traffic class", "\(classNumber)") }
        let sender = readText()
        let principal = readText()
        let reversePath = try RowText.reversePath(readText())
        let envelopeID = readOptionalText()
        let dsnReturn = try readOptionalText().map { text in
            guard let value = DSNReturn(rawValue: text) else { throw RowText.damaged("RET", text) }
            return value
        }
        let bodyText = readText()
        guard let body = BodyKind(rawValue: bodyText) else { throw RowText.damaged("body kind", bodyText) }
        return MessageRecord(
            tenant: tenant, id: id, receivedAt: receivedAt, trafficClass: trafficClass, sender: sender, principal: principal,
            reversePath: reversePath, envelopeID: envelopeID, dsnReturn: dsnReturn, body: body, isInternationalized: readBool(),
            headerFrom: readText(), subject: readText(), headerMessageID: readText(), sizeBytes: readInt(),
            clientAddress: try RowText.ipAddress(readOptionalText()), clientName: readText(), submissionTLS: readOptionalText(),
            pool: try readPool(), onlyRoute: readOptionalText(), findings: try RowText.findings(readOptionalText()),
            expiresAt: Timestamp(milliseconds: readInt64()), warnAt: readOptionalInt64().map(Timestamp.init(milliseconds:)),
            recipientCount: readInt(), tlsWish: try readWish(), scan: try readOptionalText().map(RowText.scan), list: readOptionalText())
    }

    private func readPool() throws -> EgressPool {
        let name = readText()
        guard let pool = EgressPool(rawValue: name) else { throw RowText.damaged("egress pool", name) }
        return pool
    }

    private func readWish() throws -> TLSWish {
        let number = readInt()
        guard let wish = UInt8(exactly: number).flatMap(TLSWish.init(rawValue:)) else { throw RowText.damaged("wish for TLS", "\(number)") }
        return wish
    }

    /// `WriteStatements.recipientColumns`.
    func readRecipient() throws -> (id: RecipientID, record: RecipientRecord) {
        _ = readInt32()
        let message = MessageID(readInt64())
        let index = readInt32()
        let id = RecipientID(tenant: TenantID(readInt32()), message: message, index: index)
        let state = try RowText.state(readInt())
        let attempts = readInt()
        let dueAt = Timestamp(milliseconds: readInt64())
        let isInternal = readBool()
        let isWarned = readBool()
        let notify = readOptionalInt64().map { DSNNotify(rawValue: Int($0)) }
        let address = try RowText.address(localPart: readText(), host: readText())
        let originalType = readOptionalText()
        let originalAddress = readOptionalText()
        var original: OriginalRecipient?
        if let originalType, let originalAddress { original = OriginalRecipient(type: originalType, address: originalAddress) }
        let record = RecipientRecord(
            index: index, recipient: EnvelopeRecipient(address, notify: notify, originalRecipient: original), isInternal: isInternal,
            state: state, attempts: attempts, dueAt: dueAt, isWarned: isWarned, lastReply: try readOptionalReply())
        return (id, record)
    }

    /// `ReadStatements.eventsOfMessage`.
    func readEvent() throws -> TraceEvent {
        let index = readInt32()
        let at = Timestamp(milliseconds: readInt64())
        let kind = readText()
        let reply = try readOptionalReply()
        let stage = try readOptionalText().map { text in
            guard let value = DeliveryStage(rawValue: text) else { throw RowText.damaged("stage", text) }
            return value
        }
        let route = readText()
        let facts = ConnectionFacts(
            host: readOptionalText(), address: try RowText.ipAddress(readOptionalText()), port: readOptionalInt64().map(Int.init),
            tlsVersion: readOptionalText(), tlsVerified: readBool())
        let findings = try RowText.findings(readOptionalText())
        return TraceEvent(
            index: index, at: at, kind: RowText.eventKind(stored: kind, findings), reply: reply, stage: stage, route: route,
            connection: facts,
            findings: findings,
            source: readOptionalText() ?? (route.isEmpty ? "" : EgressSource.standardName))
    }

    /// `ReadStatements.queueRange` and `queueOfMessage`.
    func readQueueRow() throws -> QueueRow {
        let message = MessageID(readInt64())
        let index = readInt32()
        let id = RecipientID(tenant: TenantID(readInt32()), message: message, index: index)
        let state = try RowText.state(readInt())
        let attempts = readInt()
        let dueAt = Timestamp(milliseconds: readInt64())
        let address = try RowText.address(localPart: readText(), host: readText())
        let reply = try readOptionalReply()
        let owner = readInt64()
        let receivedAt = Timestamp(milliseconds: readInt64())
        let (sender, subject, size) = (readText(), readText(), readInt())
        let reversePath = try RowText.reversePath(readText())
        let classNumber = readInt()
        guard let trafficClass = TrafficClass(rawValue: classNumber) else { throw RowText.damaged("traffic class", "\(classNumber)") }
        let (onlyRoute, findings, pool) = (readOptionalText(), readOptionalText(), try readPool())
        // Findings are read for the few whose lane depends on them.
        let lane = TrafficLane(trafficClass, findings: trafficClass == .notice ? try RowText.findings(findings) : [])
        return QueueRow(
            id: id, state: state, sender: sender, recipient: address, subject: subject, receivedAt: receivedAt, dueAt: dueAt,
            attempts: attempts, sizeBytes: size, lastReply: reply, leaseOwner: owner, reversePath: reversePath, lane: lane,
            onlyRoute: onlyRoute, pool: pool)
    }

    func readAudit() -> AuditEntry {
        AuditEntry(
            at: Timestamp(milliseconds: readInt64()), actor: readText(), action: readText(), target: readText(), reason: readText())
    }
}
