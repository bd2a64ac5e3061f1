extension Migration {
    /// Requests that clients may repeat (`Idempotency-Key`), each with the message that the first of them made.
    static let requestKeys = Migration(number: 2, name: "request-keys") { dialect in
        [
            """
            CREATE TABLE request_key (
                tenant INTEGER NOT NULL,
                principal TEXT NOT NULL,
                name TEXT NOT NULL,
                request_hash TEXT NOT NULL,
                message BIGINT NOT NULL,
                at BIGINT NOT NULL,
                PRIMARY KEY (tenant, principal, name)
            )\(dialect.clusteredTable)
            """,
            // For dropping old ones, a few with each new one.
            "CREATE INDEX request_key_age ON request_key (at)",
        ]
    }
}
