extension Migration {
    /// What others report on our domains, and what was found when they were looked at.
    static let domainReports = Migration(number: 17, name: "domain-reports") { dialect in
        [
            // `id`: a hash of kind, organization, its identifier and domain, so that the same report twice is one.
            """
            CREATE TABLE domain_report (
                id \(dialect.exactText) NOT NULL PRIMARY KEY,
                domain \(dialect.exactText) NOT NULL,
                kind TEXT NOT NULL,
                organization TEXT NOT NULL,
                report_id TEXT NOT NULL,
                way TEXT NOT NULL,
                begin_at BIGINT NOT NULL,
                end_at BIGINT NOT NULL,
                received_at BIGINT NOT NULL,
                total BIGINT NOT NULL,
                passing BIGINT NOT NULL
            )
            """,
            "CREATE INDEX domain_report_received ON domain_report (received_at)",
            "CREATE INDEX domain_report_domain ON domain_report (domain, received_at)",
            // `source`, `about`, `result`: see KeptReport.Row. `day` is that on which the report begins.
            """
            CREATE TABLE domain_report_row (
                report \(dialect.exactText) NOT NULL,
                part INTEGER NOT NULL,
                domain \(dialect.exactText) NOT NULL,
                kind TEXT NOT NULL,
                day INTEGER NOT NULL,
                source \(dialect.exactText) NOT NULL,
                about TEXT NOT NULL,
                result \(dialect.exactText) NOT NULL,
                dkim INTEGER NOT NULL,
                spf INTEGER NOT NULL,
                passes INTEGER NOT NULL,
                total BIGINT NOT NULL,
                PRIMARY KEY (report, part)
            )\(dialect.clusteredTable)
            """,
            "CREATE INDEX domain_report_row_domain ON domain_report_row (domain, kind, day)",
            "CREATE INDEX domain_report_row_day ON domain_report_row (day)",
            // A line for each look. `changes`: JSON, sentences.
            """
            CREATE TABLE domain_check (
                domain \(dialect.exactText) NOT NULL,
                at BIGINT NOT NULL,
                state TEXT NOT NULL,
                digest TEXT NOT NULL,
                changes TEXT NOT NULL,
                PRIMARY KEY (domain, at)
            )\(dialect.clusteredTable)
            """,
            "CREATE INDEX domain_check_at ON domain_check (at)",
            // The latest look, with all that it found.
            """
            CREATE TABLE domain_state (
                domain \(dialect.exactText) NOT NULL PRIMARY KEY,
                at BIGINT NOT NULL,
                memory TEXT NOT NULL
            )
            """,
        ]
    }
}
