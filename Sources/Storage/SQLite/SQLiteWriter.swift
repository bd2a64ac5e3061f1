import DeliveryPlanning
import GRDBSQLite
import MailModel
import OutboundPolicy

/// Applies works on the writing connection. Confined to one thread at a time by its store.
///
/// The statements that every message runs are prepared once; the others when they are needed.
final class SQLiteWriter {
    let connection: OpaquePointer
    let dialect = Dialect.sqlite
    let insertMessage: HotStatement
    let insertBody: HotStatement
    let insertRecipient: HotStatement
    let settleRecipient: HotStatement
    let insertEvent: HotStatement
    let deleteBody: HotStatement
    let hasOpenRecipient: HotStatement
    private let addToLedger: HotStatement
    private let putTraceFilter: HotStatement
    private let begin: HotStatement
    private let commit: HotStatement

    var trace: TraceWriter
    var ledgerChanges = LedgerChanges()
    /// Outcomes that came too late: the recipient was final already, or another run holds it. Since the store was opened.
    private(set) var settlementConflicts = 0
    private var conflictsOfCommit = 0
    /// The ledger rows that this writer adds to.
    private let slot: Int64 = 0

    init(connection: OpaquePointer) throws {
        self.connection = connection
        func prepare(_ sql: String) throws -> HotStatement { try HotStatement(connection, sql) }
        insertMessage = try prepare(WriteStatements.insertMessage)
        insertBody = try prepare(WriteStatements.insertBody)
        insertRecipient = try prepare(WriteStatements.insertRecipient)
        settleRecipient = try prepare(WriteStatements.settleRecipient)
        insertEvent = try prepare(WriteStatements.insertEvent)
        deleteBody = try prepare(WriteStatements.deleteBody)
        hasOpenRecipient = try prepare(WriteStatements.hasOpenRecipient)
        addToLedger = try prepare(WriteStatements.addToLedger)
        putTraceFilter = try prepare(WriteStatements.putTraceFilter)
        begin = try prepare("BEGIN IMMEDIATE")
        commit = try prepare("COMMIT")
        trace = TraceWriter(newest: try SQLiteWriter.newestTraceFilter(connection))
    }

    private static func newestTraceFilter(_ connection: OpaquePointer) throws -> TraceFilter? {
        let statement = try HotStatement(connection, ReadStatements.newestTraceFilter).begin()
        guard try statement.step() else { return nil }
        return TraceFilter(
            day: statement.readInt32(), bucket: statement.readInt64(), lowest: statement.readInt64(), highest: statement.readInt64(),
            keyCount: statement.readInt(), bits: Array(statement.readBytes()))
    }

    func prepare(_ sql: String) throws -> HotStatement { try HotStatement(connection, sql).begin() }

    /// One transaction. `beforeCommit` runs when all is written and nothing is durable yet.
    func apply(_ works: [StoreWork], beforeCommit: () throws -> Void) throws -> [StoreWorkResult] {
        let traceBefore = trace
        ledgerChanges.removeAll()
        conflictsOfCommit = 0
        do {
            try begin.begin().run()
            var results: [StoreWorkResult] = []
            results.reserveCapacity(works.count)
            for work in works { results.append(try apply(work)) }
            try writeLedger()
            try writeTraceFilters()
            try beforeCommit()
            try commit.begin().run()
            settlementConflicts += conflictsOfCommit
            return results
        } catch {
            trace = traceBefore
            // SQLite has rolled back by itself after some failures. Where this fails too, the next BEGIN fails, and says why.
            if sqlite3_get_autocommit(connection) == 0 { try? execute("ROLLBACK", on: connection) }
            throw error
        }
    }

    private func apply(_ work: StoreWork) throws -> StoreWorkResult {
        switch work {
        case .accept(let message):
            if let repeated = try remember(message) { return .repeated(repeated.message, isSameRequest: repeated.isSameRequest) }
            try accept(message)
        case .refuse(let refusal): try refuse(refusal)
        case .settle(let settlement): try settle(settlement)
        case .claim(let claim): return try self.claim(claim)
        case .release(let owner, let recipients, let dueAt): try release(owner: owner, recipients, dueAt: dueAt)
        case .recover(let node, let owner): return try recover(node: node, owner: owner)
        case .act(let act): return .affected(try self.act(act))
        case .change(let change): return try self.change(change)
        case .audit(let entry): try audit(entry)
        case .purge(let day, let limit): return .affected(try purge(before: day, limit: limit))
        }
        return .done
    }

    func countConflict() { conflictsOfCommit += 1 }

    private func writeLedger() throws {
        for (key, change) in ledgerChanges.totals where change != 0 {
            try addToLedger.begin().bind(key.tenant.value).bind(key.day).bind(key.counter).bind(slot).bind(change).run()
        }
    }

    private func writeTraceFilters() throws {
        for filter in trace.takeChanged() {
            try filter.bits.withUnsafeBytes { bits in
                _ = try putTraceFilter.begin().bind(filter.day).bind(filter.bucket).bind(filter.lowest).bind(filter.highest)
                    .bind(filter.keyCount).bind(keeping: bits).run()
            }
        }
    }
}

/// What one commit adds to the ledger's counters, so that each is written once.
struct LedgerChanges {
    struct Key: Hashable {
        var tenant: TenantID
        /// Of the message's identifier.
        var day: Int32
        /// A state's raw value, or -1 for accepted.
        var counter: Int
    }

    private(set) var totals: [Key: Int64] = [:]

    mutating func removeAll() { totals.removeAll(keepingCapacity: true) }

    mutating func accept(_ count: Int, tenant: TenantID, day: Int32) {
        totals[Key(tenant: tenant, day: day, counter: -1), default: 0] += Int64(count)
    }

    mutating func add(_ count: Int, to state: RecipientState, tenant: TenantID, day: Int32) {
        totals[Key(tenant: tenant, day: day, counter: state.rawValue), default: 0] += Int64(count)
    }

    mutating func move(from old: RecipientState, to new: RecipientState, tenant: TenantID, day: Int32) {
        guard old != new else { return }
        add(-1, to: old, tenant: tenant, day: day)
        add(1, to: new, tenant: tenant, day: day)
    }
}
