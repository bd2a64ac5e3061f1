package import Campaigns
package import DeliveryPlanning
import Foundation
import GRDB
package import MailModel
package import OutboundPolicy
import Synchronization

/// The store in one SQLite file: WAL, synced at each commit. One process writes; others may open the file beside it for a while.
package final class SQLiteStore: Store {
    package struct Options: Sendable {
        /// Connections for reads, 1…64: as many as threads read at a time.
        package var readerCount = 4
        /// False only for the test that shows what it would cost: a commit is then lost with the power.
        package var isSynced = true
        /// Memory for pages of the writing connection.
        package var writerCacheBytes = 32 * 1024 * 1024
        /// Pages in the log before a commit carries them into the file.
        package var checkpointPages = 8192
        /// Runs with the number of the commit (from 1) when all is written and nothing is durable; a throw fails the commit.
        /// For tests of failure.
        package var beforeCommit: (@Sendable (_ number: Int) throws -> Void)?

        package init() {}
    }

    /// Four KiB: a body of that size then costs one page beside its share of a leaf, where larger pages would stay half empty.
    private static let pageBytes = 4096
    private static let busyTimeoutSeconds = 5.0

    private let pool: DatabasePool
    private let options: Options
    var filePath: String { pool.path }
    private let bell = ChangeBell()
    private let known = DirectoryMemory()
    /// Nil once closed.
    private let writer: Mutex<WriterState?>

    private struct WriterState {
        var writer: StoreWriter<SQLiteConnection>
        var commits = 0
    }

    /// Opens or makes the file at `path`.
    package init(path: String, options: Options = Options(), migration: SchemaChoice) throws {
        self.options = options
        let pool = try mapped { try DatabasePool(path: path, configuration: SQLiteStore.configuration(options)) }
        self.pool = pool
        // GRDB sets NORMAL when it turns the log on; a 250 must not go out on that.
        let state = try SQLiteStore.write(pool) { connection in
            connection.prepareWithoutNotes()
            try connection.execute("PRAGMA synchronous = \(options.isSynced ? "FULL" : "OFF")")
            try connection.execute("PRAGMA cache_size = -\(options.writerCacheBytes / 1024)")
            try connection.execute("PRAGMA wal_autocheckpoint = \(options.checkpointPages)")
            try connection.execute("PRAGMA journal_size_limit = \(options.checkpointPages * SQLiteStore.pageBytes * 2)")
            let pending = try SchemaSteps.pending(connection)
            if !pending.isEmpty {
                guard migration == .apply else { throw StoreError.pendingMigrations(pending.map(\.name)) }
                try SQLiteStore.apply(pending, on: connection)
            }
            return WriterState(
                writer: try StoreWriter(
                    connection: connection, trace: TraceWriter(newest: StoreReads.newestTraceFilter(connection), partsMax: 0)))
        }
        writer = Mutex(state)
    }

    /// The names of the migrations that the file at `path` lacks: all of them where there is no file.
    package static func pendingMigrations(path: String) throws -> [String] {
        guard FileManager.default.fileExists(atPath: path) else { return Migration.all.map(\.name) }
        let pool = try mapped { try DatabasePool(path: path, configuration: configuration(Options())) }
        return try write(pool) { connection in
            try SchemaSteps.pending(connection).map(\.name)
        }
    }

    private static func configuration(_ options: Options) -> Configuration {
        var configuration = Configuration()
        configuration.label = "postern.store"
        configuration.maximumReaderCount = options.readerCount
        configuration.busyMode = .timeout(busyTimeoutSeconds)
        configuration.prepareDatabase { database in
            // Must come before the log is turned on; of no effect on a file that exists.
            try database.execute(sql: "PRAGMA page_size = \(pageBytes)")
            try database.execute(sql: "PRAGMA temp_store = MEMORY")
            // Debian builds SQLite to overwrite what is deleted. Each body would be written twice; the disk's encryption is the
            // place to protect what lies in free pages.
            try database.execute(sql: "PRAGMA secure_delete = OFF")
        }
        return configuration
    }

    /// Checkpoints and closes. Later calls throw `stopped`.
    package func close() throws {
        bell.close()
        let wasOpen = writer.withLock { state in
            defer { state = nil }
            return state != nil
        }
        if wasOpen { try mapped { try pool.close() } }
    }

    /// Outcomes that took no effect since the store was opened: the recipient was final, or in another run's hands.
    package var settlementConflicts: Int { writer.withLock { $0?.writer.settlementConflicts ?? 0 } }

    // MARK: Writing

    package func commit(_ works: [StoreWork]) throws -> [StoreWorkResult] {
        try writer.withLock { state in
            guard state != nil else { throw StoreError.stopped }
            return try SQLiteStore.write(pool) { _ in
                state?.commits += 1
                guard let open = state else { throw StoreError.stopped }
                let results = try open.writer.apply(works) { try options.beforeCommit?(open.commits) }
                if open.writer.hasNews { bell.ring() }
                return results
            }
        }
    }

    private static func apply(_ pending: [Migration], on connection: SQLiteConnection) throws {
        try connection.execute("BEGIN IMMEDIATE")
        do {
            try SchemaSteps.apply(pending, on: connection)
            try connection.execute("COMMIT")
        } catch {
            connection.rollback()
            throw error
        }
    }

    private static func write<T>(_ pool: DatabasePool, _ body: (SQLiteConnection) throws -> T) throws -> T {
        try mapped {
            try pool.writeWithoutTransaction { database in
                guard let connection = database.sqliteConnection else { throw StoreError.stopped }
                return try body(SQLiteConnection(handle: connection, database: database))
            }
        }
    }

    /// Runs statements on the writing connection, outside a transaction: pragmas, and the faults of tests.
    func runOnWriter(_ sql: String) throws { try onWriter { try $0.execute(sql) } }

    func onWriter<T>(_ body: (SQLiteConnection) throws -> T) throws -> T { try SQLiteStore.write(pool, body) }

    // MARK: Reading

    /// On one reading connection, in one snapshot.
    func read<T>(_ body: (SQLiteConnection) throws -> T) throws -> T {
        try mapped {
            try pool.read { database in
                guard let connection = database.sqliteConnection else { throw StoreError.stopped }
                return try body(SQLiteConnection(handle: connection))
            }
        }
    }

    package func content(of id: MessageID, tenant: TenantID) throws -> [UInt8]? {
        try read { try StoreReads.content($0, of: id, tenant: tenant) }
    }

    package func directory() throws -> Directory { try read { try known.directory($0) } }
    package func directoryVersion() throws -> Int64 { try read { try StoreReads.directoryVersion($0) } }
    package func trace(_ query: TraceQuery) throws -> [TraceRow] { try read { try TraceSearch($0, query).rows() } }
    package func message(_ id: MessageID) throws -> MessageDetail? { try read { try StoreReads.message($0, id) } }
    package func messages(from first: MessageID, through last: MessageID, limit: Int) throws -> [MessageRecord] {
        try read { try StoreReads.messages($0, from: first, through: last, limit: limit) }
    }
    package func heldMessages(through last: MessageID, limit: Int) throws -> [HeldMessage] {
        try read { try StoreReads.heldMessages($0, through: last, limit: limit) }
    }
    package func queue(_ query: QueueQuery) throws -> [QueueRow] { try read { try StoreReads.queue($0, query) } }
    package func ledger() throws -> Ledger { try read { try StoreReads.ledger($0) } }
    package func recount() throws -> Ledger { try read { try StoreReads.recount($0) } }
    package func audit(_ query: AuditQuery) throws -> [AuditRow] { try read { try StoreReads.audit($0, query) } }

    package func request(_ mark: IdempotencyMark, tenant: TenantID, since: Timestamp) throws -> RepeatedRequest? {
        try read { try StoreReads.request($0, mark, tenant: tenant, since: since) }
    }
    package var isShared: Bool { false }
    package func fact(_ name: String) throws -> String? { try read { try StoreReads.fact($0, name) } }
    package func nodes(at now: Timestamp) throws -> [NodeRow] { try read { try StoreReads.nodes($0, at: now) } }
    package func counter(_ key: CounterKey, at now: Timestamp) throws -> CounterReading {
        try read { try StoreReads.counter($0, key, at: try $0.clock(now)) }
    }
    package func counterSums(_ key: CounterKey, at now: Timestamp) throws -> [Timestamp: Int] {
        try read { try StoreReads.counterSums($0, key, at: try $0.clock(now)) }
    }
    package func usage(of holder: UsageHolder) throws -> SenderUsage { try read { try StoreReads.usage($0, holder) } }
    package func usages(after name: String, limit: Int) throws -> [(UsageHolder, SenderUsage)] {
        try read { try StoreReads.usages($0, after: name, limit: limit) }
    }
    package func alerts(_ query: AlertQuery) throws -> [AlertRow] { try read { try StoreReads.alerts($0, query) } }
    package func session(_ id: String) throws -> ConsoleSession? { try read { try StoreReads.session($0, id) } }
    package func mtaSTS(_ domain: DomainName) throws -> MTASTSMemory? { try read { try StoreReads.mtaSTS($0, domain) } }
    package func mtaSTSEnding(after start: Timestamp, before end: Timestamp, limit: Int) throws -> [DomainName] {
        try read { try StoreReads.mtaSTSEnding($0, after: start, before: end, limit: limit) }
    }
    package func verifiedTLS(_ host: String) throws -> Timestamp? { try read { try StoreReads.verifiedTLS($0, host) } }
    package func tlsSessions(day: Int32, domain: DomainName?, limit: Int) throws -> [TLSSessionCount] {
        try read { try StoreReads.tlsSessions($0, day: day, domain: domain, limit: limit) }
    }
    package func tlsReports(day: Int32, limit: Int) throws -> [DomainName: String] {
        try read { try StoreReads.tlsReports($0, day: day, limit: limit) }
    }
    package func suppressions(of digest: AddressDigest) throws -> [Suppression] { try read { try StoreReads.suppressions($0, of: digest) } }
    package func suppressions(_ query: SuppressionQuery) throws -> [Suppression] { try read { try StoreReads.suppressions($0, query) } }
    package func suppressionPage(after key: SuppressionKey?, limit: Int) throws -> [Suppression] {
        try read { try StoreReads.suppressionPage($0, after: key, limit: limit) }
    }
    package func suppressionChanges(after stamp: Int64, limit: Int) throws -> [Suppression] {
        try read { try StoreReads.suppressionChanges($0, after: stamp, limit: limit) }
    }
    package func webhookCalls(_ query: WebhookCallQuery) throws -> [WebhookCallRecord] {
        try read { try StoreReads.webhookCalls($0, query) }
    }
    package func reputationChecks() throws -> [ReputationCheck] { try read { try StoreReads.reputationChecks($0) } }
    package func reputationEvents(before: Timestamp?, limit: Int) throws -> [ReputationEvent] {
        try read { try StoreReads.reputationEvents($0, before: before, limit: limit) }
    }
    package func reputationFigures(_ source: ReputationFigure.Source, since day: Int32, limit: Int) throws -> [ReputationFigure] {
        try read { try StoreReads.reputationFigures($0, source, since: day, limit: limit) }
    }
    package func returned(_ query: ReturnedQuery) throws -> [ReturnedRecord] { try read { try StoreReads.returned($0, query) } }
    package func returnedSubject(_ id: RecipientID) throws -> ReturnedSubject? { try read { try StoreReads.returnedSubject($0, id) } }
    package func returnedContent(_ id: String) throws -> [UInt8]? { try read { try StoreReads.returnedContent($0, id) } }
    package func suppressionTotals() throws -> [SuppressionReason: Int] { try read { try StoreReads.suppressionTotals($0) } }
    package func subjectsConcerned(since hour: Int64, limit: Int) throws -> [SendingSubject] {
        try read { try StoreReads.subjectsConcerned($0, since: hour, limit: limit) }
    }
    package func sendingCounts(of subject: SendingSubject, from: Int64, to: Int64) throws -> [SendingCount] {
        try read { try StoreReads.sendingCounts($0, of: subject, from: from, to: to) }
    }
    package func sessions(_ query: SessionQuery) throws -> [ConsoleSession] { try read { try StoreReads.sessions($0, query) } }
    package func members(_ query: MemberQuery) throws -> [ListMember] { try read { try StoreReads.members($0, query) } }
    package func consentWording(_ hash: String) throws -> ConsentWording? { try read { try StoreReads.consentWording($0, hash) } }
    package func campaignResponses(_ campaign: Int64) throws -> [CampaignResponseCount] {
        try read { try StoreReads.campaignResponses($0, campaign) }
    }
    package func campaignContent(_ campaign: Int64, revision: Int) throws -> String? {
        try read { try StoreReads.campaignContent($0, campaign, revision: revision) }
    }
    package func campaignFrame(_ campaign: Int64, frame: Int64) throws -> String? {
        try read { try StoreReads.campaignFrame($0, campaign, frame: frame) }
    }
    package func campaignFile(_ campaign: Int64, digest: String) throws -> [UInt8]? {
        try read { try StoreReads.campaignFile($0, campaign, digest: digest) }
    }
    package func campaignRecipients(_ query: CampaignRecipientQuery) throws -> [CampaignRecipient] {
        try read { try StoreReads.campaignRecipients($0, query) }
    }
    package func nextCampaignRecipients(
        _ campaign: Int64, phase: CampaignPhase, zones: Int64, limit: Int
    ) throws -> [CampaignRecipient] {
        try read { try StoreReads.nextCampaignRecipients($0, campaign, phase: phase, zones: zones, limit: limit) }
    }
    package func campaignCounts(_ campaign: Int64) throws -> [CampaignCount] { try read { try StoreReads.campaignCounts($0, campaign) } }
    package func campaignSubjects(_ campaign: Int64) throws -> [CampaignSubjectCount] {
        try read { try StoreReads.campaignSubjects($0, campaign) }
    }
    package func campaignSubjectClicks(_ campaign: Int64) throws -> [CampaignSubjectClicks] {
        try read { try StoreReads.campaignSubjectClicks($0, campaign) }
    }
    package func campaignDomains(_ campaign: Int64, limit: Int) throws -> [CampaignDomainCount] {
        try read { try StoreReads.campaignDomains($0, campaign, limit: limit) }
    }
    package func campaignPace(_ campaign: Int64, since: Timestamp) throws -> CampaignPace {
        try read { try StoreReads.campaignPace($0, campaign, since: since) }
    }
    package func memberships(of address: EmailAddress) throws -> [ListMember] { try read { try StoreReads.memberships($0, of: address) } }
    package func memberCounts(list: Int64) throws -> [Subscriber.State: Int] { try read { try StoreReads.memberCounts($0, list: list) } }
    package func openDomains(before: Timestamp, limit: Int) throws -> [String] {
        try read { try StoreReads.openDomains($0, before: before, limit: limit) }
    }
    package func mailHosts(of domains: [String], list: Int64) throws -> [String: [String]] {
        try read { try StoreReads.mailHosts($0, of: domains, list: list) }
    }
    package func domainCounts(list: Int64) throws -> [MailDomainState: Int] { try read { try StoreReads.domainCounts($0, list: list) } }
    package func deadDomains(list: Int64, limit: Int) throws -> [ListDomain] {
        try read { try StoreReads.deadDomains($0, list: list, limit: limit) }
    }
    package func suppressions(of digests: [AddressDigest]) throws -> [Int: [Suppression]] {
        try read { try StoreReads.suppressions($0, of: digests) }
    }
    package func imports(list: Int64, limit: Int) throws -> [ListImport] {
        try read { try StoreReads.imports($0, list: list, limit: limit) }
    }
    package func consent(from first: String, through last: String) throws -> [String: [ConsentEntry]] {
        try read { try StoreReads.consent($0, from: first, through: last) }
    }
    package func nextNotice() throws -> Timestamp? { try read { try StoreReads.nextNotice($0) } }
    package func waitingForSources() throws -> [Int32: Int] { try read { try StoreReads.waitingForSources($0) } }

    package func traceDigest() throws -> TraceDigest? { try read { try StoreReads.traceDigest($0) } }
    package func traffic(_ query: TrafficQuery) throws -> Traffic { try read { try StoreReads.traffic($0, query) } }
    package func queueShape(at now: Timestamp) throws -> [QueueShapeRow] { try read { try StoreReads.queueShape($0, at: now) } }

    package func lastChange() throws -> StoreChange { try read { try StoreReads.lastChange($0) } }

    package func queueNews(after number: Int64, limit: Int) throws -> [QueueNews] {
        try read { try StoreReads.queueNews($0, after: number, limit: limit) }
    }

    package func waitForChange(since known: StoreChange, timeout: Duration) throws -> StoreChange {
        let deadline = ContinuousClock.now + timeout
        while true {
            let rings = bell.rings
            let change = try lastChange()
            if change != known || bell.isClosed || ContinuousClock.now >= deadline { return change }
            bell.wait(after: rings, until: deadline)
        }
    }

    package func newestMessage() throws -> MessageID? { try read { try StoreReads.newestMessage($0) } }
}

/// GRDB's errors as the store's.
private func mapped<T>(_ body: () throws -> T) throws -> T {
    do {
        return try body()
    } catch let error as DatabaseError {
        let detail = error.message ?? "\(error.resultCode)"
        switch error.resultCode {
        case .SQLITE_FULL: throw StoreError.full(detail)
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: throw StoreError.corrupt(detail)
        case .SQLITE_MISUSE where detail.contains("closed"): throw StoreError.stopped
        default: throw StoreError.unavailable(detail)
        }
    }
}
