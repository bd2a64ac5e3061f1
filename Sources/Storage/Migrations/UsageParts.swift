extension Migration {
    /// Whom a sender wrote to lies in small parts, so that a commit writes no more than it adds; and a row of use says whether it is still
    /// the one that was read.
    static let usageParts = Migration(number: 10, name: "usage-parts") { dialect in
        [
            // Another one with each write; 0: none yet.
            "ALTER TABLE sender_usage ADD COLUMN stamp BIGINT NOT NULL DEFAULT 0",
            // `marks`: four octets each, highest first. Parts are numbered from 0; only the last of a generation grows.
            """
            CREATE TABLE recipient_history_part (
                tenant INTEGER NOT NULL,
                holder TEXT NOT NULL,
                generation INTEGER NOT NULL,
                part INTEGER NOT NULL,
                marks \(dialect.bytes) NOT NULL,
                PRIMARY KEY (tenant, holder, generation, part)
            )
            """,
            """
            INSERT INTO recipient_history_part (tenant, holder, generation, part, marks)
            SELECT tenant, holder, generation, 0, marks FROM recipient_history
            """,
            "DROP TABLE recipient_history",
            "ALTER TABLE recipient_history_part RENAME TO recipient_history",
            "CREATE INDEX recipient_history_age ON recipient_history (generation)",
            // For reading what has changed in the directory since a version.
            "CREATE INDEX directory_object_version ON directory_object (version)",
        ]
    }
}
