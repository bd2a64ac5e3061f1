/// The SQL of the verbs that change the store. Each text stands here once, for every driver.
enum WriteStatements {
    /// Columns of a message in the order in which they are bound and read.
    static let messageColumns = """
        day, message, tenant, received_at, traffic_class, sender, principal, reverse_path, envelope_id, dsn_return, body_kind, \
        is_internationalized, header_from, subject, header_message_id, size_bytes, client_address, client_name, submission_tls, pool, \
        only_route, findings, expires_at, warn_at, recipient_count, tls_wish, scan, list_id
        """

    /// Columns of a recipient in the order in which they are read.
    static let recipientColumns = """
        day, message, idx, tenant, state, attempts, due_at, is_internal, is_warned, notify, local_part, host, original_type, \
        original_address, last_reply
        """

    static let insertMessage = """
        INSERT INTO message (\(messageColumns))
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27,
            $28)
        """

    static let insertBody = "INSERT INTO message_body (day, message, part, tenant, content) VALUES ($1, $2, $3, $4, $5)"

    static let insertRecipient = """
        INSERT INTO recipient (\(recipientColumns), lease_owner, events)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 0)
        """

    /// Several refusals may carry the number of one message; indices from 1,000,000 keep them apart from its recipients.
    static let insertRefusal = """
        INSERT INTO refusal (day, message, tenant, at, principal, reverse_path, recipient, subject, client_address, reply, findings, idx)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,
            (SELECT COALESCE(MAX(idx) + 1, 1000000) FROM refusal WHERE day = $1 AND message = $2))
        """

    /// By primary key. Changes no row where the state is another by now, or another run (than `$12`; 0 for whoever) holds it, nor where it
    /// would be queued again and a person wished for another end, nor where it is all that already and nobody holds it.
    static let settleRecipient = """
        UPDATE recipient SET state = $1, attempts = $2, due_at = $3, is_warned = $4, last_reply = COALESCE($5, last_reply),
            lease_owner = 0, waits_for = $6, events = events + 1, wish = 0
        WHERE day = $7 AND message = $8 AND idx = $9 AND tenant = $10 AND state = $11
            AND (CAST($12 AS BIGINT) = 0 OR lease_owner IN (0, $12)) AND (wish = 0 OR $1 <> 0)
            AND (lease_owner <> 0 OR state <> $1 OR attempts <> $2 OR due_at <> $3)
        """

    static let recipientState = "SELECT state, wish FROM recipient WHERE day = $1 AND message = $2 AND idx = $3 AND tenant = $4"

    /// For an event that changes nothing else of its recipient.
    static let numberEvent = "UPDATE recipient SET events = events + 1 WHERE day = $1 AND message = $2 AND idx = $3 AND tenant = $4"

    /// After the change to the recipient, whose count of events numbers it.
    static let insertEvent = """
        INSERT INTO event (day, message, idx, tenant, at, kind, reply, stage, route, host, address, port, tls_version, is_tls_verified,
            findings, source, seq)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,
            (SELECT events FROM recipient WHERE day = $1 AND message = $2 AND idx = $3 AND tenant = $4))
        """

    static let deleteBody = "DELETE FROM message_body WHERE day = $1 AND message = $2 AND tenant = $3"

    static let deleteBodyIfAllFinal = """
        DELETE FROM message_body WHERE day = $1 AND message = $2 AND tenant = $3
            AND NOT EXISTS (SELECT 1 FROM recipient WHERE day = $1 AND message = $2 AND tenant = $3 AND state <= 1)
        """

    /// What waits for one list of sources (`$2`; 0 for none). `recipient_open` gives the rows in order; `state <= 1` is there for the
    /// planner, which needs the index's own words.
    static func claimDue(_ dialect: Dialect) -> String {
        """
        UPDATE recipient SET lease_owner = $1, waits_for = 0
        WHERE (day, message, idx, tenant) IN (\(dialect.once("""
            SELECT day, message, idx, tenant FROM recipient
            WHERE state <= 1 AND state = 0 AND waits_for = $2 AND lease_owner = 0 AND due_at <= $3
            ORDER BY due_at LIMIT $4\(dialect.skipLocked)
            """)))
        RETURNING \(recipientColumns)
        """
    }

    static let nextDue = "SELECT MIN(due_at) FROM recipient WHERE state <= 1 AND state = 0 AND waits_for = $1 AND lease_owner = 0"

    /// The next list of sources after one that something waits for.
    static let nextWaitsFor = "SELECT MIN(waits_for) FROM recipient WHERE state <= 1 AND state = 0 AND waits_for > $1"

    static let countWaiting = "SELECT COUNT(*) FROM recipient WHERE state <= 1 AND state = 0 AND waits_for = $1 AND lease_owner = 0"

    static let releaseRecipient = """
        UPDATE recipient SET lease_owner = 0, due_at = $1, waits_for = $2
        WHERE day = $3 AND message = $4 AND idx = $5 AND tenant = $6 AND state = 0 AND lease_owner = $7 AND wish = 0
        """

    /// Does what a person wished for one recipient that a run held, `RecipientWish.state`.
    static let concludeWish = """
        UPDATE recipient SET state = $1, lease_owner = 0, waits_for = 0, wish = 0, events = events + 1
        WHERE day = $2 AND message = $3 AND idx = $4 AND tenant = $5 AND state = 0 AND lease_owner = $6 AND wish = $7
        """

    /// What a run holds that a person wished another end for.
    static let wished = """
        SELECT message, idx, tenant, wish FROM recipient
        WHERE state <= 1 AND state = 0 AND waits_for = 0 AND lease_owner = $1 AND wish <> 0
        """

    static let nextLeaseOwner = """
        SELECT MIN(lease_owner) FROM recipient WHERE state <= 1 AND state = 0 AND waits_for = 0 AND lease_owner > $1
        """

    static let releaseOwner = """
        UPDATE recipient SET lease_owner = 0 WHERE state <= 1 AND state = 0 AND waits_for = 0 AND lease_owner = $1
        """

    /// By primary key, of a row that nobody holds.
    static let actOnRecipient = """
        UPDATE recipient SET state = $1, due_at = $2, waits_for = 0, events = events + 1
        WHERE day = $3 AND message = $4 AND idx = $5 AND tenant = $6 AND state = $7 AND lease_owner = 0
        """

    /// By primary key, of a row that a run holds, and where what was wished for before is from `$2` to `$3`.
    static let wishForRecipient = """
        UPDATE recipient SET wish = $1
        WHERE wish BETWEEN $2 AND $3 AND day = $4 AND message = $5 AND idx = $6 AND tenant = $7 AND state = 0 AND lease_owner <> 0
        """

    static let addToLedger = """
        INSERT INTO ledger (tenant, day, counter, slot, total) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (tenant, day, counter, slot) DO UPDATE SET total = ledger.total + excluded.total
        """

    static let putTraceFilter = """
        INSERT INTO trace_filter (day, bucket, tenant, lowest, highest, key_count, bits) VALUES ($1, $2, 0, $3, $4, $5, $6)
        ON CONFLICT (day, bucket, tenant) DO UPDATE
        SET lowest = excluded.lowest, highest = excluded.highest, key_count = excluded.key_count, bits = excluded.bits
        """

    static let dropTraceFilter = "DELETE FROM trace_filter WHERE day = $1 AND bucket = $2 AND tenant = 0"

    static let nextDirectoryVersion = "UPDATE counter SET value = value + 1 WHERE name = 'directory' RETURNING value"

    static let currentObject = """
        SELECT version, is_removed FROM directory_object WHERE tenant = $1 AND kind = $2 AND name = $3 ORDER BY version DESC LIMIT 1
        """

    static let insertObject = """
        INSERT INTO directory_object (tenant, kind, name, version, value, is_removed, actor, reason, at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """

    /// Changes no row where the key came after `$7`.
    static let putRequestKey = """
        INSERT INTO request_key (tenant, principal, name, request_hash, message, at) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (tenant, principal, name) DO UPDATE
        SET request_hash = excluded.request_hash, message = excluded.message, at = excluded.at
        WHERE request_key.at <= $7
        """

    static let dropRequestKey = "DELETE FROM request_key WHERE tenant = $1 AND principal = $2 AND name = $3"

    static let dropRequestKeys = """
        DELETE FROM request_key WHERE (tenant, principal, name) IN (
            SELECT tenant, principal, name FROM request_key WHERE at <= $1 ORDER BY at LIMIT $2)
        """

    static let insertAudit = "INSERT INTO audit (at, actor, action, target, reason) VALUES ($1, $2, $3, $4, $5)"

    static let purgeableMessages = """
        SELECT m.day, m.message, m.tenant FROM message m
        WHERE m.day < $1 AND NOT EXISTS (
            SELECT 1 FROM recipient r WHERE r.day = m.day AND r.message = m.message AND r.tenant = m.tenant AND r.state <= 1)
        ORDER BY m.day, m.message LIMIT $2
        """

    private static let keepPurged = """
        INSERT INTO purged_total (tenant, day, state, total)
        SELECT tenant, day, state, COUNT(*) FROM recipient WHERE day = $1 AND message = $2 AND tenant = $3 GROUP BY tenant, day, state
        ON CONFLICT (tenant, day, state) DO UPDATE SET total = purged_total.total + excluded.total
        """

    /// What a purge does to a message, in this order: its recipients are counted, and its rows go.
    static let purgeMessage =
        [keepPurged]
        + ["event", "message_body", "recipient", "message"].map {
            "DELETE FROM \($0) WHERE day = $1 AND message = $2 AND tenant = $3"
        }

    static let purgeRefusals = """
        DELETE FROM refusal WHERE (day, message, idx, tenant) IN (
            SELECT day, message, idx, tenant FROM refusal WHERE day < $1 ORDER BY day, message, idx LIMIT $2)
        """

    static let purgeTraceFilters = """
        DELETE FROM trace_filter WHERE day < $1
            AND NOT EXISTS (SELECT 1 FROM message m WHERE m.day = trace_filter.day)
            AND NOT EXISTS (SELECT 1 FROM refusal f WHERE f.day = trace_filter.day)
        """
}
