import MailModel

extension Migration {
    /// What people do on public pages: sign up, with the words that they saw, and follow links of campaigns.
    static let publicPages = Migration(number: 21, name: "public-pages") { dialect in
        [
            // `hash`: SHA-256 of the text, in hexadecimal. `value`: a `ConsentWording` as JSON. Rows are added and never changed.
            """
            CREATE TABLE consent_wording (
                tenant INTEGER NOT NULL,
                hash \(dialect.exactText) NOT NULL,
                value TEXT NOT NULL,
                PRIMARY KEY (tenant, hash)
            )
            """,
            // `link`: its place in the revision, -1 for a copy that was opened. `rule`: why it is taken for a machine; empty for a person.
            """
            CREATE TABLE campaign_response (
                tenant INTEGER NOT NULL,
                campaign BIGINT NOT NULL,
                address \(dialect.exactText) NOT NULL,
                revision INTEGER NOT NULL,
                link INTEGER NOT NULL,
                rule \(dialect.exactText) NOT NULL,
                first_at BIGINT NOT NULL,
                last_at BIGINT NOT NULL,
                total BIGINT NOT NULL,
                PRIMARY KEY (tenant, campaign, address, revision, link, rule)
            )\(dialect.clusteredTable)
            """,
            "CREATE INDEX campaign_response_address ON campaign_response (tenant, address)",
            // By this one come those who put themselves on a list: it is done for ever, and belongs to no list.
            """
            INSERT INTO list_import (tenant, number, list, state, line, touched_at, value)
            VALUES (\(TenantID.standard.value), 0, 0, 1, 0, 0, '{}')
            """,
        ]
    }
}
