import DeliveryPlanning
import MailModel
import OutboundPolicy

/// Applies works on the writing connection. Confined to one thread at a time by its store.
///
/// The statements that every message runs are prepared once; the others when they are needed.
final class StoreWriter<Connection: StoreConnection> {
    let connection: Connection
    var dialect: Dialect { connection.dialect }
    let insertMessage: Connection.Statement
    let insertBody: Connection.Statement
    let insertRecipient: Connection.Statement
    let settleRecipient: Connection.Statement
    let insertEvent: Connection.Statement
    let deleteBody: Connection.Statement
    let hasOpenRecipient: Connection.Statement
    private let addToLedger: Connection.Statement
    private let putTraceFilter: Connection.Statement
    private let begin: Connection.Statement
    private let commit: Connection.Statement

    var trace: TraceWriter
    var ledgerChanges = LedgerChanges()
    /// Outcomes that came too late: the recipient was final already, or another run holds it. Since the store was opened.
    private(set) var settlementConflicts = 0
    private var conflictsOfCommit = 0
    /// Whether the last commit holds something to wake others for.
    private(set) var hasNews = false
    /// The ledger rows that this writer adds to.
    private let slot: Int64 = 0

    init(connection: Connection) throws {
        self.connection = connection
        func prepare(_ sql: String) throws -> Connection.Statement { try connection.prepare(sql) }
        insertMessage = try prepare(WriteStatements.insertMessage)
        insertBody = try prepare(WriteStatements.insertBody)
        insertRecipient = try prepare(WriteStatements.insertRecipient)
        settleRecipient = try prepare(WriteStatements.settleRecipient)
        insertEvent = try prepare(WriteStatements.insertEvent)
        deleteBody = try prepare(WriteStatements.deleteBody)
        hasOpenRecipient = try prepare(WriteStatements.hasOpenRecipient)
        addToLedger = try prepare(WriteStatements.addToLedger)
        putTraceFilter = try prepare(WriteStatements.putTraceFilter)
        begin = try prepare(connection.dialect.begin)
        commit = try prepare("COMMIT")
        trace = TraceWriter(newest: try StoreWriter.newestTraceFilter(connection))
    }

    private static func newestTraceFilter(_ connection: Connection) throws -> TraceFilter? {
        let statement = try connection.prepare(ReadStatements.newestTraceFilter).begin()
        guard try statement.step() else { return nil }
        return TraceFilter(
            day: statement.readInt32(), bucket: statement.readInt64(), lowest: statement.readInt64(), highest: statement.readInt64(),
            keyCount: statement.readInt(), bits: Array(statement.readBytes()))
    }

    func prepare(_ sql: String) throws -> Connection.Statement { try connection.prepare(sql).begin() }

    /// One transaction. `beforeCommit` runs when all is written and nothing is durable yet.
    func apply(_ works: [StoreWork], beforeCommit: () throws -> Void) throws -> [StoreWorkResult] {
        let traceBefore = trace
        ledgerChanges.removeAll()
        conflictsOfCommit = 0
        hasNews = false
        do {
            try begin.begin().run()
            try lockCounted(works)
            var results: [StoreWorkResult] = []
            results.reserveCapacity(works.count)
            for work in works { results.append(try apply(work)) }
            try writeLedger()
            try writeTraceFilters()
            if hasNews, let notify = dialect.notify { try connection.execute(notify) }
            try beforeCommit()
            try commit.begin().run()
            settlementConflicts += conflictsOfCommit
            return results
        } catch {
            trace = traceBefore
            // SQLite has rolled back by itself after some failures. Where this fails too, the next BEGIN fails, and says why.
            if connection.isInTransaction { try? connection.execute("ROLLBACK") }
            throw error
        }
    }

    private func apply(_ work: StoreWork) throws -> StoreWorkResult {
        switch work {
        case .accept(let message):
            if let repeated = try remember(message) { return .repeated(repeated.message, isSameRequest: repeated.isSameRequest) }
            try accept(message)
        case .refuse(let refusal): try refuse(refusal)
        case .settle(let settlement): return .settled(recipients: try settle(settlement))
        case .claim(let claim): return try self.claim(claim)
        case .release(let owner, let recipients, let dueAt): try release(owner: owner, recipients, dueAt: dueAt)
        case .register(let run, let previous): return try register(run, previous: previous)
        case .renew(let run, let successor): return try renew(run, successor: successor)
        case .takeOver(let owner, let now): return try takeOver(by: owner, at: now)
        case .leave(let owner, let now): return .affected(try leave(owner, at: now))
        case .holdTask(let task): return .task(isHeld: try hold(task))
        case .endTask(let task, let wait): try endTask(task, dueAfter: wait)
        case .count(let call): return .counted(try count(call))
        case .share(let call): return .shared(try share(call))
        case .act(let act): return .affected(try self.act(act))
        case .change(let change): return try self.change(change)
        case .audit(let entry): try audit(entry)
        case .purge(let day, let limit): return .affected(try purge(before: day, limit: limit))
        }
        return .done
    }

    func countConflict() { conflictsOfCommit += 1 }

    /// Something happened that other nodes, and whoever waits for changes, must hear of.
    func noteNews() { hasNews = true }

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
