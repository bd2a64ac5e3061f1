extension PostgresStore: MovableStore {
    package func withTables<R>(_ body: (any StoreTables) throws -> R) throws -> R {
        // A table may take long to be read.
        let connection = try PostgresConnection(url, limits: PostgresConnection.Limits(statementSeconds: 86_400))
        var partitions = try PostgresPartitions(connection)
        return try body(ConnectionTables(connection: connection) { try partitions.make($0, on: connection) })
    }
}
