extension Migration {
    /// Who is signed in to the console.
    static let sessions = Migration(number: 8, name: "sessions") { dialect in
        [
            // `id` is the hash of what the browser shows. `value` is the session as JSON; the other columns repeat what it is looked for by.
            """
            CREATE TABLE console_session (
                id TEXT NOT NULL PRIMARY KEY,
                account TEXT NOT NULL,
                made_at BIGINT NOT NULL,
                seen_at BIGINT NOT NULL,
                expires_at BIGINT NOT NULL,
                value TEXT NOT NULL
            )
            """,
            "CREATE INDEX console_session_account ON console_session (account, made_at)",
            "CREATE INDEX console_session_end ON console_session (expires_at)",
            // The last one-time code of each account that was taken: none is taken twice.
            "CREATE TABLE code_use (account TEXT NOT NULL PRIMARY KEY, step BIGINT NOT NULL)\(dialect.clusteredTable)",
        ]
    }
}
