extension Migration {
    /// Who complained of a copy, and what DNS says of the domains on lists.
    static let campaignReturns = Migration(number: 23, name: "campaign-returns") { dialect in
        [
            "ALTER TABLE campaign_recipient ADD COLUMN has_complained INTEGER NOT NULL DEFAULT 0",
            // `state`: 0 to be looked at. `checked_at`: 0 before the first look. `tries`: looks without an answer. `hosts`: names between spaces.
            """
            CREATE TABLE list_domain (
                tenant INTEGER NOT NULL,
                list BIGINT NOT NULL,
                domain \(dialect.exactText) NOT NULL,
                state INTEGER NOT NULL,
                tries INTEGER NOT NULL,
                checked_at BIGINT NOT NULL,
                hosts TEXT NOT NULL,
                PRIMARY KEY (tenant, list, domain)
            )\(dialect.clusteredTable)
            """,
            "CREATE INDEX list_domain_name ON list_domain (tenant, domain)",
            "CREATE INDEX list_domain_open ON list_domain (tenant, checked_at) WHERE state = 0",
        ]
    }

    /// What campaigns say, and what became of each recipient.
    static let campaigns = Migration(number: 19, name: "campaigns") { dialect in
        [
            // `value`: JSON. Rows are added and never changed.
            """
            CREATE TABLE campaign_revision (
                tenant INTEGER NOT NULL,
                campaign BIGINT NOT NULL,
                revision INTEGER NOT NULL,
                value TEXT NOT NULL,
                PRIMARY KEY (tenant, campaign, revision)
            )
            """,
            // `place`: in the order of sending. `message`, `day`: of the copy; null before it was handed to the queue. `has_left`: 1 where
            // the person left the list by this campaign.
            """
            CREATE TABLE campaign_recipient (
                tenant INTEGER NOT NULL,
                campaign BIGINT NOT NULL,
                phase INTEGER NOT NULL,
                address \(dialect.exactText) NOT NULL,
                domain TEXT NOT NULL,
                place BIGINT NOT NULL,
                state INTEGER NOT NULL,
                message BIGINT,
                day INTEGER,
                changed_at BIGINT NOT NULL,
                queued_at BIGINT,
                has_left INTEGER NOT NULL,
                attributes TEXT NOT NULL,
                reason TEXT NOT NULL,
                PRIMARY KEY (tenant, campaign, phase, address)
            )\(dialect.clusteredTable)
            """,
            "CREATE INDEX campaign_recipient_turn ON campaign_recipient (tenant, campaign, phase, state, place)",
            "CREATE INDEX campaign_recipient_queued ON campaign_recipient (tenant, campaign, queued_at) WHERE queued_at IS NOT NULL",
            "CREATE INDEX campaign_recipient_address ON campaign_recipient (tenant, address)",
        ]
    }
}
