/// Everything in which the SQL of one driver differs from that of another. All other SQL text is shared.
///
/// Parameters are written `$1`, `$2`, … in the order in which they first occur, which SQLite and PostgreSQL both read.
struct Dialect: Sendable {
    /// The type of octets.
    let bytes: String
    /// A key that the store numbers by itself.
    let identityKey: String
    /// What ends the definition of a large table of narrow rows: here, rows are kept in the tree of the primary key.
    let clusteredTable: String
    /// What follows a selection of rows that others may be claiming.
    let skipLocked: String
    /// Begins a transaction that writes.
    let begin: String
    /// True where other processes may use the store at the same time.
    let isShared: Bool
    /// Asks the database for its time, in milliseconds since 1970; nil where it has only ours.
    let clock: String?
    /// Keeps other nodes from registering until the transaction ends; nil where there are none.
    let lockRuns: String?
    /// Makes others who name the same (`$1`) wait until the transaction ends; nil where only one can write anyway.
    let lockName: String?
    /// Wakes those who wait for a change, once the transaction is committed; nil where they are in this process.
    let notify: String?

    static let sqlite = Dialect(
        bytes: "BLOB", identityKey: "INTEGER PRIMARY KEY AUTOINCREMENT", clusteredTable: " WITHOUT ROWID", skipLocked: "",
        begin: "BEGIN IMMEDIATE", isShared: false, clock: nil, lockRuns: nil, lockName: nil, notify: nil)
}
