import DeliveryPlanning
import MailModel
import OwnThreads
import PostgresTestServer
import Testing

@testable import Storage

/// How the tables lie on PostgreSQL.
@Suite(.ownThreads) struct PostgresSchema {
    let folder: TemporaryFolder
    let database: PostgresTestDatabase
    let store: PostgresStore

    init() throws {
        folder = try TemporaryFolder()
        database = try folder.database()
        store = try PostgresStore(PostgresURL(database.url), migration: .refuse)
    }

    @Test func theLargeTablesLieByDay() throws {
        let tables = try database.run("SELECT relname FROM pg_class WHERE relkind = 'p' ORDER BY relname")
        #expect(tables == (PostgresStatements.tablesByDay + [PostgresStatements.counterTable]).sorted())
    }

    /// So that they can be spread over servers.
    @Test func everyUniqueKeyOfALargeTableHoldsTenantAndDay() throws {
        let keys = """
            SELECT i.relname FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
            WHERE c.relkind IN ('p', 'r') AND (c.relkind = 'p' OR c.relispartition) AND x.indisunique
            """
        let lacking = """
             AND NOT ARRAY(SELECT CAST(a.attname AS TEXT) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = ANY (x.indkey))
                @> ARRAY['tenant', 'day']
            """
        #expect(try database.run(keys).count >= PostgresStatements.tablesByDay.count)
        #expect(try database.run(keys + lacking) == [])
    }

    @Test func daysAreMadeAheadOfWhatIsWritten() throws {
        try store.commit(.accept(Sample.message(1, at: Sample.start + .seconds(86_400 * 30))))
        let first = Sample.day + 30
        for table in PostgresStatements.tablesByDay {
            let days = try database.run(
                "SELECT CAST(inhrelid AS regclass) FROM pg_inherits WHERE inhparent = CAST('\(table)' AS regclass)")
            for day in first...first + 3 { #expect(days.contains(PostgresPartitions.name(table, day))) }
        }
    }

    @Test func aDayWhoseRecipientsAreFinalIsDroppedWhole() throws {
        func message(_ number: Int, day: Int) -> NewMessage { Sample.message(number, at: Sample.start + .seconds(86_400 * day)) }
        let messages = [message(1, day: 0), message(2, day: 1), message(3, day: 1), message(4, day: 2)]
        _ = try store.commit(messages.map(StoreWork.accept) + [.refuse(Sample.refusal(9))])
        // Of day 1, one stays open.
        for index in [0, 1, 3] { try store.commit(.settle(Sample.settlement(messages[index], [Sample.outcome(.delivered)]))) }
        let before = try store.ledger()
        guard case .affected(let count) = try store.commit(.purge(before: Sample.day + 2, limit: 100)) else { return }
        #expect(count == 2)
        func exists(_ day: Int32) throws -> Bool {
            try database.run("SELECT 1 WHERE to_regclass('\(PostgresPartitions.name("message", day))') IS NOT NULL") == ["1"]
        }
        #expect(try (0...2).map { try exists(Sample.day + $0) } == [false, true, true])
        #expect(try [1, 2, 3, 4].map { try store.message(messages[$0 - 1].record.id) != nil } == [false, false, true, true])
        #expect(try store.ledger() == before)
        #expect(try store.recount() == before)
        var refused = TraceQuery()
        refused.status = "refused"
        #expect(try store.trace(refused).isEmpty)
        try store.commit(.accept(message(5, day: 0)))
        #expect(try exists(Sample.day), "a clock that was set back")
        #expect(try store.ledger() == store.recount())
    }

    /// Counters lie by the last day on which a sum counts.
    @Test func countersAreKeptForAsLongAsTheyCount() throws {
        var options = PostgresStore.Options()
        options.hasOwnClock = false
        let store = try PostgresStore(PostgresURL(database.url), options: options, migration: .refuse)
        defer { store.close() }
        let keys = [3600, 5 * 86_400, 40 * 86_400].map { CounterKey(name: "k\($0)", window: .seconds($0)) }
        func use(_ amount: Int, day: Int) throws {
            for key in keys {
                let time = Sample.start + .seconds(86_400 * day)
                try store.commit(.count(CounterCall(key: key, owner: 11, used: amount, wanted: 1, limit: 1000, at: time)))
            }
        }
        func parts() throws -> Int {
            try database.run("SELECT 1 FROM pg_inherits WHERE inhparent = CAST('counter_bucket' AS regclass)").count
        }
        try use(1, day: 0)
        try use(2, day: 1)
        // What a run had of each when it ends counts as used that day.
        try store.commit(.leave(owner: 11, at: Sample.start + .seconds(86_400 * 3)))
        let before = try parts()
        func used(day: Int) throws -> [Int] {
            try keys.map { try store.counter($0, at: Sample.start + .seconds(86_400 * day)).used }
        }
        #expect(try used(day: 3) == [1, 4, 4])
        try store.commit(.purge(before: Sample.day + 5, limit: 0))
        #expect(try parts() < before)
        #expect(try used(day: 7) == [0, 1, 4] && used(day: 9) == [0, 0, 4])
        try store.commit(.purge(before: Sample.day + 60, limit: 0))
        #expect(try parts() == 0)
        try use(5, day: 60)
        #expect(try used(day: 60) == [5, 5, 5])
    }

    @Test func countersOfAnEarlierSchemaAreKept() throws {
        let earlier = try PostgresTestServer.shared().makeDatabase(template: "earlier-counters") { url in
            let connection = try PostgresConnection(PostgresURL(url))
            try SchemaSteps.apply(Migration.all.filter { $0.number < Migration.manyNodes.number }, on: connection)
            for day in [20_000, 20_001] {
                try connection.execute("INSERT INTO counter_bucket (day, tenant, name, bucket, total) VALUES (\(day), 1, 'k', \(day), 7)")
            }
        }
        let migrated = try PostgresStore(PostgresURL(earlier.url), migration: .apply)
        defer { migrated.close() }
        #expect(
            try earlier.run("SELECT CAST(tableoid AS regclass) FROM counter_bucket ORDER BY day") == [
                "counter_bucket_d20000", "counter_bucket_d20001",
            ])
        #expect(try earlier.run("SELECT SUM(total) FROM counter_bucket") == ["14"])
        try earlier.run(
            "INSERT INTO counter_bucket (day, tenant, name, bucket, total) VALUES (20001, 1, 'k', 20001, 7) ON CONFLICT DO NOTHING")
        #expect(throws: (any Error).self) { try earlier.run("UPDATE counter_bucket SET total = 0") }
        try migrated.commit(.accept(Sample.message(1)))
        #expect(try migrated.ledger().accepted == 1)
    }

    @Test func aDayThatSomeoneReadsIsLeftForTheNextPurge() throws {
        let message = Sample.message(1)
        try store.commit(.accept(message))
        try store.commit(.settle(Sample.settlement(message, [Sample.outcome(.delivered)])))
        let reader = try PostgresConnection(PostgresURL(database.url))
        try reader.execute("BEGIN")
        try reader.execute("SELECT COUNT(*) FROM message")
        guard case .affected = try store.commit(.purge(before: Sample.day + 1, limit: 0)) else { return }
        #expect(try store.message(message.record.id) != nil)
        reader.rollback()
        guard case .affected(let count) = try store.commit(.purge(before: Sample.day + 1, limit: 0)) else { return }
        #expect(count == 1)
        #expect(try store.message(message.record.id) == nil)
    }

    @Test func anAnswerGoesOutOnlyOnceItIsOnDisk() throws {
        try database.run("ALTER DATABASE \(database.name) SET synchronous_commit = off")
        let connection = try PostgresConnection(PostgresURL(database.url))
        let statement = try connection.prepare("SELECT current_setting('synchronous_commit')").begin()
        #expect(try statement.step() && statement.readText() == "on")
    }

    @Test func textsWithAZeroOctetAreKeptWithoutIt() throws {
        var message = Sample.message(1)
        message.record.fields.subject = "a\0b"
        try store.commit(.accept(message))
        #expect(try store.message(message.record.id)?.record.subject == "a\u{FFFD}b")
    }
}
