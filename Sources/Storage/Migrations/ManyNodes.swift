extension Migration {
    /// What people ask of recipients that a node holds outlives that node; what nodes count lies by day where large tables do.
    static let manyNodes = Migration(number: 9, name: "many-nodes") { dialect in
        [
            // `RecipientWish`; 0 for none. It stands only while a run holds the recipient.
            """
            ALTER TABLE recipient ADD COLUMN wish INTEGER NOT NULL DEFAULT 0
                CHECK (wish = 0 OR (wish BETWEEN 1 AND 2 AND state = 0 AND lease_owner <> 0))
            """
        ] + dialect.partitionCounters
    }
}
