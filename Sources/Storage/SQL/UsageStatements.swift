/// The SQL of what senders have used. Each text stands here once, for every driver.
enum UsageStatements {
    static let read = "SELECT used FROM sender_usage WHERE tenant = $1 AND holder = $2"

    static let write = """
        INSERT INTO sender_usage (tenant, holder, day, used) VALUES ($1, $2, $3, $4)
        ON CONFLICT (tenant, holder) DO UPDATE SET day = excluded.day, used = excluded.used
        """

    static let readHistory = "SELECT generation, marks FROM recipient_history WHERE tenant = $1 AND holder = $2 AND generation > $3"

    static let writeHistory = """
        INSERT INTO recipient_history (tenant, holder, generation, marks) VALUES ($1, $2, $3, $4)
        ON CONFLICT (tenant, holder, generation) DO UPDATE SET marks = excluded.marks
        """

    /// A few rows of holders that have been quiet for so long that nothing of them counts.
    static let dropForgotten = """
        DELETE FROM sender_usage WHERE (tenant, holder) IN (SELECT tenant, holder FROM sender_usage WHERE day < $1 LIMIT $2)
        """

    static let dropHistory = """
        DELETE FROM recipient_history WHERE (tenant, holder, generation) IN (
            SELECT tenant, holder, generation FROM recipient_history WHERE generation <= $1 LIMIT $2)
        """

    /// In order of name, from one on.
    static let list = "SELECT tenant, holder, used FROM sender_usage WHERE holder > $1 ORDER BY holder LIMIT $2"
}
