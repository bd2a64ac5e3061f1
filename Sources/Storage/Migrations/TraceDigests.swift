extension Migration {
    /// Figures over time, the shape of the queue and the words of the trace: all made from the journal of what was committed, a moment later.
    static let traceDigests = Migration(number: 11, name: "trace-digests") { dialect in
        let counts = TrafficCount.allCases.map { "\($0.rawValue) BIGINT NOT NULL" }.joined(separator: ", ")
        return [
            // What each commit did, until it is in the tables below.
            """
            CREATE TABLE trace_journal (
                number \(dialect.identityKey),
                content \(dialect.bytes) NOT NULL
            )
            """,
            // Recipients in five minutes of a day.
            """
            CREATE TABLE trace_count (
                tenant INTEGER NOT NULL,
                day INTEGER NOT NULL,
                slot INTEGER NOT NULL CHECK (slot BETWEEN 0 AND 287),
                \(counts),
                PRIMARY KEY (tenant, day, slot)
            )\(dialect.clusteredTable)
            """,
            // The same by destination in an hour of a day; hour 24 is the whole day.
            """
            CREATE TABLE destination_count (
                tenant INTEGER NOT NULL,
                day INTEGER NOT NULL,
                hour INTEGER NOT NULL CHECK (hour BETWEEN 0 AND 24),
                destination \(dialect.exactText) NOT NULL,
                \(counts),
                PRIMARY KEY (day, hour, destination, tenant)
            )\(dialect.clusteredTable)
            """,
            // Recipients that are not final, by the minute in which their messages came.
            """
            CREATE TABLE open_count (
                tenant INTEGER NOT NULL,
                destination \(dialect.exactText) NOT NULL,
                day INTEGER NOT NULL,
                minute INTEGER NOT NULL CHECK (minute BETWEEN 0 AND 1439),
                queued BIGINT NOT NULL,
                held BIGINT NOT NULL,
                PRIMARY KEY (tenant, destination, day, minute)
            )\(dialect.clusteredTable)
            """,
            """
            INSERT INTO open_count (tenant, destination, day, minute, queued, held)
            SELECT tenant, host, day, minute, SUM(queued), SUM(held) FROM (
                SELECT tenant, host, day, ((message >> 22) / 60000) % 1440 AS minute,
                    CASE WHEN state = 0 THEN 1 ELSE 0 END AS queued, CASE WHEN state = 1 THEN 1 ELSE 0 END AS held
                FROM recipient WHERE state <= 1) o
            GROUP BY tenant, host, day, minute
            """,
            // A segment takes words until it has many, so that new rows always lie near each other. Tenant 0: of all.
            """
            CREATE TABLE trace_segment (
                day INTEGER NOT NULL,
                segment BIGINT NOT NULL,
                tenant INTEGER NOT NULL,
                row_count BIGINT NOT NULL,
                PRIMARY KEY (day, segment, tenant)
            )\(dialect.clusteredTable)\(dialect.partitionedByDay)
            """,
            // `messages` is `TracePostings` in octets; `batch` the number of the journal with which it came.
            """
            CREATE TABLE trace_word (
                day INTEGER NOT NULL,
                segment BIGINT NOT NULL,
                word \(dialect.exactText) NOT NULL,
                batch BIGINT NOT NULL,
                tenant INTEGER NOT NULL,
                messages \(dialect.bytes) NOT NULL,
                PRIMARY KEY (day, segment, word, batch, tenant)
            )\(dialect.clusteredTable)\(dialect.partitionedByDay)
            """,
        ] + dialect.adoptDays(["trace_segment", "trace_word"])
    }
}
