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
    let deleteBodyIfAllFinal: Connection.Statement
    let usageStatements: UsageStatements.Prepared<Connection>
    let insertJournal: Connection.Statement
    private let addToLedger: Connection.Statement
    private let putTraceFilter: Connection.Statement
    private let begin: Connection.Statement
    private let commit: Connection.Statement

    var trace: TraceWriter
    /// To go back to where the transaction under way fails; nil where none is.
    private var traceBefore: TraceWriter?
    var ledgerChanges = LedgerChanges()
    var usage = UsageChanges()
    /// What the commit under way does, for the figures and words of the trace.
    var journal = TraceJournal()
    /// What the works of the commit under way came to; of settlements under way, not yet.
    var results: [StoreWorkResult] = []
    /// Settlements that wait for each other, so that their updates are on their way together.
    var unsettled = Unsettled()
    /// Of a settlement whose updates have run.
    var countsKnown: [Int] = []
    /// Outcomes that came too late: the recipient was final already, or another run holds it. Since the store was opened.
    private(set) var settlementConflicts = 0
    private var conflictsOfCommit = 0
    /// Whether the last commit holds something to wake others for.
    private(set) var hasNews = false
    /// Lists of sources that the commit leaves something for, each told once.
    var listsTold: Set<Int32> = []
    /// The ledger rows that this writer adds to.
    let slot: Int64
    /// What the commit under way adds to the figures of what became of mail.
    var sendingCounts: [SendingKey: Int] = [:]

    /// - Parameters:
    ///   - slot: No other open writer's.
    ///   - trace: The filter to go on with.
    init(connection: Connection, slot: Int64 = 0, trace: TraceWriter) throws {
        self.connection = connection
        self.slot = slot
        self.trace = trace
        func prepare(_ sql: String) throws -> Connection.Statement { try connection.prepare(sql) }
        insertMessage = try connection.prepareInsertion(WriteStatements.insertMessage)
        insertBody = try connection.prepareInsertion(WriteStatements.insertBody)
        insertRecipient = try connection.prepareInsertion(WriteStatements.insertRecipient)
        settleRecipient = try prepare(WriteStatements.settleRecipient)
        insertEvent = try connection.prepareInsertion(WriteStatements.insertEvent)
        deleteBody = try prepare(WriteStatements.deleteBody)
        deleteBodyIfAllFinal = try prepare(WriteStatements.deleteBodyIfAllFinal)
        insertJournal = try prepare(DigestStatements.insertJournal)
        addToLedger = try prepare(WriteStatements.addToLedger)
        putTraceFilter = try prepare(WriteStatements.putTraceFilter)
        usageStatements = try UsageStatements.Prepared(connection)
        begin = try prepare(connection.dialect.begin)
        commit = try prepare("COMMIT")
    }

    func prepare(_ sql: String) throws -> Connection.Statement { try connection.prepare(sql).begin() }

    /// One transaction. `beforeCommit` runs when all is handed over and nothing is durable yet.
    func apply(_ works: [StoreWork], beforeCommit: () throws -> Void) throws -> [StoreWorkResult] {
        let results = try write(works)
        do {
            try beforeCommit()
            try endTransaction()
        } catch {
            giveUp()
            throw error
        }
        conclude()
        return results
    }

    /// Everything of a transaction but its end. Throws with nothing applied.
    func write(_ works: [StoreWork]) throws -> [StoreWorkResult] {
        traceBefore = trace
        ledgerChanges.removeAll()
        journal.removeAll()
        unsettled.removeAll()
        sendingCounts.removeAll(keepingCapacity: true)
        results = []
        conflictsOfCommit = 0
        hasNews = false
        listsTold = []
        do {
            try begin.begin().send()
            try lockCounted(works)
            results.reserveCapacity(works.count)
            for work in works {
                let result = try apply(work)
                results.append(result)
            }
            try concludeSettlements()
            try writeLedger()
            try writeSendingCounts()
            if !usage.held.isEmpty { try writeUsage() }
            try writeTraceFilters()
            try writeJournal()
            if hasNews, let notify = dialect.notify { try prepare(notify).send() }
            return results
        } catch {
            giveUp()
            throw error
        }
    }

    /// `conclude` or `giveUp` follows.
    func endTransaction() throws { try commit.begin().run() }

    /// What was written is durable.
    func conclude() {
        traceBefore = nil
        settlementConflicts += conflictsOfCommit
        usage.conclude()
    }

    /// What was written is not applied.
    func giveUp() {
        if let traceBefore { trace = traceBefore }
        traceBefore = nil
        usage.giveUp()
        connection.rollback()
    }

    /// Those that neither ask nor change anything that a settlement under way may have changed go on without waiting for it.
    private func apply(_ work: StoreWork) throws -> StoreWorkResult {
        switch work {
        case .accept(let message):
            if try !queueCopy(message) { return .repeated(message.record.id, isSameRequest: false) }
            if let repeated = try remember(message) { return .repeated(repeated.message, isSameRequest: repeated.isSameRequest) }
            var message = message
            let claimed = try claim(for: &message)
            if let (answer, exceeded) = claimed, let exceeded {
                try forget(message)
                try takeBackCopy(message)
                return .exceeded(exceeded, answer)
            }
            try accept(message)
            return claimed.map { .granted($0.answer) } ?? .done
        case .refuse(let refusal): try refuse(refusal)
        case .settle(let settlement): return .settled(recipients: try settle(settlement, answering: results.count))
        case .audit(let entry): try audit(entry)
        default:
            try concludeSettlements()
            return try applyAlone(work)
        }
        return .done
    }

    private func applyAlone(_ work: StoreWork) throws -> StoreWorkResult {
        switch work {
        case .claim(let claim): return try self.claim(claim)
        case .release(let owner, let recipients, let dueAt, let list): try release(owner: owner, recipients, dueAt: dueAt, waitsFor: list)
        case .register(let run, let previous): return try register(run, previous: previous)
        case .renew(let run, let successor): return try renew(run, successor: successor)
        case .takeOver(let owner, let now): return try takeOver(by: owner, at: now)
        case .leave(let owner, let now): return .affected(try leave(owner, at: now))
        case .interrupted(let recipients, let now): return .affected(try noteInterrupted(recipients, at: now))
        case .holdTask(let task): return .task(isHeld: try hold(task))
        case .putFact(let name, let value): return .fact(try putFact(name, value))
        case .endTask(let task, let wait): try endTask(task, dueAfter: wait)
        case .count(let call): return .counted(try count(call))
        case .share(let call): return .shared(try share(call))
        case .act(let act): return try self.act(act)
        case .change(let change): return try self.change([change])
        case .changeAll(let changes): return try change(changes)
        case .alert(let work): return .alert(try alert(work))
        case .session(let work): return .session(try session(work))
        case .tls(let work): return try tls(work)
        case .suppress(let work): return try suppress(work)
        case .returned(let work): return try returned(work)
        case .domain(let work): return try domain(work)
        case .reputation(let work): return try reputation(work)
        case .webhookCall(let work): return try webhookCall(work)
        case .people(let work): return .people(try people(work))
        case .campaign(let work): return .affected(try campaign(work))
        case .digest(let digest): return .affected(try self.digest(digest))
        case .purge(let day, let limit): return .affected(try purge(before: day, limit: limit))
        case .accept, .refuse, .settle, .audit: preconditionFailure("applied before")
        }
        return .done
    }

    func countConflict() { conflictsOfCommit += 1 }

    /// Something happened that other nodes, and whoever waits for changes, must hear of.
    func noteNews() { hasNews = true }

    private func writeLedger() throws {
        for (key, change) in ledgerChanges.totals where change != 0 {
            try addToLedger.begin().bind(key.tenant.value).bind(key.day).bind(key.counter).bind(slot).bind(change).send()
        }
    }

    private func writeTraceFilters() throws {
        let changes = trace.takeChanges()
        for filter in changes.written {
            try filter.bits.withUnsafeBytes { bits in
                try putTraceFilter.begin().bind(filter.day).bind(filter.bucket).bind(filter.lowest).bind(filter.highest)
                    .bind(filter.keyCount).bind(keeping: bits).send()
            }
        }
        for part in changes.folded { try prepare(WriteStatements.dropTraceFilter).bind(part.day).bind(part.bucket).send() }
    }
}
