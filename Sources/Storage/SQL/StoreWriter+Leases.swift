import DeliveryPlanning
import MailModel

/// Claiming, releasing and recovering.
extension StoreWriter {
    func claim(_ claim: Claim) throws -> StoreWorkResult {
        guard claim.lease.owner != 0, (1...10_000).contains(claim.limit) else {
            throw StoreError.rejected("a claim of \(claim.limit) recipients by owner \(claim.lease.owner)")
        }
        var taken = try readClaimed(
            prepare(WriteStatements.claimDue(dialect)).bind(claim.lease.owner).bind(claim.lease.until.milliseconds)
                .bind(claim.now.milliseconds).bind(claim.limit))
        // Leases of other runs that have lapsed. The three ranges leave out those that nobody holds (0) and our own.
        let points = [Int64.min, 0, claim.lease.owner, Int64.max].sorted()
        for (low, high) in zip(points, points.dropFirst()) where low < high && taken.count < claim.limit {
            taken += try readClaimed(
                prepare(WriteStatements.claimLapsed(dialect)).bind(claim.lease.owner).bind(claim.lease.until.milliseconds)
                    .bind(claim.now.milliseconds).bind(low).bind(high).bind(claim.limit - taken.count))
        }
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

    func recover(node: UInt8, owner: Int64) throws -> StoreWorkResult {
        let nodeOfRun = try prepare(WriteStatements.nodeOfRun)
        let releaseOwner = try prepare(WriteStatements.releaseOwner)
        var released = 0
        for other in try StoreReads.leaseOwners(connection) where other != owner {
            nodeOfRun.begin().bind(other)
            // A run that never said whose it was can only be of this node.
            let belongsElsewhere = try nodeOfRun.step() && nodeOfRun.readInt() != Int(node)
            nodeOfRun.end()
            if !belongsElsewhere { released += try releaseOwner.begin().bind(other).run() }
        }
        try prepare(WriteStatements.forgetRuns).bind(node).send()
        try prepare(WriteStatements.insertRun).bind(owner).bind(node).send()
        let ledger = try StoreReads.ledger(connection)
        let pending = ledgerChanges.totals.filter { $0.key.counter == 0 || $0.key.counter == 1 }.reduce(0) { $0 + $1.value }
        return .recovered(open: ledger.queued + ledger.held + Int(pending), released: released)
    }
}
