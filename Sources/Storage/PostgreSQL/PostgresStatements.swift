/// The SQL that only this driver has.
enum PostgresStatements {
    /// One row for each open store. Each commit raises its number by one, so that it can be told afterwards whether the commit of a number
    /// took place; the check lets no commit take place whose number was passed over.
    static let tables = [
        """
        CREATE TABLE store_writer (
            writer BIGINT NOT NULL PRIMARY KEY,
            number BIGINT NOT NULL,
            previous BIGINT NOT NULL,
            at BIGINT NOT NULL,
            CHECK (number = previous + 1)
        ) WITH (fillfactor = 10)
        """
    ]

    private static let now = "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)"

    static let markCommit = "UPDATE store_writer SET previous = number, number = $1, at = \(now) WHERE writer = $2"

    /// Passes over the commit of number `$3` by counting on to `$2`, the next, unless it took place; waits where it is still taking place.
    /// Answers the number that stands: `$3` where it took place, else a later one, however often it is asked. Always writes, so that the
    /// answer is as durable as the commit that it speaks of.
    static let passOver = """
        INSERT INTO store_writer (writer, number, previous, at) VALUES ($1, $2, $3, \(now))
        ON CONFLICT (writer) DO UPDATE SET at = excluded.at,
            number = CASE WHEN store_writer.number < excluded.previous THEN excluded.number ELSE store_writer.number END,
            previous = CASE WHEN store_writer.number < excluded.previous THEN excluded.previous ELSE store_writer.previous END
        RETURNING number
        """

    /// Writers that were not closed, a month after their last commit.
    static let forgetWriters = "DELETE FROM store_writer WHERE at < \(now) - 2592000000"

    /// One row where runs have leases: from the third step of the schema on.
    static let hasLeases = "SELECT 1 FROM pg_attribute WHERE attrelid = to_regclass('node_run') AND attname = 'lease_until'"

    static let livingNodes = "SELECT name FROM node_run WHERE ended_at IS NULL AND lease_until > $1 ORDER BY name"

    /// Tables by day, in the order in which the writer locks them.
    static let tablesByDay = ["message", "message_body", "recipient", "event", "refusal", "trace_filter", "trace_segment", "trace_word"]

    /// By the last day on which a sum counts.
    static let counterTable = "counter_bucket"

    static let partitions = """
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent IN (to_regclass('message'), to_regclass('\(counterTable)'))
        """

    /// Of the portions that count as used when their run ends.
    static let windowsOfPortions = "SELECT DISTINCT window_ms FROM counter_portion"

    /// Lays `counter_bucket` by day, with what is in it.
    static let partitionCounters = [
        "ALTER TABLE counter_bucket RENAME TO counter_bucket_whole",
        """
        CREATE TABLE counter_bucket (
            LIKE counter_bucket_whole INCLUDING CONSTRAINTS,
            PRIMARY KEY (tenant, name, bucket, day)
        ) PARTITION BY RANGE (day)
        """,
        """
        DO $$ DECLARE d INTEGER; BEGIN
            FOR d IN SELECT DISTINCT day FROM counter_bucket_whole LOOP
                EXECUTE format('CREATE TABLE counter_bucket_d%s PARTITION OF counter_bucket FOR VALUES FROM (%s) TO (%s)', d, d, d + 1);
            END LOOP;
        END $$
        """,
        "INSERT INTO counter_bucket SELECT * FROM counter_bucket_whole",
        "DROP TABLE counter_bucket_whole",
    ]

    /// One session at a time takes the steps of the schema, or makes and drops partitions, until its transaction ends.
    static let lockSchema = "SELECT pg_advisory_xact_lock(7810200321)"

    static let hasOpenRecipientOnDay = "SELECT 1 FROM recipient WHERE day = $1 AND state <= 1 LIMIT 1"

    static let countMessagesOfDay = "SELECT COUNT(*) FROM message WHERE day = $1"

    static let keepTotalsOfDay = """
        INSERT INTO purged_total (tenant, day, state, total)
        SELECT tenant, day, state, COUNT(*) FROM recipient WHERE day = $1 GROUP BY tenant, day, state
        ON CONFLICT (tenant, day, state) DO UPDATE SET total = purged_total.total + excluded.total
        """
}
