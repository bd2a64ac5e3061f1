extension Migration {
    /// What came back, and for a while as it came.
    static let returnedMail = Migration(number: 15, name: "returned-mail") { dialect in
        [
            // `id`: a hash of the source and of what came, so that the same thing twice is one. `report`: JSON. `message`: null where it is not known.
            """
            CREATE TABLE returned_mail (
                id \(dialect.exactText) NOT NULL,
                part INTEGER NOT NULL,
                at BIGINT NOT NULL,
                message BIGINT,
                report TEXT NOT NULL,
                PRIMARY KEY (id, part)
            )\(dialect.clusteredTable)
            """,
            "CREATE INDEX returned_mail_at ON returned_mail (at)",
            "CREATE INDEX returned_mail_message ON returned_mail (message) WHERE message IS NOT NULL",
            """
            CREATE TABLE returned_content (
                id \(dialect.exactText) PRIMARY KEY,
                at BIGINT NOT NULL,
                content \(dialect.bytes) NOT NULL
            )
            """,
            "CREATE INDEX returned_content_at ON returned_content (at)",
        ]
    }
}
