extension Migration {
    /// What is known of the TLS of others, and what is counted for their reports.
    static let tlsKnowledge = Migration(number: 12, name: "tls-knowledge") { dialect in
        [
            // MTA-STS policies by domain. `value` is JSON; the other column repeats when it ends.
            """
            CREATE TABLE mta_sts (
                domain TEXT NOT NULL PRIMARY KEY,
                expires_at BIGINT NOT NULL,
                value TEXT NOT NULL
            )
            """,
            "CREATE INDEX mta_sts_end ON mta_sts (expires_at)",
            // When a mail host last showed TLS with a good certificate.
            "CREATE TABLE tls_host (host TEXT NOT NULL PRIMARY KEY, verified_at BIGINT NOT NULL)\(dialect.clusteredTable)",
            // Connections of a day by the domain whose mail they were for. `kind` is JSON: policy, host, addresses, what was wrong.
            """
            CREATE TABLE tls_session (
                day INTEGER NOT NULL,
                domain TEXT NOT NULL,
                kind TEXT NOT NULL,
                total BIGINT NOT NULL,
                PRIMARY KEY (day, domain, kind)
            )\(dialect.clusteredTable)
            """,
            // Reports that were sent, so that none is sent twice. `outcome`: where it went, or what came of it.
            """
            CREATE TABLE tls_report (
                day INTEGER NOT NULL,
                domain TEXT NOT NULL,
                at BIGINT NOT NULL,
                outcome TEXT NOT NULL,
                PRIMARY KEY (day, domain)
            )\(dialect.clusteredTable)
            """,
            // What a message asks of TLS: 0 nothing, 1 REQUIRETLS, 2 TLS-Required: No.
            "ALTER TABLE message ADD COLUMN tls_wish INTEGER NOT NULL DEFAULT 0",
        ]
    }
}
