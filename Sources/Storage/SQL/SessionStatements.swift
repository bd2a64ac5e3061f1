/// The SQL of the console's sessions.
enum SessionStatements {
    static let begin = """
        INSERT INTO console_session (id, account, made_at, seen_at, expires_at, value) VALUES ($1, $2, $3, $4, $5, $6)
        """

    static let useCode = """
        INSERT INTO code_use (account, step) VALUES ($1, $2)
        ON CONFLICT (account) DO UPDATE SET step = excluded.step WHERE code_use.step < excluded.step
        """

    static let seen = "UPDATE console_session SET seen_at = $1 WHERE id = $2 AND seen_at < $1"

    /// Empty texts: whichever, and none.
    static let end = "DELETE FROM console_session WHERE account = $1 AND ($2 = '' OR id = $2) AND id <> $3"

    static func tidy(_ dialect: Dialect) -> String {
        """
        DELETE FROM console_session WHERE id IN (\(dialect.once("""
            SELECT id FROM console_session WHERE expires_at < $1 ORDER BY expires_at LIMIT $2
            """)))
        """
    }

    static let byID = "SELECT value, seen_at FROM console_session WHERE id = $1"
    static let all = "SELECT value, seen_at FROM console_session ORDER BY made_at DESC LIMIT $1"
    static let ofAccount = "SELECT value, seen_at FROM console_session WHERE account = $1 ORDER BY made_at DESC LIMIT $2"
}
