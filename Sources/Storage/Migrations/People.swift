extension Migration {
    /// Who is on which list, what brought them there, and what they agreed to.
    static let people = Migration(number: 16, name: "people") { dialect in
        [
            // People by the number of their list. They count once the import that brought them is done: until then nobody sees them, and
            // one row says that it is. `address` is the form that is compared; `written` the one that mail goes to where that differs.
            """
            CREATE TABLE list_member (
                tenant INTEGER NOT NULL,
                list BIGINT NOT NULL,
                address \(dialect.exactText) NOT NULL,
                import_number BIGINT NOT NULL,
                state INTEGER NOT NULL,
                added_at BIGINT NOT NULL,
                written TEXT,
                attributes TEXT NOT NULL,
                PRIMARY KEY (tenant, list, address)
            )\(dialect.clusteredTable)
            """,
            "CREATE INDEX list_member_address ON list_member (tenant, address)",
            // `state`: 0 under way, 1 done, 2 dropped. `value` is JSON: file, source, report.
            """
            CREATE TABLE list_import (
                tenant INTEGER NOT NULL,
                number BIGINT NOT NULL,
                list BIGINT NOT NULL,
                state INTEGER NOT NULL,
                line BIGINT NOT NULL,
                touched_at BIGINT NOT NULL,
                value TEXT NOT NULL,
                PRIMARY KEY (tenant, number)
            )
            """,
            // Rows are added and never changed; erasure of a person takes them away.
            """
            CREATE TABLE consent_entry (
                tenant INTEGER NOT NULL,
                address \(dialect.exactText) NOT NULL,
                seq BIGINT NOT NULL,
                value TEXT NOT NULL,
                PRIMARY KEY (tenant, address, seq)
            )\(dialect.clusteredTable)
            """,
        ]
    }
}
