extension Migration {
    /// Egress sources: which node has which, and what waits for the node that has one.
    static let sources = Migration(number: 7, name: "sources") { dialect in
        [
            // The number of a route's list of sources that a queued recipient can leave from, where the node that looked at it has none of
            // them; 0 for what any node may look at.
            """
            ALTER TABLE recipient ADD COLUMN waits_for INTEGER NOT NULL DEFAULT 0
                CHECK (waits_for = 0 OR (waits_for > 0 AND state = 0 AND lease_owner = 0))
            """,
            "DROP INDEX recipient_open",
            // In each state: what waits for a list, or for nothing but its time; then by who holds it, in order of due time.
            "CREATE INDEX recipient_open ON recipient (state, waits_for, lease_owner, due_at) WHERE state <= 1",
            // Null: the default source, where there is a route. Empty: none was to be had.
            "ALTER TABLE event ADD COLUMN source TEXT",
            // Names of the sources that the run uses.
            "ALTER TABLE node_run ADD COLUMN sources TEXT NOT NULL DEFAULT ''",
            // Rises with each run that begins, ends, or uses other sources.
            "INSERT INTO counter (name, value) VALUES ('runs', 0)",
        ]
    }
}
