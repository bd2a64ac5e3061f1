/// The SQL of the reads. Each text stands here once, for every driver.
enum ReadStatements {
    static let messageByKey = "SELECT \(WriteStatements.messageColumns) FROM message WHERE day = $1 AND message = $2"

    /// Newest first, down from one (day, message) to another.
    static func messageRange(_ dialect: Dialect) -> String {
        """
        SELECT \(WriteStatements.messageColumns) FROM message
        WHERE (day, message) <= ($1, $2) AND (day, message) >= ($3, $4)\(dialect.pruning("day <= $1 AND day >= $3"))
        ORDER BY day DESC, message DESC LIMIT $5
        """
    }

    /// By the index of open recipients, of which few are held.
    static let heldMessages = """
        SELECT message, COUNT(*) FROM recipient
        WHERE state <= 1 AND state = 1 AND (day, message) <= ($1, $2)
        GROUP BY day, message ORDER BY day DESC, message DESC LIMIT $3
        """

    static let recipientsOfMessage = """
        SELECT \(WriteStatements.recipientColumns) FROM recipient WHERE day = $1 AND message = $2 ORDER BY idx
        """

    static let recipientOfMessage = """
        SELECT \(WriteStatements.recipientColumns) FROM recipient WHERE day = $1 AND message = $2 AND idx = $3 AND tenant = $4
        """

    /// The last host that answered.
    static let hostOfRecipient = """
        SELECT host FROM event WHERE day = $1 AND message = $2 AND idx = $3 AND tenant = $4 AND host IS NOT NULL ORDER BY seq DESC LIMIT 1
        """

    static let eventsOfMessage = """
        SELECT idx, at, kind, reply, stage, route, host, address, port, tls_version, is_tls_verified, findings, source
        FROM event WHERE day = $1 AND message = $2 ORDER BY idx, seq
        """

    static let content = "SELECT content FROM message_body WHERE day = $1 AND message = $2 AND tenant = $3 ORDER BY part"

    /// Newest first, down from one (day, message) to another, states from `$5` to `$6`; read only as far as the page needs.
    static func traceRecipients(_ dialect: Dialect) -> String {
        """
        SELECT r.message, r.idx, r.tenant, r.state, r.attempts, r.local_part, r.host, r.last_reply, m.received_at, m.sender,
            m.reverse_path, m.subject, m.header_message_id, m.pool, m.findings
        FROM recipient r JOIN message m ON m.day = r.day AND m.message = r.message AND m.tenant = r.tenant
        WHERE (r.day, r.message) <= ($1, $2) AND (r.day, r.message) >= ($3, $4) AND r.state BETWEEN $5 AND $6\
        \(dialect.pruning("r.day <= $1 AND r.day >= $3"))
        ORDER BY r.day DESC, r.message DESC, r.idx DESC
        """
    }

    static func traceRefusals(_ dialect: Dialect) -> String {
        """
        SELECT message, idx, tenant, at, principal, reverse_path, recipient, subject, reply, findings
        FROM refusal
        WHERE (day, message) <= ($1, $2) AND (day, message) >= ($3, $4)\(dialect.pruning("day <= $1 AND day >= $3"))
        ORDER BY day DESC, message DESC, idx DESC
        """
    }

    static let traceFilterDays = "SELECT MAX(day) FROM trace_filter WHERE day < $1"
    static let traceFilters = "SELECT lowest, highest, bits FROM trace_filter WHERE day = $1"
    static let newestTraceFilter = """
        SELECT day, bucket, lowest, highest, key_count, bits FROM trace_filter WHERE bucket = (SELECT MAX(bucket) FROM trace_filter)
        """

    private static let queueColumns = """
        r.message, r.idx, r.tenant, r.state, r.attempts, r.due_at, r.local_part, r.host, r.last_reply, r.lease_owner, m.received_at,
            m.sender, m.subject, m.size_bytes, m.reverse_path, m.traffic_class, m.only_route, m.findings, m.pool
        """

    /// One range of `recipient_open` (a state, what it waits for, and who holds it) in order of due time, after a key; read only as far as needed.
    static let queueRange = """
        SELECT \(queueColumns)
        FROM recipient r JOIN message m ON m.day = r.day AND m.message = r.message AND m.tenant = r.tenant
        WHERE r.state <= 1 AND r.state = $1 AND r.waits_for = $2 AND r.lease_owner = $3
            AND (r.due_at, r.day, r.message, r.idx) > ($4, $5, $6, $7)
        ORDER BY r.due_at, r.day, r.message, r.idx
        """

    static let queueOfMessage = """
        SELECT \(queueColumns)
        FROM recipient r JOIN message m ON m.day = r.day AND m.message = r.message AND m.tenant = r.tenant
        WHERE r.day = $1 AND r.message = $2 AND r.state <= 1 ORDER BY r.due_at, r.idx
        """

    static let ledger = "SELECT counter, CAST(SUM(total) AS BIGINT) FROM ledger GROUP BY counter"
    static let countStates = "SELECT state, COUNT(*) FROM recipient GROUP BY state"
    static let purgedTotals = "SELECT state, CAST(SUM(total) AS BIGINT) FROM purged_total GROUP BY state"

    /// Newest first, from below an entry's number.
    static let audit = "SELECT at, actor, action, target, reason, id FROM audit WHERE id < $1 ORDER BY id DESC LIMIT $2"

    static let requestKey = "SELECT message, request_hash, at FROM request_key WHERE tenant = $1 AND principal = $2 AND name = $3"

    static let newestMessages = [
        "SELECT message FROM message ORDER BY day DESC, message DESC LIMIT 1",
        "SELECT message FROM refusal ORDER BY day DESC, message DESC LIMIT 1",
    ]

    static let directoryVersion = "SELECT value FROM counter WHERE name = 'directory'"
    static let directoryObjects = """
        SELECT o.kind, o.name, o.value, o.version FROM directory_object o
        WHERE o.is_removed = 0 AND o.version = (
            SELECT MAX(n.version) FROM directory_object n WHERE n.tenant = o.tenant AND n.kind = o.kind AND n.name = o.name)
        ORDER BY o.kind, o.name
        """

    static let directoryChanges = """
        SELECT tenant, kind, name, value, version, is_removed FROM directory_object
        WHERE version > $1 AND version <= $2 ORDER BY kind, name, tenant, version
        """

    static let directoryObjectBefore = """
        SELECT value, is_removed FROM directory_object
        WHERE tenant = $1 AND kind = $2 AND name = $3 AND version <= $4 ORDER BY version DESC LIMIT 1
        """

    static let appliedMigrations = "SELECT number, name FROM schema_migration ORDER BY number"
}
