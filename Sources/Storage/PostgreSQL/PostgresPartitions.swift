import DeliveryPlanning
import MailModel

/// The partitions of the large tables: one for each day, made before the day's first row is written, dropped whole.
struct PostgresPartitions {
    /// Days that have theirs, as far as this connection knows.
    private var days: Set<Int32>

    /// Days made ahead of the one that is written.
    private static let ahead: Int32 = 3
    /// How long a change of partitions may wait for transactions that are under way. Others wait behind it meanwhile.
    private static let lockSeconds = 5

    init(_ connection: PostgresConnection) throws { days = try PostgresPartitions.read(connection) }

    private static func read(_ connection: PostgresConnection) throws -> Set<Int32> {
        let statement = try connection.prepare(PostgresStatements.partitions).begin()
        var days: Set<Int32> = []
        while try statement.step() {
            if let day = Int32(statement.readText().drop { $0 != "_" }.dropFirst(2)) { days.insert(day) }
        }
        return days
    }

    /// `message_d20779`: the table's rows of one day since 1970.
    static func name(_ table: String, _ day: Int32) -> String { "\(table)_d\(day)" }

    // MARK: Making

    /// Makes those that the works need, in a transaction of its own.
    mutating func make(for works: [StoreWork], on connection: PostgresConnection) throws {
        var missing: Set<Int32> = []
        for work in works {
            switch work {
            case .accept(let message): if !days.contains(message.record.id.day) { missing.insert(message.record.id.day) }
            case .refuse(let refusal): if !days.contains(refusal.id.day) { missing.insert(refusal.id.day) }
            case .alert(.conclude(let conclusion)):
                if case .mailed(let message) = conclusion.outcome, !days.contains(message.record.id.day) {
                    missing.insert(message.record.id.day)
                }
            case .settle(let settlement):
                for notice in settlement.notices where !days.contains(notice.record.id.day) { missing.insert(notice.record.id.day) }
            default: break
            }
        }
        try make(missing, on: connection)
    }

    /// Makes those that are missing of these, and a few ahead, in a transaction of its own.
    mutating func make(_ wanted: Set<Int32>, on connection: PostgresConnection) throws {
        let missing = wanted.subtracting(days)
        guard !missing.isEmpty else { return }
        try PostgresPartitions.inTransaction(connection) {
            // Another node may have made them.
            days = try PostgresPartitions.read(connection)
            let wanted = Set(missing.flatMap { day in (0...PostgresPartitions.ahead).map { day &+ $0 } })
            for day in wanted.subtracting(days).sorted() { try PostgresPartitions.make(day, on: connection) }
            days.formUnion(wanted)
        }
    }

    /// Made aside and then attached, which waits for nobody who reads or writes the days that are there.
    private static func make(_ day: Int32, on connection: PostgresConnection) throws {
        for table in PostgresStatements.tablesByDay {
            let part = name(table, day)
            try connection.execute("CREATE TABLE \(part) (LIKE \(table) INCLUDING ALL)\(storage(table))")
            if table == "message_body" {
                // Bodies do not shrink much, and small ones are read and written faster in their row.
                try connection.execute("ALTER TABLE \(part) ALTER COLUMN content SET STORAGE EXTERNAL")
            }
            try connection.execute("ALTER TABLE \(table) ATTACH PARTITION \(part) FOR VALUES FROM (\(day)) TO (\(Int64(day) + 1))")
        }
    }

    private static func storage(_ table: String) -> String { table == "message_body" ? " WITH (toast_tuple_target = 8160)" : "" }

    // MARK: Dropping

    /// Drops each day before `day` whose recipients are all final, and keeps what they came to. Returns how many messages went.
    /// A day that someone reads for long stays for the next time.
    mutating func drop(before day: Int32, on connection: PostgresConnection) throws -> Int {
        var messages = 0
        days = try PostgresPartitions.read(connection)
        for old in days.filter({ $0 < day }).sorted() {
            guard try !PostgresPartitions.hasOpenRecipient(on: old, connection) else { continue }
            do {
                messages += try PostgresPartitions.drop(old, on: connection)
                days.remove(old)
            } catch  where connection.lastFailure?.isLockTimeout == true {
                continue
            }
        }
        return messages
    }

    private static func hasOpenRecipient(on day: Int32, _ connection: PostgresConnection) throws -> Bool {
        let statement = try connection.prepare(PostgresStatements.hasOpenRecipientOnDay).begin().bind(day)
        return try statement.step()
    }

    private static func drop(_ day: Int32, on connection: PostgresConnection) throws -> Int {
        try inTransaction(connection) {
            let parts = PostgresStatements.tablesByDay.map { name($0, day) }
            try connection.execute("LOCK TABLE \(parts.joined(separator: ", ")) IN ACCESS EXCLUSIVE MODE")
            guard try !hasOpenRecipient(on: day, connection) else { return 0 }
            let count = try connection.prepare(PostgresStatements.countMessagesOfDay).begin().bind(day)
            let messages = try count.step() ? count.readInt() : 0
            try connection.prepare(PostgresStatements.keepTotalsOfDay).begin().bind(day).send()
            try connection.execute("DROP TABLE \(parts.joined(separator: ", "))")
            return messages
        }
    }

    /// One node at a time.
    private static func inTransaction<T>(_ connection: PostgresConnection, _ body: () throws -> T) throws -> T {
        do {
            try connection.execute("BEGIN")
            try connection.execute("SET LOCAL lock_timeout = '\(lockSeconds)s'")
            try connection.execute(PostgresStatements.lockSchema)
            let value = try body()
            try connection.execute("COMMIT")
            return value
        } catch {
            connection.rollback()
            throw error
        }
    }
}
