import DeliveryPlanning
import Foundation
import MailModel
import OutboundPolicy

/// What people do: acts on the queue, changes of the directory, the audit log; and the purge.
extension StoreWriter {
    /// Open rows that a part of an act reads: mail that comes in meanwhile waits for no more than that.
    private static var actRowsMax: Int { 2000 }

    /// One part of an act. The first keeps the audit entry; the first and the last tell other runs of it.
    func act(_ act: QueueAct) throws -> StoreWorkResult {
        var affected = 0
        var next: QueueAct.Place?
        if act.filter.message != nil {
            var filter = act.filter
            filter.states = [.queued, .held]
            affected = try apply(act, to: StoreReads.queueOfMessage(connection, filter))
        } else if let place = try act.place ?? self.place(after: nil, in: act) {
            var filter = act.filter
            filter.states = [place.state]
            let part = try StoreReads.queuePart(connection, place, filter: filter, readMax: StoreWriter.actRowsMax)
            affected = try apply(act, to: part.rows)
            if let last = part.last {
                next = place
                next?.after = last
            } else {
                next = try self.place(after: place, in: act)
            }
        }
        if act.place == nil { try audit(act.audit) }
        if act.place == nil || next == nil { try tell(.acted(act.verb, act.filter), from: act.owner, at: act.audit.at) }
        return .acted(affected, next: next)
    }

    /// First what runs hold, each in turn: what one gives back meanwhile is met with its wish, or further on. Then the states, and in the
    /// first of them what waits for a list of sources.
    private func place(after place: QueueAct.Place?, in act: QueueAct) throws -> QueueAct.Place? {
        let states = StoreWriter.states(of: act)
        guard let place, place.owner == nil else {
            let owners = StoreWriter.wishes(act) ? try StoreReads.leaseOwners(connection) : []
            if let owner = owners.first(where: { $0 > place?.owner ?? .min }) { return QueueAct.Place(state: .queued, owner: owner) }
            return states.first.map { QueueAct.Place(state: $0) }
        }
        if place.state == .queued, let list = try StoreReads.nextWaitingList(connection, after: place.waitsFor) {
            return QueueAct.Place(state: .queued, waitsFor: list)
        }
        return states.drop { $0 != place.state }.dropFirst().first.map { QueueAct.Place(state: $0) }
    }

    private static func states(of act: QueueAct) -> [RecipientState] {
        let states: [RecipientState] =
            switch act.verb {
            case .hold, .retry: [.queued]
            case .release: [.held]
            case .cancel: [.queued, .held]
            }
        return states.filter(act.filter.states.contains)
    }

    private func apply(_ act: QueueAct, to rows: [QueueRow]) throws -> Int {
        let states = StoreWriter.states(of: act)
        let update = try prepare(WriteStatements.actOnRecipient)
        let free = rows.filter { !$0.isLeased && states.contains($0.state) }
        var affected = try wish(act, for: rows.filter(\.isLeased))
        for start in stride(from: 0, to: free.count, by: connection.pipelineDepth) {
            let part = free[start..<min(start + connection.pipelineDepth, free.count)]
            let known = try part.compactMap { row in
                let (state, dueAt, _) = StoreWriter.change(act, row)
                return try update.begin().bind(state.rawValue).bind(dueAt.milliseconds).bind(row.id.message.day)
                    .bind(row.id.message.value).bind(row.id.index).bind(row.id.tenant.value).bind(row.state.rawValue).sendForCount()
            }
            let counts = try known + connection.flush()
            for (row, count) in zip(part, counts) where count == 1 {
                affected += 1
                try conclude(act, row)
            }
        }
        return affected
    }

    private static func change(_ act: QueueAct, _ row: QueueRow) -> (state: RecipientState, dueAt: Timestamp, eventKind: String) {
        let now = act.audit.at
        return switch act.verb {
        case .hold: (.held, row.dueAt, "held")
        case .release: (.queued, now, "released")
        // Never later than it was: a part that follows must not meet the row again.
        case .retry: (.queued, min(now, row.dueAt), "retried")
        case .cancel: (.cancelled, row.dueAt, "cancelled")
        }
    }

    private func conclude(_ act: QueueAct, _ row: QueueRow) throws {
        let id = row.id
        let (newState, _, kind) = StoreWriter.change(act, row)
        ledgerChanges.move(from: row.state, to: newState, tenant: id.tenant, day: id.message.day)
        let reason = act.audit.reason
        let finding = Finding(
            rule: "queue.\(kind)", matched: act.audit.actor, explanation: reason.isEmpty ? "No reason was given." : reason)
        try insertEvent(kind, of: id, at: act.audit.at, finding)
        journal.changed(
            id, at: act.audit.at, from: row.state, to: newState, count: newState == .queued ? nil : TrafficCount(newState), reply: nil)
        if newState.isFinal { try dropBodyIfAllFinal(id.message, tenant: id.tenant, recipientCount: 2) }
    }

    /// An event that no attempt made.
    func insertEvent(_ kind: String, of id: RecipientID, at time: Timestamp, _ finding: Finding) throws {
        try insertEvent(kind, of: id, at: time, reply: nil, [finding])
    }

    func insertEvent(_ kind: String, of id: RecipientID, at time: Timestamp, reply: SMTPReply?, _ findings: [Finding]) throws {
        try insertEvent.begin()
            .bind(id.message.day).bind(id.message.value).bind(id.index).bind(id.tenant.value).bind(time.milliseconds)
            .bind(RowText.storedKind(kind))
            .bind(reply.map(RowText.text)).bindNull().bind("").bindNull().bindNull().bindNull().bindNull().bind(false)
            .bind(RowText.text(findings)).bindNull().send()
    }

    func audit(_ entry: AuditEntry) throws {
        try prepare(WriteStatements.insertAudit)
            .bind(entry.at.milliseconds).bind(entry.actor).bind(entry.action).bind(entry.target).bind(entry.reason).send()
    }

    /// All of them, or none where one is not as it was expected.
    func change(_ changes: [DirectoryChange]) throws -> StoreWorkResult {
        if let lock = dialect.lockDirectory { try prepare(lock).send() }
        for change in changes {
            let current = try currentVersion(of: change)
            if let expected = change.expectedVersion, expected != current { return .conflict(currentVersion: current) }
            if let seen = change.notAfter, current > seen { return .conflict(currentVersion: current) }
            if let value = change.value {
                var probe = Directory()
                try DirectoryCoding.add(kind: change.kind.rawValue, name: change.name, value: value, to: &probe)
            }
        }
        var version: Int64 = 0
        for change in changes { version = try write(change) }
        guard version > 0 else { throw StoreError.rejected("no change of the directory was given") }
        noteNews()
        return .changed(version: version)
    }

    /// 0 where there is no such object.
    private func currentVersion(of change: DirectoryChange) throws -> Int64 {
        let current = try prepare(WriteStatements.currentObject)
            .bind(change.tenant.value).bind(change.kind.rawValue).bind(change.name)
        defer { current.end() }
        guard try current.step() else { return 0 }
        let version = current.readInt64()
        return current.readBool() ? 0 : version
    }

    private func write(_ change: DirectoryChange) throws -> Int64 {
        let counter = try prepare(WriteStatements.nextDirectoryVersion)
        guard try counter.step() else { throw StoreError.corrupt("no counter of directory versions") }
        let version = counter.readInt64()
        while try counter.step() {}
        try prepare(WriteStatements.insertObject)
            .bind(change.tenant.value).bind(change.kind.rawValue).bind(change.name).bind(version).bind(change.value ?? "")
            .bind(change.value == nil).bind(change.audit.actor).bind(change.audit.reason).bind(change.audit.at.milliseconds)
            .send()
        try audit(change.audit)
        return version
    }

    // MARK: Purging

    func purge(before day: Int32, limit: Int) throws -> Int {
        let select = try prepare(WriteStatements.purgeableMessages).bind(day).bind(limit)
        var messages: [(id: MessageID, tenant: TenantID)] = []
        while try select.step() {
            _ = select.readInt32()
            messages.append((MessageID(select.readInt64()), TenantID(select.readInt32())))
        }
        try purge(messages)
        var purged = messages.count
        if purged < limit { purged += try prepare(WriteStatements.purgeRefusals).bind(day).bind(limit - purged).run() }
        if purged < limit { try prepare(WriteStatements.purgeTraceFilters).bind(day).send() }
        try purgeDigests(before: day)
        return purged
    }

    private func purge(_ messages: [(id: MessageID, tenant: TenantID)]) throws {
        let steps = try WriteStatements.purgeMessage.map(prepare)
        for (id, tenant) in messages {
            for step in steps { try step.begin().bind(id.day).bind(id.value).bind(tenant.value).send() }
        }
    }
}
