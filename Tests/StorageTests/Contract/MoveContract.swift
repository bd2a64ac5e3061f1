import DeliveryPlanning
import MailModel
import OutboundPolicy
import OwnThreads
import Testing

@testable import Storage

/// What a move from one driver to another promises.
@Suite(.ownThreads) struct MoveContract {
    let from: TemporaryFolder
    let to: TemporaryFolder

    init() throws {
        from = try TemporaryFolder()
        to = try TemporaryFolder()
    }

    private static let ways = [(0, 1), (1, 0), (1, 1)]

    private func open(_ way: (Int, Int)) throws -> (any MovableStore, any MovableStore) {
        let source = try #require(try StoreDriver.onGivenTime[way.0].open(from) as? any MovableStore)
        return (source, try #require(try StoreDriver.onGivenTime[way.1].open(to) as? any MovableStore))
    }

    /// Something in each table.
    private func fill(_ store: any Store) throws {
        var large = Sample.message(1, to: ["a@x.net", "b@y.net"], lease: Lease(owner: 11))
        large.content = [UInt8]((0..<600_000).map { UInt8(truncatingIfNeeded: $0) })
        _ = try store.commit([.accept(large), .accept(Sample.message(2, state: .held)), .refuse(Sample.refusal(3))])
        try store.commit(.settle(Sample.settlement(large, [Sample.outcome(.delivered)], owner: 11)))
        let change = DirectoryChange(kind: .pause, name: "all", value: "{\"scope\":\"all\"}", audit: Sample.audit("pause.add"))
        try store.commit(.change(change))
        let reader = Sample.address("reader@example.net")
        let key = SuppressionKey(tenant: .standard, scope: .tenant, digest: AddressKey(1, 2).digest(reader), reason: .complaint)
        let entry = Suppression(key: key, address: reader, source: "local:root", createdAt: Sample.start)
        try store.commit(.suppress(.put([entry], audit: Sample.audit("suppression.add"))))
        try store.commit(.putFact(name: "key", value: "value"))
        let report = AlertReport(AlertCondition(.queueStuck, subject: "queue", at: Sample.start, text: "It stands."))
        let rules = AlertRules(Directory(), usual: [Sample.address("a@example.org")])
        try store.commit(.alert(.report([report], ids: ["one"], rules, at: Sample.start)))
        let counter = CounterKey(name: "k", window: .seconds(3600))
        try store.commit(.count(CounterCall(key: counter, owner: 11, used: 3, wanted: 0, limit: 10, at: Sample.start)))
    }

    @Test(arguments: ways)
    func everythingThatLastsIsThereAfterwards(_ way: (Int, Int)) throws {
        let (source, target) = try open(way)
        try fill(source)
        let report = try StoreMove.run(from: source, to: target) { _ in }
        #expect(report.isSame)
        #expect(report.tables.first { $0.table == "message" }?.targetRows == 2)
        #expect(try target.ledger() == source.ledger())
        #expect(try target.recount() == source.ledger())
        #expect(try target.directory().pauses.count == 1)
        #expect(try target.suppressions(SuppressionQuery()) == source.suppressions(SuppressionQuery()))
        #expect(try target.lastChange().suppressions == 1)
        #expect(try target.directoryVersion() == source.directoryVersion())
        #expect(try target.content(of: Sample.id(1), tenant: .standard)?.count == 600_000)
        #expect(try target.counter(CounterKey(name: "k", window: .seconds(3600)), at: Sample.start).used == 3)
        #expect(try target.alerts(AlertQuery()) == source.alerts(AlertQuery()) && target.nextNotice() == Sample.start)
        #expect(try target.trace(TraceQuery()).count == source.trace(TraceQuery()).count)
        // What the source's run held is free for the nodes of the target, which goes on numbering.
        _ = try target.register(21)
        #expect(try target.claim(owner: 21, at: Sample.start + .seconds(60))?.ids.count == 1)
        try target.commit(.audit(Sample.audit("after")))
        #expect(try target.audit(limit: 10).count == source.audit(limit: 10).count + 1)
    }

    @Test(arguments: ways)
    func aMoveThatFailedIsRepeated(_ way: (Int, Int)) throws {
        struct Broken: Error {}
        let (source, target) = try open(way)
        try fill(source)
        #expect(throws: Broken.self) {
            try StoreMove.run(from: source, to: target) { if $0.table == "event" { throw Broken() } }
        }
        #expect(try StoreMove.run(from: source, to: target) { _ in }.isSame)
    }

    @Test(arguments: ways)
    func rowsThatDifferAreSaid(_ way: (Int, Int)) throws {
        let (source, target) = try open(way)
        try fill(source)
        try target.commit(.accept(Sample.message(7)))
        var other = Sample.message(2)
        other.record.fields.subject = "another"
        try target.commit(.accept(other))
        let report = try StoreMove.run(from: source, to: target) { _ in }
        let message = try #require(report.tables.first { $0.table == "message" })
        #expect(!report.isSame && !message.isSame && message.sourceRows == 2 && message.targetRows == 3)
    }

    /// A table or a column that a later migration adds must not be forgotten.
    @Test(arguments: [0, 1])
    func everyColumnOfTheSchemaIsMovedOrStaysBehindOnPurpose(_ driver: Int) throws {
        let store = try StoreDriver.onGivenTime[driver].open(from)
        let columns = try schema(store)
        let moved = Dictionary(uniqueKeysWithValues: MovedTable.all.map { ($0.name, Set($0.columns.map(\.name))) })
        for (table, names) in columns where !MovedTable.staying.contains(table) { #expect(moved[table] == names, "\(table)") }
        for table in moved.keys { #expect(columns[table] != nil, "\(table)") }
    }

    private func schema(_ store: any Store) throws -> [String: Set<String>] {
        if let store = store as? SQLiteStore {
            return try store.read {
                try schema(
                    $0,
                    """
                    SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c
                    WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'
                    """)
            }
        }
        return try #require(store as? PostgresStore).read {
            try schema(
                $0,
                """
                SELECT c.relname::text, a.attname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
                WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace
                    AND a.attnum > 0 AND NOT a.attisdropped
                """)
        }
    }

    private func schema(_ connection: some StoreConnection, _ sql: String) throws -> [String: Set<String>] {
        let statement = try connection.prepare(sql).begin()
        var columns: [String: Set<String>] = [:]
        while try statement.step() { columns[statement.readText(), default: []].insert(statement.readText()) }
        return columns
    }
}
