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

    static let sqlite = Dialect(
        bytes: "BLOB", identityKey: "INTEGER PRIMARY KEY AUTOINCREMENT", clusteredTable: " WITHOUT ROWID", skipLocked: "",
        begin: "BEGIN IMMEDIATE")
}
