import GRDBSQLite

/// One of GRDB's connections, used through SQLite's own interface.
struct SQLiteConnection: StoreConnection {
    let handle: OpaquePointer

    var dialect: Dialect { .sqlite }
    var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

    func prepare(_ sql: String) throws -> SQLiteStatement { try SQLiteStatement(handle, sql) }

    func execute(_ sql: String) throws {
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw StoreError(connection: handle, code: code) }
    }
}
