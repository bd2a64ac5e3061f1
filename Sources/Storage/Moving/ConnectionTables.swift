/// The tables behind one connection of a driver.
struct ConnectionTables<Connection: StoreConnection>: StoreTables {
    let connection: Connection
    /// Called before rows of these days are written to a table, outside a transaction.
    let makeDays: (MovedTable, Set<Int32>) throws -> Void

    func count(_ table: MovedTable) throws -> Int {
        let statement = try connection.prepare(table.count).begin()
        defer { statement.end() }
        return try statement.step() ? statement.readInt() : 0
    }

    func read(_ table: MovedTable, _ body: (MovedRow) throws -> Void) throws {
        try inTransaction("BEGIN") {
            let statement = try connection.prepareLong(table.selectAll).begin()
            while try statement.step() { try body(MovedRow(statement, table.columns)) }
        }
    }

    func write(_ rows: [MovedRow], to table: MovedTable) throws {
        if let index = table.dayIndex {
            try makeDays(
                table,
                Set(
                    rows.compactMap { row in
                        if case .number(let day) = row.values[index] { Int32(clamping: day) } else { nil }
                    }))
        }
        try inTransaction(connection.dialect.begin) {
            let insert = try connection.prepare(table.insert)
            for row in rows { try row.send(insert) }
        }
    }

    func directoryVersion() throws -> Int64 { try StoreReads.directoryVersion(connection) }

    func finish(directoryVersion: Int64) throws {
        try connection.prepare(MovedTable.adoptDirectoryVersion).begin().bind(directoryVersion).bind(directoryVersion).run()
        try connection.execute(MovedTable.adoptSuppressionStamp)
        if let sql = connection.dialect.adoptIdentities { try connection.execute(sql) }
    }

    private func inTransaction(_ begin: String, _ body: () throws -> Void) throws {
        do {
            try connection.execute(begin)
            try body()
            try connection.execute("COMMIT")
        } catch {
            connection.rollback()
            throw error
        }
    }
}
