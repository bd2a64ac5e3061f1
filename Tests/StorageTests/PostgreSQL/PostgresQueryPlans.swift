import MailModel
import OwnThreads
import PostgresTestServer
import Testing

@testable import Storage

/// The statements go along their indices, on tables of several days with many rows, and on those of a day that was just made.
@Suite(.ownThreads) struct PostgresQueryPlans {
    let connection: PostgresConnection

    /// One for all tests here, since filling it takes longer than they do. The process's server, and it with it, end with the process.
    private static let filled = Result {
        let folder = try TemporaryFolder()
        let database = try folder.database()
        try fill(database)
        return database
    }

    init() throws { connection = try PostgresConnection(PostgresURL(PostgresQueryPlans.filled.get().url)) }

    private static func fill(_ database: PostgresTestDatabase) throws {
        let store = try PostgresStore(PostgresURL(database.url), migration: .refuse)
        try store.commit(.accept(Sample.message(1)))
        store.close()
        let day = Sample.day
        try database.run(
            """
            INSERT INTO recipient (day, message, idx, tenant, state, attempts, due_at, lease_owner, events, is_internal, is_warned, local_part, host)
            SELECT \(day) + n % 3, n, 0, 1, CASE WHEN n % 4 = 0 THEN 0 ELSE 2 END, 0, n, CASE WHEN n % 40 = 0 THEN 7 ELSE 0 END, 0, 0, 0, 'a', 'b'
            FROM generate_series(1, 40000) n WHERE n % 4 = 0 OR n % 40 > 0
            """)
        try database.run(
            """
            INSERT INTO message (day, message, tenant, received_at, traffic_class, sender, principal, reverse_path, body_kind,
                is_internationalized, header_from, subject, header_message_id, size_bytes, client_name, pool, expires_at, recipient_count)
            SELECT day, message, 1, 0, 0, 'a', 'a', 'a', '7BIT', 0, 'a', 'a', 'a', 0, 'a', 'a', 0, 1 FROM recipient
            WHERE message < 1000000
            """)
        try database.run("ANALYZE")
    }

    /// With the plan that serves all values; for what a cursor reads, with the one for values in the midst.
    private func plan(_ sql: String) throws -> [String] {
        let count = PostgresPreparation(name: "", sql: sql).parameterCount
        let isLong = [ReadStatements.traceRecipients(.postgres), ReadStatements.traceRefusals(.postgres), ReadStatements.queueRange]
            .contains(sql)
        try connection.execute("SET plan_cache_mode = \(isLong ? "force_custom_plan" : "force_generic_plan")")
        let day = Sample.day
        let samples = sql == ReadStatements.queueRange ? Array(repeating: "0", count: 7) : ["\(day + 2)", "30000", "\(day)", "0", "0", "6"]
        try connection.execute("PREPARE asked AS \(sql)")
        let values =
            count == 0
            ? "" : "(\((isLong ? Array(samples.prefix(count)) : Array(repeating: "NULL", count: count)).joined(separator: ", ")))"
        let statement = try connection.prepare("EXPLAIN (COSTS OFF) EXECUTE asked\(values)").begin()
        var lines: [String] = []
        while try statement.step() { lines.append(statement.readText()) }
        try connection.execute("DEALLOCATE asked")
        return lines
    }

    @Test(arguments: [
        WriteStatements.settleRecipient, WriteStatements.recipientState, WriteStatements.insertEvent, WriteStatements.deleteBody,
        WriteStatements.deleteBodyIfAllFinal, WriteStatements.claimDue(.postgres), WriteStatements.nextDue, WriteStatements.nextWaitsFor,
        WriteStatements.countWaiting,
        WriteStatements.nextLeaseOwner, WriteStatements.releaseOwner, WriteStatements.releaseRecipient, WriteStatements.actOnRecipient,
        WriteStatements.dropTraceFilter, WriteStatements.wished, WriteStatements.wishForRecipient, WriteStatements.concludeWish,
        ReadStatements.messageByKey, ReadStatements.recipientsOfMessage, ReadStatements.eventsOfMessage, ReadStatements.content,
        ReadStatements.traceRecipients(.postgres), ReadStatements.traceRefusals(.postgres), ReadStatements.queueRange,
        ReadStatements.queueOfMessage, ReadStatements.newestMessages[0], NodeStatements.recipientsOfRun,
    ])
    func noLargeTableIsScanned(_ sql: String) throws {
        let plan = try plan(sql)
        #expect(plan.filter { $0.contains("Seq Scan") } == [], "\(sql)\n\(plan.joined(separator: "\n"))")
    }

    @Test(arguments: [
        WriteStatements.claimDue(.postgres), WriteStatements.nextDue, WriteStatements.nextWaitsFor, WriteStatements.countWaiting,
        ReadStatements.queueRange, WriteStatements.nextLeaseOwner,
        WriteStatements.releaseOwner, WriteStatements.wished, NodeStatements.recipientsOfRun,
    ])
    func theOpenRecipientsAreReadAlongTheirIndex(_ sql: String) throws {
        let plan = try plan(sql)
        #expect(plan.contains { $0.contains("state_waits_for_lease_owner_due_at") }, "\(sql)\n\(plan.joined(separator: "\n"))")
    }

    /// Rows that come in order are read as far as they are wanted; a sort reads them all first.
    @Test(arguments: [
        WriteStatements.claimDue(.postgres), WriteStatements.nextDue, ReadStatements.traceRecipients(.postgres),
        ReadStatements.traceRefusals(.postgres), ReadStatements.queueRange, ReadStatements.recipientsOfMessage,
    ])
    func rowsComeInOrderWithoutASort(_ sql: String) throws {
        let plan = try plan(sql)
        #expect(
            !plan.contains { $0.contains("Sort") && !$0.contains("Key:") && !$0.contains("Incremental Sort") },
            "\(sql)\n\(plan.joined(separator: "\n"))")
    }
}
