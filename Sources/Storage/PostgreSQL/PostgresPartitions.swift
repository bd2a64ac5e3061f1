import DeliveryPlanning
import MailModel

/// The partitions of the large tables: one for each day, made before the day's first row is written, dropped whole.
struct PostgresPartitions {
    /// Tables that have the same days.
    enum Family: CaseIterable {
        case mail, counters

        var tables: [String] { self == .mail ? PostgresStatements.tablesByDay : [PostgresStatements.counterTable] }
        /// Days made ahead of the one that is written.
        var ahead: Int32 { self == .mail ? 3 : 1 }

        /// Of a table; nil where it does not lie by day.
        init?(of table: String) {
            guard let family = Family.allCases.first(where: { $0.tables.contains(table) }) else { return nil }
            self = family
        }
    }

    /// Days that have theirs, as far as this connection knows.
    private var days: [Family: Set<Int32>]

    /// How long a change of partitions may wait for transactions that are under way. Others wait behind it meanwhile.
    private static let lockSeconds = 5

    init(_ connection: PostgresConnection) throws { days = try PostgresPartitions.read(connection) }

    private static func read(_ connection: PostgresConnection) throws -> [Family: Set<Int32>] {
        let statement = try connection.prepare(PostgresStatements.partitions).begin()
        var days: [Family: Set<Int32>] = [:]
        while try statement.step() {
            let name = statement.readText()
            for family in Family.allCases where name.hasPrefix("\(family.tables[0])_d") {
                if let day = Int32(name.dropFirst(family.tables[0].count + 2)) { days[family, default: []].insert(day) }
            }
        }
        return days
    }

    /// `message_d20779`: the table's rows of one day since 1970.
    static func name(_ table: String, _ day: Int32) -> String { "\(table)_d\(day)" }

    // MARK: Making

    /// Makes those that the works need, in a transaction of its own.
    mutating func make(for works: [StoreWork], on connection: PostgresConnection) throws {
        let known = days[.mail] ?? []
        var missing: Set<Int32> = []
        for work in works {
            switch work {
            case .accept(let message): if !known.contains(message.record.id.day) { missing.insert(message.record.id.day) }
            case .refuse(let refusal): if !known.contains(refusal.id.day) { missing.insert(refusal.id.day) }
            case .alert(.conclude(let conclusion)):
                if case .mailed(let message) = conclusion.outcome, !known.contains(message.record.id.day) {
                    missing.insert(message.record.id.day)
                }
            case .settle(let settlement):
                for notice in settlement.notices where !known.contains(notice.record.id.day) { missing.insert(notice.record.id.day) }
            case .digest(let digest): missing.formUnion(digest.days.subtracting(known))
            default: break
            }
        }
        try make(missing, of: .mail, on: connection)
        try make(counterDays(for: works, on: connection), of: .counters, on: connection)
    }

    /// Those of the sums that the works may add to. What a run had counts as used when it ends.
    private func counterDays(for works: [StoreWork], on connection: PostgresConnection) throws -> Set<Int32> {
        var wanted: Set<Int32> = []
        var portions: [Duration]?
        for work in works {
            let (given, windows): (Timestamp, [Duration]?)
            switch work {
            case .count(let call): (given, windows) = (call.at, [call.key.window])
            case .register(let run, _), .renew(let run, _): (given, windows) = (run.at, nil)
            case .takeOver(_, let time), .leave(_, let time): (given, windows) = (time, nil)
            default: continue
            }
            if windows == nil, portions == nil { portions = try PostgresPartitions.windowsOfPortions(connection) }
            let used = (windows ?? portions ?? []).filter(CounterKey.windowRange.contains)
            guard !used.isEmpty else { continue }
            let now = try connection.clock(given)
            for window in used {
                let key = CounterKey(name: "", window: window)
                wanted.insert(Int32(clamping: key.lastDay(ofBucket: key.bucket(at: now))))
            }
        }
        return wanted
    }

    private static func windowsOfPortions(_ connection: PostgresConnection) throws -> [Duration] {
        let statement = try connection.prepare(PostgresStatements.windowsOfPortions).begin()
        var windows: [Duration] = []
        while try statement.step() { windows.append(.milliseconds(statement.readInt64())) }
        return windows
    }

    /// Makes those that are missing of these, and a few ahead, in a transaction of its own.
    mutating func make(_ wanted: Set<Int32>, of family: Family, on connection: PostgresConnection) throws {
        let missing = wanted.subtracting(days[family] ?? [])
        guard !missing.isEmpty else { return }
        try PostgresPartitions.inTransaction(connection) {
            // Another node may have made them.
            days = try PostgresPartitions.read(connection)
            let wanted = Set(missing.flatMap { day in (0...family.ahead).map { day &+ $0 } })
            for day in wanted.subtracting(days[family] ?? []).sorted() { try PostgresPartitions.make(day, of: family, on: connection) }
            days[family, default: []].formUnion(wanted)
        }
    }

    /// Made aside and then attached, which waits for nobody who reads or writes the days that are there.
    private static func make(_ day: Int32, of family: Family, on connection: PostgresConnection) throws {
        for table in family.tables {
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

    /// Drops each day before `day` whose recipients are all final, and keeps what they came to; and the counters that counted until then.
    /// Returns how many messages went. A day that someone reads for long stays for the next time.
    mutating func drop(before day: Int32, on connection: PostgresConnection) throws -> Int {
        var messages = 0
        days = try PostgresPartitions.read(connection)
        for family in Family.allCases {
            for old in (days[family] ?? []).filter({ $0 < day }).sorted() {
                guard try family == .counters || !PostgresPartitions.hasOpenRecipient(on: old, connection) else { continue }
                do {
                    messages += try PostgresPartitions.drop(old, of: family, on: connection)
                    days[family]?.remove(old)
                } catch  where connection.lastFailure?.isLockTimeout == true {
                    continue
                }
            }
        }
        return messages
    }

    private static func hasOpenRecipient(on day: Int32, _ connection: PostgresConnection) throws -> Bool {
        let statement = try connection.prepare(PostgresStatements.hasOpenRecipientOnDay).begin().bind(day)
        return try statement.step()
    }

    private static func drop(_ day: Int32, of family: Family, on connection: PostgresConnection) throws -> Int {
        try inTransaction(connection) {
            let parts = family.tables.map { name($0, day) }
            try connection.execute("LOCK TABLE \(parts.joined(separator: ", ")) IN ACCESS EXCLUSIVE MODE")
            var messages = 0
            if family == .mail {
                guard try !hasOpenRecipient(on: day, connection) else { return 0 }
                let count = try connection.prepare(PostgresStatements.countMessagesOfDay).begin().bind(day)
                messages = try count.step() ? count.readInt() : 0
                try connection.prepare(PostgresStatements.keepTotalsOfDay).begin().bind(day).send()
            }
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
