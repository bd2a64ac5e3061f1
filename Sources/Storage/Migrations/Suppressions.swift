extension Migration {
    /// Addresses that are not written to, days on which mail came back, and figures of what became of mail.
    static let suppressions = Migration(number: 14, name: "suppressions") { dialect in
        [
            // `digest_high`, `digest_low`: the address as a keyed hash. `tenant` is 0 for all of them. `address` is empty after erasure.
            // `removed_at`: null while it counts. `stamp` rises with each change of the list.
            """
            CREATE TABLE suppression (
                digest_high BIGINT NOT NULL,
                digest_low BIGINT NOT NULL,
                tenant INTEGER NOT NULL,
                scope \(dialect.exactText) NOT NULL,
                reason \(dialect.exactText) NOT NULL,
                address TEXT NOT NULL,
                source TEXT NOT NULL,
                note TEXT NOT NULL,
                created_at BIGINT NOT NULL,
                expires_at BIGINT,
                removed_at BIGINT,
                stamp BIGINT NOT NULL,
                PRIMARY KEY (digest_high, digest_low, tenant, scope, reason)
            )\(dialect.clusteredTable)
            """,
            "CREATE INDEX suppression_stamp ON suppression (stamp)",
            "CREATE INDEX suppression_end ON suppression (expires_at) WHERE expires_at IS NOT NULL AND removed_at IS NULL",
            "CREATE INDEX suppression_removed ON suppression (removed_at) WHERE removed_at IS NOT NULL",
            "INSERT INTO counter (name, value) VALUES ('suppressions', 0)",
            // Days on which mail to an address came back, short of saying that it is dead.
            """
            CREATE TABLE soft_bounce (
                digest_high BIGINT NOT NULL,
                digest_low BIGINT NOT NULL,
                tenant INTEGER NOT NULL,
                day INTEGER NOT NULL,
                PRIMARY KEY (digest_high, digest_low, tenant, day)
            )\(dialect.clusteredTable)
            """,
            "CREATE INDEX soft_bounce_day ON soft_bounce (day)",
            // Outcomes of an hour (since 1970) by whose mail it was: a `RateSubject` in text. `provider` is empty but for the subject `all`.
            // `slot` spreads writers, so that nodes do not wait for each other.
            """
            CREATE TABLE sending_count (
                tenant INTEGER NOT NULL,
                subject \(dialect.exactText) NOT NULL,
                event \(dialect.exactText) NOT NULL,
                hour BIGINT NOT NULL,
                provider \(dialect.exactText) NOT NULL,
                slot BIGINT NOT NULL,
                total BIGINT NOT NULL,
                PRIMARY KEY (tenant, subject, event, hour, provider, slot)
            )\(dialect.clusteredTable)
            """,
            "CREATE INDEX sending_count_hour ON sending_count (hour, event)",
            // The List-Id of a message; null for none.
            "ALTER TABLE message ADD COLUMN list_id TEXT",
        ]
    }
}
