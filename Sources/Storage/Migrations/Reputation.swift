extension Migration {
    /// How our addresses and domains stand with lists, and what receivers say of them in figures.
    static let reputation = Migration(number: 18, name: "reputation") { dialect in
        [
            // `value`: a `ReputationCheck` as JSON.
            """
            CREATE TABLE reputation_check (
                subject \(dialect.exactText) NOT NULL,
                list \(dialect.exactText) NOT NULL,
                value TEXT NOT NULL,
                PRIMARY KEY (subject, list)
            )\(dialect.clusteredTable)
            """,
            // Changes. `value`: a `ReputationEvent` as JSON.
            """
            CREATE TABLE reputation_event (
                at BIGINT NOT NULL,
                subject \(dialect.exactText) NOT NULL,
                list \(dialect.exactText) NOT NULL,
                value TEXT NOT NULL,
                PRIMARY KEY (at, subject, list)
            )\(dialect.clusteredTable)
            """,
            // What was imported of a receiver's own figures, by date (days since 1970). `value`: a `ReputationFigure` as JSON.
            """
            CREATE TABLE reputation_figure (
                source \(dialect.exactText) NOT NULL,
                figure_day INTEGER NOT NULL,
                subject \(dialect.exactText) NOT NULL,
                value TEXT NOT NULL,
                PRIMARY KEY (source, figure_day, subject)
            )\(dialect.clusteredTable)
            """,
        ]
    }
}
