import CLibPQ
import Foundation

/// One connection to a PostgreSQL server, in libpq's pipeline mode: statements are handed over as they come, and their answers are collected
/// together when one of them is needed. Confined to one thread at a time; every call blocks, with a limit.
final class PostgresConnection: StoreConnection {
    /// What is to become of the answer to a statement.
    enum Answer {
        case nothing
        /// For `lastCount`.
        case count
        /// For `flush`.
        case laterCount
        case rows(PostgresStatement)
        case preparation(PostgresPreparation)
        case sync
    }

    struct Limits: Sendable {
        /// For one statement, by the server's clock.
        var statementSeconds = 30
        /// For a connection to one host.
        var connectSeconds = 5
        /// A statement's limit and this: how long nothing may come while an answer is awaited.
        var graceSeconds = 10
        /// False where the times that are given count, as they do in a file's store: for tests.
        var hasOwnClock = true
    }

    let dialect: Dialect
    var pipelineDepth: Int { 256 }

    private let handle: OpaquePointer
    private let limits: Limits
    private var expected: [Answer] = []
    private var firstExpected = 0
    private var preparations: [String: PostgresPreparation] = [:]
    private var laterCounts: [Int] = []
    private var insertions: [PostgresStatement] = []
    private(set) var lastCount = 0
    private var failure: PostgresFailure?
    private var cursors = 0
    /// Set once it can be used no more.
    private(set) var isLost = false
    /// What the server said when it last refused something; nil where the last `collect` went well.
    private(set) var lastFailure: PostgresFailure?

    // MARK: Opening

    init(_ url: PostgresURL, limits: Limits = Limits()) throws {
        self.limits = limits
        var dialect = Dialect.postgres
        if !limits.hasOwnClock { dialect.clock = nil }
        self.dialect = dialect
        handle = try PostgresConnection.connect(url, limits)
        // Should this throw, `deinit` runs all the same, since every property is set.
        try configure()
    }

    deinit { PQfinish(handle) }

    private static func connect(_ url: PostgresURL, _ limits: Limits) throws -> OpaquePointer {
        var parameters = [
            "connect_timeout": "\(limits.connectSeconds)", "client_encoding": "UTF8", "application_name": "postern",
            // Of several hosts the one that takes writes; a standby that was asked fails here and not at its first write.
            "target_session_attrs": "read-write", "keepalives_idle": "10", "keepalives_interval": "5", "keepalives_count": "3",
            "tcp_user_timeout": "20000",
        ]
        parameters.merge(url.parameters) { $1 }
        let names = parameters.keys.sorted()
        let connection = withCStrings(names) { keys in
            withCStrings(names.map { parameters[$0] ?? "" }) { values in PQconnectdbParams(keys, values, 0) }
        }
        guard let connection else { throw StoreError.unavailable("no memory for a connection") }
        guard PQstatus(connection) == CONNECTION_OK else {
            defer { PQfinish(connection) }
            throw StoreError.unavailable(redacted(String(cString: PQerrorMessage(connection)), url))
        }
        guard PQserverVersion(connection) >= 140_000 else {
            defer { PQfinish(connection) }
            throw StoreError.unavailable("the server is PostgreSQL \(PQserverVersion(connection) / 10_000); 14 or later is needed")
        }
        return connection
    }

    /// libpq does not quote passwords; a server's own message may hold anything.
    private static func redacted(_ message: String, _ url: PostgresURL) -> String {
        var text = message.split(whereSeparator: \.isNewline).joined(separator: "; ")
        for name in ["password", "sslpassword"] {
            if let secret = url.parameters[name] { text = text.replacingOccurrences(of: secret, with: "…") }
        }
        return text
    }

    private func configure() throws {
        let settings = [
            "SET statement_timeout = '\(limits.statementSeconds)s'",
            // What a dead node's transaction holds is free after this at the latest.
            "SET idle_in_transaction_session_timeout = '\(limits.statementSeconds)s'",
            "SET tcp_keepalives_idle = 10", "SET tcp_keepalives_interval = 5", "SET tcp_keepalives_count = 3",
            // The statements are few and look up by key: planning each execution anew would cost more than running it.
            "SET plan_cache_mode = force_generic_plan", "SET jit = off",
            // Each statement has an index to go along, in the order that it wants. A planner that has seen a day's tables empty, as they are
            // when they are made, would read them whole and sort them, and go on so while they fill.
            "SET enable_seqscan = off", "SET enable_sort = off", "SET enable_hashjoin = off", "SET enable_mergejoin = off",
            // A 250 must not go out on a server that was told to answer before its log is on disk.
            "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'",
        ]
        let result = PQexec(handle, settings.joined(separator: ";"))
        defer { PQclear(result) }
        guard let result, PQresultStatus(result) == PGRES_TUPLES_OK else {
            throw result.map { PostgresFailure(result: $0).error } ?? StoreError.unavailable("the connection broke while it was made")
        }
        guard PQsetnonblocking(handle, 1) == 0, PQenterPipelineMode(handle) == 1 else {
            throw StoreError.unavailable("the connection does not take a pipeline")
        }
    }

    // MARK: Statements

    func prepare(_ sql: String) throws -> PostgresStatement { PostgresStatement(self, preparation(sql), isLong: false) }
    func prepareKept(_ sql: String) throws -> PostgresStatement { try prepare(sql) }
    func prepareLong(_ sql: String) throws -> PostgresStatement { PostgresStatement(self, preparation(sql), isLong: true) }
    func prepareInsertion(_ sql: String) throws -> PostgresStatement { PostgresStatement(self, insertion: sql) }

    func preparation(_ sql: String) -> PostgresPreparation {
        if let known = preparations[sql] { return known }
        let made = PostgresPreparation(name: "s\(preparations.count)", sql: sql)
        preparations[sql] = made
        return made
    }

    func send(_ preparation: PostgresPreparation, _ parameters: borrowing PostgresParameters, _ answer: Answer) throws {
        try sendInsertions()
        precondition(parameters.count == preparation.parameterCount, "not as many parameters as the statement has")
        parameters.settle()
        try send(preparation, parameters, from: 0, answer)
    }

    /// Takes its parameters from a place in a list that is settled.
    func send(_ preparation: PostgresPreparation, _ parameters: borrowing PostgresParameters, from place: Int, _ answer: Answer) throws {
        if !preparation.isSent {
            try handOver(PQsendPrepare(handle, preparation.name, preparation.sql, 0, nil), .preparation(preparation))
            preparation.isSent = true
        }
        try handOver(
            PQsendQueryPrepared(
                handle, preparation.name, Int32(preparation.parameterCount), parameters.values + place, parameters.lengths + place,
                parameters.formats + place, PostgresConnection.binary), answer)
    }

    /// Rows of this insertion wait to be handed over together.
    func putOff(_ insertion: PostgresStatement) { insertions.append(insertion) }

    private func sendInsertions() throws {
        guard !insertions.isEmpty else { return }
        for insertion in insertions { try insertion.sendRows() }
        insertions.removeAll(keepingCapacity: true)
    }

    /// Opens a cursor and asks for its first rows. Returns its name.
    func open(
        _ preparation: PostgresPreparation, _ parameters: borrowing PostgresParameters, portion: Int32, for statement: PostgresStatement
    ) throws -> String {
        try sendInsertions()
        cursors += 1
        let name = "c\(cursors)"
        parameters.settle()
        try handOver(
            PQsendQueryParams(
                handle, "DECLARE \(name) NO SCROLL CURSOR FOR \(preparation.sql)", Int32(parameters.count), nil, parameters.values,
                parameters.lengths, parameters.formats, PostgresConnection.binary), .nothing)
        try fetch(portion, from: name, for: statement)
        return name
    }

    func fetch(_ portion: Int32, from cursor: String, for statement: PostgresStatement) throws {
        try handOver(send("FETCH FORWARD \(portion) FROM \(cursor)"), .rows(statement))
    }

    /// A failure to close shows with the next statement.
    func close(cursor: String) {
        if !isLost { try? handOver(send("CLOSE \(cursor)"), .nothing) }
    }

    func execute(_ sql: String) throws {
        try sendInsertions()
        try handOver(send(sql), .nothing)
        try collect()
    }

    private static let binary: Int32 = 1

    private func send(_ sql: String) -> Int32 { PQsendQueryParams(handle, sql, 0, nil, nil, nil, nil, PostgresConnection.binary) }

    private func handOver(_ status: Int32, _ answer: Answer) throws {
        guard !isLost, status == 1 else { throw lost() }
        expected.append(answer)
    }

    func flush() throws -> [Int] {
        try collect()
        defer { laterCounts.removeAll(keepingCapacity: true) }
        return laterCounts
    }

    func rollback() {
        let reason = lastFailure
        for insertion in insertions { insertion.forgetRows() }
        insertions.removeAll()
        // What was sent and fails has failed already, with the transaction.
        if !isLost { try? collect() }
        if !isLost { try? execute("ROLLBACK") }
        laterCounts.removeAll()
        lastFailure = reason
    }

    // MARK: Answers

    /// Waits for the answers to all that was handed over. Throws the first failure among them.
    func collect() throws {
        guard !isLost else { throw lost() }
        try sendInsertions()
        if PQpipelineSync(handle) != 1 { throw lost() }
        expected.append(.sync)
        while firstExpected < expected.count {
            let answer = expected[firstExpected]
            firstExpected += 1
            try take(answer)
        }
        expected.removeAll(keepingCapacity: true)
        firstExpected = 0
        lastFailure = failure
        guard let failure else { return }
        self.failure = nil
        if failure.endsConnection { isLost = true }
        throw failure.error
    }

    private func take(_ answer: Answer) throws {
        guard let result = try nextResult() else { throw lost() }
        if case .sync = answer {
            let status = PQresultStatus(result)
            PQclear(result)
            guard status == PGRES_PIPELINE_SYNC else { throw lost() }
            return
        }
        take(result, answer)
        // Each statement's answer ends with a null.
        while let more = try nextResult() { PQclear(more) }
    }

    private func take(_ result: OpaquePointer, _ answer: Answer) {
        switch PQresultStatus(result) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK:
            switch answer {
            case .rows(let statement): return statement.take(result)
            case .count: lastCount = PostgresConnection.count(result)
            case .laterCount: laterCounts.append(PostgresConnection.count(result))
            case .nothing, .preparation, .sync: break
            }
        case PGRES_PIPELINE_ABORTED:
            if case .preparation(let preparation) = answer { preparation.isSent = false }
        default:
            if case .preparation(let preparation) = answer { preparation.isSent = false }
            if failure == nil { failure = PostgresFailure(result: result) }
        }
        PQclear(result)
    }

    private static func count(_ result: OpaquePointer) -> Int { PQcmdTuples(result).map { Int(atol($0)) } ?? 0 }

    private func nextResult() throws -> OpaquePointer? {
        while true {
            let unsent = PQflush(handle)
            guard unsent >= 0 else { throw lost() }
            if PQisBusy(handle) == 0 { return PQgetResult(handle) }
            try wait(toSend: unsent == 1)
            guard PQconsumeInput(handle) == 1 else { throw lost() }
        }
    }

    private func wait(toSend: Bool) throws {
        let seconds = limits.statementSeconds + limits.graceSeconds
        var descriptor = pollfd(fd: PQsocket(handle), events: Int16(POLLIN) | (toSend ? Int16(POLLOUT) : 0), revents: 0)
        while true {
            let ready = poll(&descriptor, 1, Int32(seconds * 1000))
            if ready > 0 { return }
            if ready == 0 { throw lost("no answer for \(seconds) s") }
            guard errno == EINTR else { throw lost("poll failed with error \(errno)") }
        }
    }

    /// False where the server has closed it while nothing was asked.
    func isStillOpen() -> Bool {
        var descriptor = pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
        while !isLost, poll(&descriptor, 1, 0) > 0 {
            if PQconsumeInput(handle) != 1 { isLost = true }
            // Takes up what came without being asked for.
            _ = takeNotices()
        }
        return !isLost
    }

    // MARK: Notices

    /// Waits until the server tells something that this connection listens for; false where it does not in time.
    func waitForNotice(_ timeout: Duration) throws -> Bool {
        guard !isLost else { throw lost() }
        let milliseconds = max(0, timeout.components.seconds * 1000 + timeout.components.attoseconds / 1_000_000_000_000_000)
        var descriptor = pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
        if takeNotices() { return true }
        guard poll(&descriptor, 1, Int32(clamping: milliseconds)) > 0 else { return false }
        guard PQconsumeInput(handle) == 1 else { throw lost() }
        return takeNotices()
    }

    private func takeNotices() -> Bool {
        var isTold = false
        while let notice = PQnotifies(handle) {
            isTold = true
            PQfreemem(notice)
        }
        return isTold
    }

    /// Marks the connection as one that can be used no more. What the server said before it went says more than that it is gone.
    private func lost(_ reason: String? = nil) -> StoreError {
        isLost = true
        if let failure { return failure.error }
        let text = reason ?? String(cString: PQerrorMessage(handle)).split(whereSeparator: \.isNewline).joined(separator: "; ")
        return .unavailable(text.isEmpty ? "the connection to the server broke" : text)
    }
}

/// A null-terminated array of C strings.
private func withCStrings<R>(_ texts: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> R) -> R {
    var pointers = texts.map { UnsafePointer(strdup($0)) } + [nil]
    defer { for pointer in pointers { free(UnsafeMutablePointer(mutating: pointer)) } }
    return body(&pointers)
}
