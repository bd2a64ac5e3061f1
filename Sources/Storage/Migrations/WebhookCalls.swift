extension Migration {
    /// What became of each call of a webhook.
    static let webhookCalls = Migration(number: 24, name: "webhook-calls") { dialect in
        [
            // `value`: a `WebhookCallRecord` as JSON.
            """
            CREATE TABLE webhook_call (
                webhook \(dialect.exactText) NOT NULL,
                at BIGINT NOT NULL,
                occasion \(dialect.exactText) NOT NULL,
                value TEXT NOT NULL,
                PRIMARY KEY (webhook, at, occasion)
            )\(dialect.clusteredTable)
            """,
            "CREATE INDEX webhook_call_at ON webhook_call (at)",
        ]
    }
}
