extension Migration {
    /// What senders have used of their limits, and whom they wrote to before.
    static let usage = Migration(number: 5, name: "usage") { dialect in
        [
            // `holder`: `sender:a@example.org`, `connector:scanner`, `organisation`. `used` is `SenderUsage` in octets. `day` is the last
            // on which any of it counts: rows of days that are over can go.
            """
            CREATE TABLE sender_usage (
                tenant INTEGER NOT NULL,
                holder TEXT NOT NULL,
                day INTEGER NOT NULL,
                used \(dialect.bytes) NOT NULL,
                PRIMARY KEY (tenant, holder)
            )\(dialect.clusteredTable)
            """,
            "CREATE INDEX sender_usage_age ON sender_usage (day)",
            // `marks` is `RecipientHistory` in octets.
            """
            CREATE TABLE recipient_history (
                tenant INTEGER NOT NULL,
                holder TEXT NOT NULL,
                generation INTEGER NOT NULL,
                marks \(dialect.bytes) NOT NULL,
                PRIMARY KEY (tenant, holder, generation)
            )
            """,
            "CREATE INDEX recipient_history_age ON recipient_history (generation)",
        ]
    }
}
