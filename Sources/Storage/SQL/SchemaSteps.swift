/// Taking the steps of the schema, and reading which were taken.
enum SchemaSteps {
    static func apply(_ pending: [Migration], on connection: some StoreConnection) throws {
        try connection.execute(Migration.bookkeeping)
        let record = try connection.prepare("INSERT INTO schema_migration (number, name) VALUES ($1, $2)")
        for step in pending {
            for statement in step.statements(connection.dialect) { try connection.execute(statement) }
            try record.begin().bind(step.number).bind(step.name).run()
        }
    }

    /// Those that the store lacks: all of them where it has no table of steps.
    static func pending(_ connection: some StoreConnection) throws -> [Migration] {
        let tables = try connection.prepare(connection.dialect.findStepTable).begin()
        guard try tables.step() else { return Migration.all }
        tables.end()
        let statement = try connection.prepare(ReadStatements.appliedMigrations).begin()
        var steps: [(number: Int, name: String)] = []
        while try statement.step() { steps.append((statement.readInt(), statement.readText())) }
        return try Migration.pending(applied: steps)
    }
}
