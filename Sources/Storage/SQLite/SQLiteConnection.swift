import GRDB
import GRDBSQLite

/// One of GRDB's connections, used through SQLite's own interface.
struct SQLiteConnection: StoreConnection {
    let handle: OpaquePointer
    /// Keeps statements; nil for the connection of a writer, which keeps its own.
    var database: Database?

    var dialect: Dialect { .sqlite }
    var pipelineDepth: Int { 1 }

    func prepare(_ sql: String) throws -> SQLiteStatement { try SQLiteStatement(handle, sql) }
    func prepareKept(_ sql: String) throws -> SQLiteStatement {
        guard let database else { return try prepare(sql) }
        return SQLiteStatement(handle, kept: try database.cachedStatement(sql: sql).sqliteStatement)
    }

    /// GRDB notes what each statement writes that is prepared, until it prepares one itself, which it never does on this connection: the
    /// notes would grow with every statement, and be copied for each.
    func prepareWithoutNotes() { sqlite3_set_authorizer(handle, nil, nil) }

    func prepareInsertion(_ sql: String) throws -> SQLiteStatement { try SQLiteStatement(handle, sql) }
    func prepareLong(_ sql: String) throws -> SQLiteStatement { try SQLiteStatement(handle, sql) }

    func execute(_ sql: String) throws {
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw StoreError(connection: handle, code: code) }
    }

    func flush() -> [Int] { [] }

    /// SQLite has rolled back by itself after some failures.
    func rollback() {
        if sqlite3_get_autocommit(handle) == 0 { try? execute("ROLLBACK") }
    }
}
