extension Migration {
    /// What all nodes count together: use in sliding windows, and connections to a destination.
    static let counting = Migration(number: 4, name: "counting") { dialect in
        [
            // What was used, in sums over a sixtieth of the window. `bucket` is when a sum begins, `day` the last on which it counts.
            """
            CREATE TABLE counter_bucket (
                day INTEGER NOT NULL,
                tenant INTEGER NOT NULL,
                name TEXT NOT NULL,
                bucket BIGINT NOT NULL,
                total BIGINT NOT NULL CHECK (total > 0),
                PRIMARY KEY (tenant, name, bucket, day)
            )\(dialect.clusteredTable)
            """,
            // For dropping old ones, a few with each new one.
            "CREATE INDEX counter_bucket_age ON counter_bucket (day)",
            // What each run may still use. A row for each counter that a living run has use for.
            """
            CREATE TABLE counter_portion (
                tenant INTEGER NOT NULL,
                name TEXT NOT NULL,
                owner BIGINT NOT NULL,
                window_ms BIGINT NOT NULL,
                amount BIGINT NOT NULL CHECK (amount > 0),
                PRIMARY KEY (tenant, name, owner)
            )\(dialect.clusteredTable)
            """,
            "CREATE INDEX counter_portion_owner ON counter_portion (owner)",
            """
            CREATE TABLE connection_share (
                scope TEXT NOT NULL,
                owner BIGINT NOT NULL,
                granted INTEGER NOT NULL CHECK (granted >= 0),
                wanted INTEGER NOT NULL CHECK (wanted >= granted),
                PRIMARY KEY (scope, owner)
            )\(dialect.clusteredTable)
            """,
        ]
    }
}
