extension Migration {
    /// Messages, recipients, trace, ledger, directory and audit.
    ///
    /// - Every large table has tenant and day in its key. The day is that of the message's identifier, so a look-up by identifier
    ///   needs no other key; it comes first, so that the newest rows lie together and a day can be dropped as one range.
    /// - There are no foreign keys between the large tables: each would cost a look-up for every row, and no partitioned or
    ///   distributed table could keep them. The verbs keep the invariant, and `recount` checks it.
    static let firstSchema = Migration(number: 1, name: "first-schema") { dialect in
        messageTables(dialect) + recipientTables(dialect) + traceTables(dialect) + accountingTables(dialect) + administrationTables(dialect)
            + dialect.tablesOfItsOwn
    }

    private static func messageTables(_ dialect: Dialect) -> [String] {
        [
            """
            CREATE TABLE message (
                day INTEGER NOT NULL,
                message BIGINT NOT NULL,
                tenant INTEGER NOT NULL,
                received_at BIGINT NOT NULL,
                traffic_class INTEGER NOT NULL CHECK (traffic_class BETWEEN 0 AND 3),
                sender TEXT NOT NULL,
                principal TEXT NOT NULL,
                reverse_path TEXT NOT NULL,
                envelope_id TEXT,
                dsn_return TEXT CHECK (dsn_return IN ('FULL', 'HDRS')),
                body_kind TEXT NOT NULL CHECK (body_kind IN ('7BIT', '8BITMIME', 'BINARYMIME')),
                is_internationalized INTEGER NOT NULL CHECK (is_internationalized IN (0, 1)),
                header_from TEXT NOT NULL,
                subject TEXT NOT NULL,
                header_message_id TEXT NOT NULL,
                size_bytes BIGINT NOT NULL CHECK (size_bytes >= 0),
                client_address TEXT,
                client_name TEXT NOT NULL,
                submission_tls TEXT,
                pool TEXT NOT NULL,
                only_route TEXT,
                findings TEXT,
                expires_at BIGINT NOT NULL,
                warn_at BIGINT,
                recipient_count INTEGER NOT NULL CHECK (recipient_count > 0),
                PRIMARY KEY (day, message, tenant)
            )\(dialect.clusteredTable)\(dialect.partitionedByDay)
            """,
            // Wide rows, so not clustered: SQLite keeps a row of 4 KiB whole in the leaf of a rowid table. A message has a row
            // here exactly while one of its recipients is open.
            """
            CREATE TABLE message_body (
                day INTEGER NOT NULL,
                message BIGINT NOT NULL,
                part INTEGER NOT NULL CHECK (part >= 0),
                tenant INTEGER NOT NULL,
                content \(dialect.bytes) NOT NULL,
                PRIMARY KEY (day, message, part, tenant)
            )\(dialect.partitionedByDay)
            """,
        ]
    }

    private static func recipientTables(_ dialect: Dialect) -> [String] {
        [
            """
            CREATE TABLE recipient (
                day INTEGER NOT NULL,
                message BIGINT NOT NULL,
                idx INTEGER NOT NULL CHECK (idx >= 0),
                tenant INTEGER NOT NULL,
                state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 6),
                attempts INTEGER NOT NULL CHECK (attempts >= 0),
                due_at BIGINT NOT NULL,
                lease_owner BIGINT NOT NULL,
                lease_until BIGINT NOT NULL,
                events INTEGER NOT NULL CHECK (events >= 0),
                is_internal INTEGER NOT NULL CHECK (is_internal IN (0, 1)),
                is_warned INTEGER NOT NULL CHECK (is_warned IN (0, 1)),
                notify INTEGER CHECK (notify BETWEEN 0 AND 7),
                local_part TEXT NOT NULL,
                host TEXT NOT NULL,
                original_type TEXT,
                original_address TEXT,
                last_reply TEXT,
                CHECK (lease_owner = 0 OR state = 0),
                PRIMARY KEY (day, message, idx, tenant)
            )\(dialect.clusteredTable)\(dialect.partitionedByDay)
            """,
            // The one secondary index of the hot path: what is due, what a run holds, what a person holds, each in order of due
            // time. A fresh message enters it at the end of its run's range and leaves from there.
            "CREATE INDEX recipient_open ON recipient (state, lease_owner, due_at) WHERE state <= 1",
        ]
    }

    private static func traceTables(_ dialect: Dialect) -> [String] {
        [
            """
            CREATE TABLE event (
                day INTEGER NOT NULL,
                message BIGINT NOT NULL,
                idx INTEGER NOT NULL,
                seq INTEGER NOT NULL,
                tenant INTEGER NOT NULL,
                at BIGINT NOT NULL,
                kind TEXT NOT NULL CHECK (kind IN ('delivered', 'deferred', 'bounced', 'expired', 'held', 'released', 'retried',
                    'cancelled', 'suppressed')),
                reply TEXT,
                stage TEXT,
                route TEXT NOT NULL,
                host TEXT,
                address TEXT,
                port INTEGER,
                tls_version TEXT,
                is_tls_verified INTEGER NOT NULL CHECK (is_tls_verified IN (0, 1)),
                findings TEXT,
                PRIMARY KEY (day, message, idx, seq, tenant)
            )\(dialect.clusteredTable)\(dialect.partitionedByDay)
            """,
            """
            CREATE TABLE refusal (
                day INTEGER NOT NULL,
                message BIGINT NOT NULL,
                idx INTEGER NOT NULL,
                tenant INTEGER NOT NULL,
                at BIGINT NOT NULL,
                principal TEXT NOT NULL,
                reverse_path TEXT NOT NULL,
                recipient TEXT NOT NULL,
                subject TEXT NOT NULL,
                client_address TEXT,
                reply TEXT NOT NULL,
                findings TEXT,
                PRIMARY KEY (day, message, idx, tenant)
            )\(dialect.clusteredTable)\(dialect.partitionedByDay)
            """,
            // In place of indices on sender, recipient and Message-ID, whose keys come in no order and would dirty a page each for
            // every message: see `TraceFilter`. Tenant 0: a row covers the messages of all tenants.
            """
            CREATE TABLE trace_filter (
                day INTEGER NOT NULL,
                bucket BIGINT NOT NULL,
                tenant INTEGER NOT NULL,
                lowest BIGINT NOT NULL,
                highest BIGINT NOT NULL,
                key_count INTEGER NOT NULL,
                bits \(dialect.bytes) NOT NULL,
                PRIMARY KEY (day, bucket, tenant)
            )\(dialect.partitionedByDay)
            """,
        ]
    }

    private static func accountingTables(_ dialect: Dialect) -> [String] {
        [
            // `counter` is a recipient state, or -1 for accepted. `slot` spreads writers, so that nodes do not wait for each
            // other's rows; a total is the sum over the slots.
            """
            CREATE TABLE ledger (
                tenant INTEGER NOT NULL,
                day INTEGER NOT NULL,
                counter INTEGER NOT NULL CHECK (counter BETWEEN -1 AND 6),
                slot INTEGER NOT NULL,
                total BIGINT NOT NULL,
                PRIMARY KEY (tenant, day, counter, slot)
            )\(dialect.clusteredTable)
            """,
            // What the purged rows of a day had come to.
            """
            CREATE TABLE purged_total (
                tenant INTEGER NOT NULL,
                day INTEGER NOT NULL,
                state INTEGER NOT NULL CHECK (state BETWEEN 2 AND 6),
                total BIGINT NOT NULL,
                PRIMARY KEY (tenant, day, state)
            )\(dialect.clusteredTable)
            """,
        ]
    }

    private static func administrationTables(_ dialect: Dialect) -> [String] {
        [
            "CREATE TABLE counter (name TEXT NOT NULL PRIMARY KEY, value BIGINT NOT NULL)\(dialect.clusteredTable)",
            "INSERT INTO counter (name, value) VALUES ('directory', 0)",
            // Which node a lease owner was a run of.
            "CREATE TABLE node_run (owner BIGINT NOT NULL PRIMARY KEY CHECK (owner <> 0), node INTEGER NOT NULL)\(dialect.clusteredTable)",
            // Append-only. `version` is the directory's version that the change made; the newest row of a name counts.
            """
            CREATE TABLE directory_object (
                tenant INTEGER NOT NULL,
                kind TEXT NOT NULL,
                name TEXT NOT NULL,
                version BIGINT NOT NULL CHECK (version > 0),
                value TEXT NOT NULL,
                is_removed INTEGER NOT NULL CHECK (is_removed IN (0, 1)),
                actor TEXT NOT NULL,
                reason TEXT NOT NULL,
                at BIGINT NOT NULL,
                PRIMARY KEY (tenant, kind, name, version)
            )
            """,
            """
            CREATE TABLE audit (
                id \(dialect.identityKey),
                at BIGINT NOT NULL,
                actor TEXT NOT NULL,
                action TEXT NOT NULL,
                target TEXT NOT NULL,
                reason TEXT NOT NULL
            )
            """,
        ]
    }
}
