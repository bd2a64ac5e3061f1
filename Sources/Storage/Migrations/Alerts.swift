extension Migration {
    /// Alerts, each an incident that all nodes report to, and the notices that tell people of them.
    static let alerts = Migration(number: 6, name: "alerts") { dialect in
        [
            // `value` is the incident as JSON; the other columns repeat what it is looked for by.
            """
            CREATE TABLE alert (
                id TEXT NOT NULL PRIMARY KEY,
                tenant INTEGER NOT NULL,
                kind TEXT NOT NULL,
                subject TEXT NOT NULL,
                opened_at BIGINT NOT NULL,
                last_at BIGINT NOT NULL,
                is_open INTEGER NOT NULL,
                value TEXT NOT NULL
            )
            """,
            "CREATE UNIQUE INDEX alert_open ON alert (kind, subject, tenant) WHERE is_open = 1",
            "CREATE INDEX alert_subject ON alert (kind, subject, tenant, opened_at)",
            "CREATE INDEX alert_last ON alert (last_at, id)",
            // A row for each who is told. `occasion` is what is told once: an alert and the number of its notice, or what a sender hears.
            """
            CREATE TABLE alert_notice (
                channel TEXT NOT NULL,
                occasion TEXT NOT NULL,
                alert TEXT NOT NULL,
                kind TEXT NOT NULL,
                day INTEGER NOT NULL,
                text TEXT NOT NULL,
                made_at BIGINT NOT NULL,
                due_at BIGINT NOT NULL,
                attempts INTEGER NOT NULL,
                owner BIGINT NOT NULL,
                lease_until BIGINT NOT NULL,
                done_at BIGINT,
                outcome TEXT NOT NULL,
                PRIMARY KEY (channel, occasion)
            )\(dialect.clusteredTable)
            """,
            "CREATE INDEX alert_notice_open ON alert_notice (due_at) WHERE done_at IS NULL",
            "CREATE INDEX alert_notice_alert ON alert_notice (alert)",
            "CREATE INDEX alert_notice_day ON alert_notice (kind, day)",
        ]
    }
}
