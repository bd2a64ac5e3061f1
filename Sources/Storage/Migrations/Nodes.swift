extension Migration {
    /// Many nodes on one store: runs with leases, tasks with one owner at a time, and news that each node reads.
    ///
    /// A lease belongs to a run, so a recipient's row says only who holds it.
    static let nodes = Migration(number: 3, name: "nodes") { dialect in
        [
            "ALTER TABLE recipient DROP COLUMN lease_until",
            // Whatever it said, the run is over: the program that reads this has another schema.
            "DROP TABLE node_run",
            """
            CREATE TABLE node_run (
                owner BIGINT NOT NULL PRIMARY KEY CHECK (owner <> 0),
                node INTEGER NOT NULL CHECK (node BETWEEN 0 AND 255),
                name TEXT NOT NULL,
                version TEXT NOT NULL,
                addresses TEXT NOT NULL,
                started_at BIGINT NOT NULL,
                seen_at BIGINT NOT NULL,
                lease_until BIGINT NOT NULL,
                ended_at BIGINT,
                ending TEXT CHECK (ending IN ('stopped', 'taken-over', 'replaced')),
                CHECK ((ended_at IS NULL) = (ending IS NULL))
            )\(dialect.clusteredTable)
            """,
            "CREATE UNIQUE INDEX node_run_number ON node_run (node) WHERE ended_at IS NULL",
            """
            CREATE TABLE task (
                name TEXT NOT NULL PRIMARY KEY,
                owner BIGINT NOT NULL,
                lease_until BIGINT NOT NULL,
                due_at BIGINT NOT NULL
            )\(dialect.clusteredTable)
            """,
            // What all nodes must agree on, such as the check of the master key.
            "CREATE TABLE store_fact (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL)",
            "INSERT INTO counter (name, value) VALUES ('queue-news', 0)",
            """
            CREATE TABLE queue_news (
                number BIGINT NOT NULL PRIMARY KEY,
                owner BIGINT NOT NULL,
                kind TEXT NOT NULL CHECK (kind IN ('hold', 'release', 'retry', 'cancel', 'due')),
                filter TEXT NOT NULL,
                at BIGINT NOT NULL
            )\(dialect.clusteredTable)
            """,
        ]
    }
}
