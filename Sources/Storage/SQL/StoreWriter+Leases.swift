import DeliveryPlanning
import MailModel

/// Claiming and releasing.
extension StoreWriter {
    func claim(_ claim: Claim) throws -> StoreWorkResult {
        guard claim.owner != 0, (1...10_000).contains(claim.limit) else {
            throw StoreError.rejected("a claim of \(claim.limit) recipients by owner \(claim.owner)")
        }
        let taken = try readClaimed(
            prepare(WriteStatements.claimDue(dialect)).bind(claim.owner).bind(claim.now.milliseconds).bind(claim.limit))
        let next = try prepare(WriteStatements.nextDue)
        let nextDueAt = try next.step() ? next.readOptionalInt64().map(Timestamp.init(milliseconds:)) : nil
        return .claimed(try group(taken), nextDueAt: nextDueAt)
    }

    private func readClaimed(_ statement: Connection.Statement) throws -> [(id: RecipientID, record: RecipientRecord)] {
        var rows: [(id: RecipientID, record: RecipientRecord)] = []
        while try statement.step() { rows.append(try statement.readRecipient()) }
        return rows
    }

    /// By message, the longest due first; within a message by index.
    private func group(_ taken: [(id: RecipientID, record: RecipientRecord)]) throws -> [ClaimedMessage] {
        var groups: [MessageID: [RecipientRecord]] = [:]
        for row in taken { groups[row.id.message, default: []].append(row.record) }
        var messages: [ClaimedMessage] = []
        try forEachMessage(Array(groups.keys)) { id, record in
            messages.append(ClaimedMessage(record: record, recipients: groups[id, default: []].sorted { $0.index < $1.index }))
        }
        func order(_ message: ClaimedMessage) -> (Timestamp, MessageID) {
            (message.recipients.map(\.dueAt).min() ?? .distantFuture, message.record.id)
        }
        return messages.sorted { order($0) < order($1) }
    }

    /// Reads as many at a time as the connection takes.
    private func forEachMessage(_ ids: [MessageID], _ body: (MessageID, MessageRecord) -> Void) throws {
        let depth = min(connection.pipelineDepth, ids.count)
        let selects = try (0..<depth).map { _ in try prepare(ReadStatements.messageByKey) }
        var rest = ids[...]
        while !rest.isEmpty {
            for (id, select) in zip(rest, selects) { try select.begin().bind(id.day).bind(id.value).ask() }
            for (id, select) in zip(rest, selects) {
                guard try select.step() else { throw StoreError.corrupt("recipients without message \(id)") }
                body(id, try select.readMessage())
                select.end()
            }
            rest = rest.dropFirst(depth)
        }
    }

    func release(owner: Int64, _ recipients: [RecipientID], dueAt: Timestamp) throws {
        let statement = try prepare(WriteStatements.releaseRecipient)
        for id in recipients {
            try statement.begin().bind(dueAt.milliseconds).bind(id.message.day).bind(id.message.value).bind(id.index)
                .bind(id.tenant.value).bind(owner).send()
        }
    }
}
