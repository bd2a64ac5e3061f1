extension PostgresStore: MovableStore {
    package func withTables<R>(_ body: (any StoreTables) throws -> R) throws -> R {
        // A table may take long to be read.
        let connection = try PostgresConnection(url, limits: PostgresConnection.Limits(statementSeconds: 86_400))
        var partitions = try PostgresPartitions(connection)
        return try body(
            ConnectionTables(connection: connection) { table, days in
                guard let family = PostgresPartitions.Family(of: table.name) else { return }
                try partitions.make(days, of: family, on: connection)
            })
    }
}
