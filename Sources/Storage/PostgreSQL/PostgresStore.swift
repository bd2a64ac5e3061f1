package import Campaigns
package import DeliveryPlanning
package import MailModel
package import OutboundPolicy
import Synchronization

/// The store in a PostgreSQL database that any number of nodes share. A connection that breaks is made again with the next use.
package final class PostgresStore: Store {
    package struct Options: Sendable {
        /// Connections for reads, 1…64: as many as threads read at a time.
        package var readerCount = 4
        /// For a connection to one host.
        package var connectSeconds = 5
        /// For one statement of a commit; a read may take twice as long.
        package var statementSeconds = 30
        /// How much longer than its limit an answer is awaited before the connection is given up.
        package var graceSeconds = 10
        /// How long a commit whose answer was lost waits for the server to say what became of it. Of a node's: as long as its lease, so
        /// that nothing of what counts as failed afterwards can still be used.
        package var resolveTime = Duration.seconds(30)
        /// False where times that are given count, and not the server's: for tests with a clock of their own.
        package var hasOwnClock = true
        /// Runs with the number of the commit (from 1) when all is handed over and nothing is durable; a throw fails the commit.
        /// For tests of failure.
        package var beforeCommit: (@Sendable (_ number: Int64) throws -> Void)?

        package init() {}
    }

    private struct State {
        /// Nil once closed.
        var writer: PostgresWriter?
    }

    package let url: PostgresURL
    private let readers: PostgresReaders
    private let state: Mutex<State>
    private let watch: PostgresWatch
    private let known = DirectoryMemory()
    private let isClosing: Closing

    /// Seen by threads that are waiting for the server.
    private final class Closing: Sendable {
        let isSet = Atomic(false)
    }

    /// Connects, and checks or makes the schema.
    package init(_ url: PostgresURL, options: Options = Options(), migration: SchemaChoice) throws {
        self.url = url
        let closing = Closing()
        isClosing = closing
        try PostgresStore.checkSchema(url, options, migration)
        let readLimits = PostgresStore.limits(options, seconds: options.statementSeconds * 2)
        readers = PostgresReaders(options.readerCount) { try PostgresConnection(url, limits: readLimits) }
        let isStopped: @Sendable () -> Bool = { closing.isSet.load(ordering: .relaxed) }
        watch = PostgresWatch(isClosing: isStopped) { try PostgresConnection(url, limits: readLimits) }
        state = Mutex(
            State(
                writer: PostgresWriter(options, isClosing: isStopped) {
                    try PostgresConnection(url, limits: PostgresStore.limits(options, seconds: options.statementSeconds))
                }))
    }

    private static func limits(_ options: Options, seconds: Int) -> PostgresConnection.Limits {
        PostgresConnection.Limits(
            statementSeconds: seconds, connectSeconds: options.connectSeconds, graceSeconds: options.graceSeconds,
            hasOwnClock: options.hasOwnClock)
    }

    /// The names of the migrations that the database lacks: all of them where it is empty.
    package static func pendingMigrations(_ url: PostgresURL) throws -> [String] {
        try SchemaSteps.pending(PostgresConnection(url)).map(\.name)
    }

    /// Names of the nodes that live on the database, whatever its schema; none where it is empty.
    package static func runningNodes(_ url: PostgresURL) throws -> [String] {
        let connection = try PostgresConnection(url)
        let table = try connection.prepare(PostgresStatements.hasLeases).begin()
        defer { table.end() }
        guard try table.step() else { return [] }
        table.end()
        let now = try connection.clock(Timestamp(milliseconds: 0))
        let living = try connection.prepare(PostgresStatements.livingNodes).begin().bind(now.milliseconds)
        var names: [String] = []
        while try living.step() { names.append(living.readText()) }
        return names
    }

    /// One node at a time takes the steps; whoever comes later finds them taken.
    private static func checkSchema(_ url: PostgresURL, _ options: Options, _ choice: SchemaChoice) throws {
        // A step may rewrite a table.
        let connection = try PostgresConnection(url, limits: limits(options, seconds: 86_400))
        var pending = try SchemaSteps.pending(connection)
        if !pending.isEmpty {
            guard choice == .apply else { throw StoreError.pendingMigrations(pending.map(\.name)) }
            try connection.execute("BEGIN")
            try connection.execute(PostgresStatements.lockSchema)
            pending = try SchemaSteps.pending(connection)
            try SchemaSteps.apply(pending, on: connection)
            try connection.execute("COMMIT")
        }
        try connection.execute(PostgresStatements.forgetWriters)
    }

    /// Later calls throw `stopped`. Waits for a commit that is under way.
    package func close() {
        isClosing.isSet.store(true, ordering: .relaxed)
        state.withLock { state in
            state.writer?.close()
            state.writer = nil
        }
        readers.close()
        watch.close()
    }

    /// Outcomes that took no effect since the store was opened: the recipient was final, or in another run's hands.
    package var settlementConflicts: Int { state.withLock { $0.writer?.settlementConflicts ?? 0 } }

    // MARK: Writing

    package func commit(_ works: [StoreWork]) throws -> [StoreWorkResult] {
        try state.withLock { state in
            guard let writer = state.writer else { throw StoreError.stopped }
            return try writer.commit(works)
        }
    }

    // MARK: Reading

    /// On one reading connection, in one snapshot.
    func read<T>(_ body: (PostgresConnection) throws -> T) throws -> T { try readers.read(body) }

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
    package func newestMessage() throws -> MessageID? { try read { try StoreReads.newestMessage($0) } }

    // MARK: Nodes

    package var isShared: Bool { true }
    package func nodes(at now: Timestamp) throws -> [NodeRow] { try read { try StoreReads.nodes($0, at: now) } }
    package func fact(_ name: String) throws -> String? { try read { try StoreReads.fact($0, name) } }
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
        try watch.wait(since: known, timeout: timeout)
    }
}
