/// Copies all that lasts from one store into another, a table at a time, and then holds the two against each other. Neither may be in use.
///
/// Rows that the target has already are left as they are, so a move that failed can be repeated; what differs in the end is said.
package enum StoreMove {
    /// After each batch.
    package struct Progress: Hashable, Sendable {
        package enum Step: String, Hashable, Sendable {
            case copying
            case checking
        }

        package var step: Step
        package var table: String
        /// Of the table, so far.
        package var rows: Int
        /// In the table.
        package var rowsInAll: Int
    }

    package struct TableReport: Hashable, Sendable {
        package var table: String
        package var sourceRows: Int
        package var targetRows: Int
        /// The sums over all rows agree, too.
        package var isSame: Bool
    }

    package struct Report: Hashable, Sendable {
        package var tables: [TableReport]
        package var isSame: Bool { tables.allSatisfy(\.isSame) }
    }

    /// Why nothing was moved.
    package enum Refusal: Error, Hashable, Sendable {
        /// Nodes that run on one of the stores.
        case inUse(by: [String])
        case sameStore
    }

    private static let batchRows = 2000
    private static let batchBytes = 8 * 1024 * 1024

    /// Blocks for as long as it takes.
    package static func run(from source: any MovableStore, to target: any MovableStore, progress: (Progress) throws -> Void) throws
        -> Report
    {
        try source.withTables { source in
            try target.withTables { target in
                for table in MovedTable.all { try copy(table, from: source, to: target, progress) }
                try target.finish(directoryVersion: try source.directoryVersion())
                return Report(tables: try MovedTable.all.map { try check($0, source, target, progress) })
            }
        }
    }

    private static func copy(
        _ table: MovedTable, from source: any StoreTables, to target: any StoreTables, _ progress: (Progress) throws -> Void
    ) throws {
        let rowsInAll = try source.count(table)
        var done = 0
        var batch: [MovedRow] = []
        var bytes = 0
        func write() throws {
            try target.write(batch, to: table)
            done += batch.count
            batch.removeAll(keepingCapacity: true)
            bytes = 0
            try progress(Progress(step: .copying, table: table.name, rows: done, rowsInAll: rowsInAll))
        }
        try source.read(table) { row in
            batch.append(row)
            bytes += row.byteCount
            if batch.count >= batchRows || bytes >= batchBytes { try write() }
        }
        if !batch.isEmpty { try write() }
    }

    private static func check(
        _ table: MovedTable, _ source: any StoreTables, _ target: any StoreTables, _ progress: (Progress) throws -> Void
    ) throws -> TableReport {
        let rowsInAll = try source.count(table)
        func sum(_ tables: any StoreTables) throws -> (rows: Int, digest: UInt64) {
            var (rows, digest) = (0, UInt64(0))
            try tables.read(table) { row in
                rows += 1
                digest &+= row.digest
                if rows % batchRows == 0 { try progress(Progress(step: .checking, table: table.name, rows: rows, rowsInAll: rowsInAll)) }
            }
            return (rows, digest)
        }
        let (before, after) = (try sum(source), try sum(target))
        return TableReport(table: table.name, sourceRows: before.rows, targetRows: after.rows, isSame: before == after)
    }
}

/// A store whose tables can be read and written whole.
package protocol MovableStore: Store {
    /// Runs on connections that nothing else uses meanwhile.
    func withTables<R>(_ body: (any StoreTables) throws -> R) throws -> R
}

/// The tables of one store, row by row.
package protocol StoreTables {
    func count(_ table: MovedTable) throws -> Int
    func read(_ table: MovedTable, _ body: (MovedRow) throws -> Void) throws
    /// One transaction.
    func write(_ rows: [MovedRow], to table: MovedTable) throws
    func directoryVersion() throws -> Int64
    /// Counters that go on from what was copied.
    func finish(directoryVersion: Int64) throws
}
