extension Migration {
    /// What hangs on campaigns, and whose clocks recipients go by.
    static let campaignFiles = Migration(number: 22, name: "campaign-files") { dialect in
        [
            // Rows are added and never changed: revisions name them by `digest`, SHA-256 in hexadecimal.
            """
            CREATE TABLE campaign_file (
                tenant INTEGER NOT NULL,
                campaign BIGINT NOT NULL,
                digest \(dialect.exactText) NOT NULL,
                content \(dialect.bytes) NOT NULL,
                PRIMARY KEY (tenant, campaign, digest)
            )
            """,
            // `zone`: a place in the campaign's list of time zones, 0…62; 0 is the campaign's own.
            "ALTER TABLE campaign_recipient ADD COLUMN zone INTEGER NOT NULL DEFAULT 0",
        ]
    }
}
