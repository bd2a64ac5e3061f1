import DeliveryPlanning
import MailModel

/// Claiming and releasing.
extension StoreWriter {
    func claim(_ claim: Claim) throws -> StoreWorkResult {
        guard claim.owner != 0, (1...10_000).contains(claim.limit) else {
            throw StoreError.rejected("a claim of \(claim.limit) recipients by owner \(claim.owner)")
        }
        let lists = try StoreReads.waitingLists(connection)
        var taken: [(id: RecipientID, record: RecipientRecord)] = []
        for (position, list) in lists.enumerated() {
            // A share of the room for each, and one for all that waits for no source.
            let share = (claim.limit - taken.count) / (lists.count - position + 1)
            taken += try take(share, waitingFor: list, until: claim.lateLists.contains(list) ? claim.now : .distantFuture, claim)
        }
        taken += try take(claim.limit - taken.count, waitingFor: 0, until: claim.now, claim)
        return .claimed(try group(taken), nextDueAt: try nextDue(lists, claim))
    }

    private func take(
        _ limit: Int, waitingFor list: Int32, until time: Timestamp, _ claim: Claim
    ) throws -> [(id: RecipientID, record: RecipientRecord)] {
        guard limit > 0 else { return [] }
        return try readClaimed(
            prepare(WriteStatements.claimDue(dialect)).bind(claim.owner).bind(list).bind(time.milliseconds).bind(limit))
    }

    /// What waits for a list that the node can send for is due at once.
    private func nextDue(_ lists: [Int32], _ claim: Claim) throws -> Timestamp? {
        let next = try prepare(WriteStatements.nextDue)
        return try ([0] + lists).compactMap { list -> Timestamp? in
            next.begin().bind(list)
            defer { next.end() }
            guard try next.step(), let time = next.readOptionalInt64().map(Timestamp.init(milliseconds:)) else { return nil }
            return list == 0 || claim.lateLists.contains(list) ? time : min(time, claim.now)
        }.min()
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

    func release(owner: Int64, _ recipients: [RecipientID], dueAt: Timestamp, waitsFor list: Int32) throws {
        let statement = try prepare(WriteStatements.releaseRecipient)
        for start in stride(from: 0, to: recipients.count, by: connection.pipelineDepth) {
            let part = recipients[start..<min(start + connection.pipelineDepth, recipients.count)]
            let known = try part.compactMap { id in
                try statement.begin().bind(dueAt.milliseconds).bind(list).bind(id.message.day).bind(id.message.value).bind(id.index)
                    .bind(id.tenant.value).bind(owner).sendForCount()
            }
            let counts = try known + connection.flush()
            // Not the owner's any more, or a person asked for another end.
            for (id, count) in zip(part, counts) where count == 0 { _ = try concludeWish(for: id, of: owner, at: dueAt) }
        }
        // The node that has the source need not wait for its next look.
        if list != 0, dialect.isShared, listsTold.insert(list).inserted { try tell(.becameDue(waitsFor: list), from: owner, at: dueAt) }
    }
}
