extension SQLiteStore: MovableStore {
    package func withTables<R>(_ body: (any StoreTables) throws -> R) throws -> R {
        try onWriter { try body(ConnectionTables(connection: $0) { _, _ in }) }
    }
}
