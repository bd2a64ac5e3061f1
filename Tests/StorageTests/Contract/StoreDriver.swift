import PostgresTestServer
import Storage
import Testing

/// A storage driver under the contract. A second driver is one more value in `all`.
struct StoreDriver: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// Opens the store in `folder`, making it where there is none. Calling it again after `close` finds what was committed.
    let open: @Sendable (_ folder: TemporaryFolder) throws -> any Store
    let close: @Sendable (any Store) throws -> Void

    /// PostgreSQL that goes by the times that tests give it.
    private static func openOnGivenTime(_ folder: TemporaryFolder) throws -> any Store {
        var options = PostgresStore.Options()
        options.hasOwnClock = false
        return try PostgresStore(PostgresURL(folder.database().url), options: options, migration: .apply)
    }

    /// For what depends on time.
    static let onGivenTime = [all[0], StoreDriver(testDescription: "PostgreSQL", open: openOnGivenTime, close: all[1].close)]

    static let all = [
        StoreDriver(
            testDescription: "SQLite", open: { try SQLiteStore(path: $0.file("store.sqlite"), migration: .apply) },
            close: { try ($0 as? SQLiteStore)?.close() }),
        StoreDriver(
            testDescription: "PostgreSQL",
            open: { try PostgresStore(PostgresURL($0.database().url), migration: .apply) },
            close: { ($0 as? PostgresStore)?.close() }),
    ]
}
