/// The SQL of what senders have used. Each text stands here once, for every driver.
enum UsageStatements {
    static let read = "SELECT stamp, used FROM sender_usage WHERE tenant = $1 AND holder = $2"

    static let write = """
        INSERT INTO sender_usage (tenant, holder, day, stamp, used) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (tenant, holder) DO UPDATE SET day = excluded.day, stamp = excluded.stamp, used = excluded.used
        """

    /// In order, from one part on.
    static let readHistory = """
        SELECT generation, part, marks FROM recipient_history
        WHERE tenant = $1 AND holder = $2 AND (generation, part) >= ($3, $4) ORDER BY generation, part
        """

    static let writeHistory = """
        INSERT INTO recipient_history (tenant, holder, generation, part, marks) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (tenant, holder, generation, part) DO UPDATE SET marks = excluded.marks
        """

    /// A few rows of holders that have been quiet for so long that nothing of them counts.
    static let dropForgotten = """
        DELETE FROM sender_usage WHERE (tenant, holder) IN (SELECT tenant, holder FROM sender_usage WHERE day < $1 LIMIT $2)
        """

    static let dropHistory = """
        DELETE FROM recipient_history WHERE (tenant, holder, generation, part) IN (
            SELECT tenant, holder, generation, part FROM recipient_history WHERE generation <= $1 LIMIT $2)
        """

    /// In order of name, from one on.
    static let list = "SELECT tenant, holder, used FROM sender_usage WHERE holder > $1 ORDER BY holder LIMIT $2"

    /// Those that each commit runs.
    struct Prepared<Connection: StoreConnection> {
        let read: Connection.Statement
        let write: Connection.Statement
        let readHistory: Connection.Statement
        let writeHistory: Connection.Statement

        init(_ connection: Connection) throws {
            read = try connection.prepare(UsageStatements.read)
            write = try connection.prepare(UsageStatements.write)
            readHistory = try connection.prepare(UsageStatements.readHistory)
            writeHistory = try connection.prepare(UsageStatements.writeHistory)
        }
    }
}
