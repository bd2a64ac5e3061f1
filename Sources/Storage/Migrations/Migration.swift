/// One step of the schema. A released step is never changed; the next one follows it.
struct Migration: Sendable {
    /// Rises by one from 1.
    let number: Int
    let name: String
    let statements: @Sendable (Dialect) -> [String]

    /// All steps in order.
    static let all: [Migration] = [
        .firstSchema, .requestKeys, .nodes, .counting, .usage, .alerts, .sources, .sessions, .manyNodes, .usageParts, .traceDigests,
        .tlsKnowledge, .scanning, .suppressions, .returnedMail, .people, .domainReports, .reputation, .campaigns, .campaignFrames,
        .publicPages, .campaignFiles, .campaignReturns, .webhookCalls,
    ]

    /// The table that says which steps a store has been through; made before the first of them.
    static let bookkeeping = """
        CREATE TABLE IF NOT EXISTS schema_migration (
            number INTEGER NOT NULL PRIMARY KEY,
            name TEXT NOT NULL
        )
        """

    /// The steps that a store still lacks. Throws where it has been through one that this program does not know.
    static func pending(applied: [(number: Int, name: String)]) throws -> [Migration] {
        for step in applied where !all.contains(where: { $0.number == step.number && $0.name == step.name }) {
            throw StoreError.newerSchema("\(step.number) \(step.name)")
        }
        let numbers = Set(applied.map(\.number))
        return all.filter { !numbers.contains($0.number) }
    }
}

/// What to do about a schema older than the program.
package enum SchemaChoice: Sendable {
    /// Throw `pendingMigrations`.
    case refuse
    /// Bring it up to date; also makes the schema of a new store.
    case apply
}

/// How many steps the schema has by now.
package enum Migrations {
    package static var count: Int { Migration.all.count }
}
