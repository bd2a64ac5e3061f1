import GRDBSQLite

/// A copy of a store that is in use.
extension SQLiteStore {
    /// Writes the store as one moment saw it into a new file at `path`, while others read and write it. The copy holds the newest rows only,
    /// without the octets of what was deleted. It is not synced yet. Blocks for as long as the copy takes; the log grows meanwhile.
    package func copy(to path: String) throws {
        let connection = try SQLiteBackup.connection(to: filePath)
        defer { sqlite3_close_v2(connection) }
        // Finished before the connection is closed.
        do {
            let statement = try SQLiteStatement(connection, "VACUUM INTO $1").begin()
            try statement.bind(path).run()
        }
    }
}

private enum SQLiteBackup {
    private static let busyTimeoutMilliseconds: Int32 = 5000

    static func connection(to path: String) throws -> OpaquePointer {
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(path, &opened, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nil)
        guard code == SQLITE_OK, let opened else {
            sqlite3_close_v2(opened)
            throw StoreError.unavailable("the store's file cannot be opened once more (SQLite \(code))")
        }
        sqlite3_busy_timeout(opened, busyTimeoutMilliseconds)
        return opened
    }
}
