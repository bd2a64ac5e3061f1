/// A table whose rows go along when a store is moved, with the columns that they are copied by.
///
/// What belongs to runs that are over after the move (runs, tasks, portions, shares, news) stays behind.
package struct MovedTable: Sendable {
    enum Kind: Sendable {
        case number
        case text
        case bytes
    }

    struct Column: Sendable {
        var name: String
        var kind: Kind
    }

    let name: String
    /// In the order of the texts below: the key first.
    let columns: [Column]
    /// How many of the first columns are the primary key; each is a number or a text.
    let keyCount: Int

    private init(_ name: String, key: [Column], _ others: [Column]) {
        self.name = name
        columns = key + others
        keyCount = key.count
    }

    /// The column that a row's day of the partition stands in; nil where the table is not kept by day.
    var dayIndex: Int? { columns.firstIndex { $0.name == "day" } }

    private var names: String { columns.map(\.name).joined(separator: ", ") }
    private var keyNames: String { columns.prefix(keyCount).map(\.name).joined(separator: ", ") }

    var insert: String {
        let values = columns.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
        return "INSERT INTO \(name) (\(names)) VALUES (\(values)) ON CONFLICT DO NOTHING"
    }

    var selectAll: String { "SELECT \(names) FROM \(name) ORDER BY \(keyNames)" }
    var count: String { "SELECT COUNT(*) FROM \(name)" }

    /// After the rows: what is counted on from them. Never back, where the target had come further.
    static let adoptDirectoryVersion = "UPDATE counter SET value = $1 WHERE name = 'directory' AND value < $2"

    static let adoptSuppressionStamp = """
        UPDATE counter SET value = (SELECT COALESCE(MAX(stamp), 0) FROM suppression)
        WHERE name = 'suppressions' AND value < (SELECT COALESCE(MAX(stamp), 0) FROM suppression)
        """

    /// Tables whose rows are of no use in another store.
    static let staying: Set<String> = [
        "schema_migration", "counter", "node_run", "task", "queue_news", "counter_portion", "connection_share", "store_writer",
        "console_session", "code_use",
    ]

    static let all: [MovedTable] = [message, messageBody, recipient, event, refusal, traceFilter] + digests + accounting + administration

    private static func numbers(_ names: String...) -> [Column] { names.map { Column(name: $0, kind: .number) } }
    private static func texts(_ names: String...) -> [Column] { names.map { Column(name: $0, kind: .text) } }

    private static let message = MovedTable(
        "message", key: numbers("day", "message", "tenant"),
        numbers(
            "received_at", "traffic_class", "is_internationalized", "size_bytes", "expires_at", "warn_at", "recipient_count", "tls_wish")
            + texts(
                "sender", "principal", "reverse_path", "envelope_id", "dsn_return", "body_kind", "header_from", "subject",
                "header_message_id", "client_address", "client_name", "submission_tls", "pool", "only_route", "findings", "scan",
                "list_id"))

    private static let messageBody = MovedTable(
        "message_body", key: numbers("day", "message", "part", "tenant"), [Column(name: "content", kind: .bytes)])

    private static let recipient = MovedTable(
        "recipient", key: numbers("day", "message", "idx", "tenant"),
        numbers("state", "attempts", "due_at", "lease_owner", "events", "is_internal", "is_warned", "notify", "waits_for", "wish")
            + texts("local_part", "host", "original_type", "original_address", "last_reply"))

    private static let event = MovedTable(
        "event", key: numbers("day", "message", "idx", "seq", "tenant"),
        numbers("at", "port", "is_tls_verified")
            + texts("kind", "reply", "stage", "route", "host", "address", "tls_version", "findings", "source"))

    private static let refusal = MovedTable(
        "refusal", key: numbers("day", "message", "idx", "tenant"),
        numbers("at") + texts("principal", "reverse_path", "recipient", "subject", "client_address", "reply", "findings"))

    private static let traceFilter = MovedTable(
        "trace_filter", key: numbers("day", "bucket", "tenant"),
        numbers("lowest", "highest", "key_count") + [Column(name: "bits", kind: .bytes)])

    private static let counts = TrafficCount.allCases.map { Column(name: $0.rawValue, kind: .number) }

    private static let digests: [MovedTable] = [
        MovedTable("trace_journal", key: numbers("number"), [Column(name: "content", kind: .bytes)]),
        MovedTable("trace_count", key: numbers("tenant", "day", "slot"), counts),
        MovedTable("destination_count", key: numbers("tenant", "day", "hour") + texts("destination"), counts),
        MovedTable("open_count", key: numbers("tenant", "day", "minute") + texts("destination"), numbers("queued", "held")),
        MovedTable("trace_segment", key: numbers("day", "segment", "tenant"), numbers("row_count")),
        MovedTable(
            "trace_word", key: numbers("day", "segment", "batch", "tenant") + texts("word"), [Column(name: "messages", kind: .bytes)]),
    ]

    private static let accounting: [MovedTable] = [
        MovedTable("ledger", key: numbers("tenant", "day", "counter", "slot"), numbers("total")),
        MovedTable("purged_total", key: numbers("tenant", "day", "state"), numbers("total")),
        MovedTable(
            "sender_usage", key: numbers("tenant") + texts("holder"),
            numbers("day", "stamp") + [Column(name: "used", kind: .bytes)]),
        MovedTable(
            "recipient_history", key: numbers("tenant", "generation", "part") + texts("holder"),
            [Column(name: "marks", kind: .bytes)]),
        MovedTable("counter_bucket", key: numbers("tenant", "bucket", "day") + texts("name"), numbers("total")),
    ]

    private static let administration: [MovedTable] = [
        MovedTable(
            "directory_object", key: numbers("tenant", "version") + texts("kind", "name"),
            numbers("is_removed", "at") + texts("value", "actor", "reason")),
        MovedTable("store_fact", key: texts("name"), texts("value")),
        MovedTable("audit", key: numbers("id"), numbers("at") + texts("actor", "action", "target", "reason")),
        MovedTable(
            "alert", key: texts("id"), numbers("tenant", "opened_at", "last_at", "is_open") + texts("kind", "subject", "value")),
        MovedTable(
            "alert_notice", key: texts("channel", "occasion"),
            numbers("day", "made_at", "due_at", "attempts", "owner", "lease_until", "done_at")
                + texts("alert", "kind", "text", "outcome")),
        MovedTable(
            "suppression", key: numbers("digest_high", "digest_low", "tenant") + texts("scope", "reason"),
            numbers("created_at", "expires_at", "removed_at", "stamp") + texts("address", "source", "note")),
        MovedTable("returned_mail", key: texts("id") + numbers("part"), numbers("at", "message") + texts("report")),
        MovedTable("returned_content", key: texts("id"), numbers("at") + [Column(name: "content", kind: .bytes)]),
        MovedTable(
            "domain_report", key: texts("id"),
            numbers("begin_at", "end_at", "received_at", "total", "passing")
                + texts("domain", "kind", "organization", "report_id", "way")),
        MovedTable(
            "domain_report_row", key: texts("report") + numbers("part"),
            numbers("day", "dkim", "spf", "passes", "total") + texts("domain", "kind", "source", "about", "result")),
        MovedTable("domain_check", key: texts("domain") + numbers("at"), texts("state", "digest", "changes")),
        MovedTable("domain_state", key: texts("domain"), numbers("at") + texts("memory")),
        MovedTable("reputation_check", key: texts("subject", "list"), texts("value")),
        MovedTable("reputation_event", key: numbers("at") + texts("subject", "list"), texts("value")),
        MovedTable("reputation_figure", key: numbers("figure_day") + texts("source", "subject"), texts("value")),
        MovedTable("webhook_call", key: texts("webhook") + numbers("at") + texts("occasion"), texts("value")),
        MovedTable("soft_bounce", key: numbers("digest_high", "digest_low", "tenant", "day"), []),
        MovedTable(
            "sending_count", key: numbers("tenant", "hour", "slot") + texts("subject", "event", "provider"), numbers("total")),
        MovedTable(
            "list_member", key: numbers("tenant", "list") + texts("address"),
            numbers("import_number", "state", "added_at") + texts("written", "attributes")),
        MovedTable("list_import", key: numbers("tenant", "number"), numbers("list", "state", "line", "touched_at") + texts("value")),
        MovedTable(
            "list_domain", key: numbers("tenant", "list") + texts("domain"), numbers("state", "tries", "checked_at") + texts("hosts")),
        MovedTable("consent_entry", key: numbers("tenant", "seq") + texts("address"), texts("value")),
        MovedTable("consent_wording", key: numbers("tenant") + texts("hash"), texts("value")),
        MovedTable(
            "campaign_response", key: numbers("tenant", "campaign", "revision", "link") + texts("address", "rule"),
            numbers("first_at", "last_at", "total")),
        MovedTable("campaign_revision", key: numbers("tenant", "campaign", "revision"), texts("value")),
        MovedTable("campaign_frame", key: numbers("tenant", "campaign", "frame"), texts("value")),
        MovedTable(
            "campaign_file", key: numbers("tenant", "campaign") + texts("digest"), [Column(name: "content", kind: .bytes)]),
        MovedTable(
            "campaign_recipient", key: numbers("tenant", "campaign", "phase") + texts("address"),
            numbers("place", "state", "message", "day", "changed_at", "queued_at", "has_left", "zone", "has_complained")
                + texts("domain", "attributes", "reason")),
        MovedTable("mta_sts", key: texts("domain"), numbers("expires_at") + texts("value")),
        MovedTable("tls_host", key: texts("host"), numbers("verified_at")),
        MovedTable("tls_session", key: numbers("day") + texts("domain", "kind"), numbers("total")),
        MovedTable("tls_report", key: numbers("day") + texts("domain"), numbers("at") + texts("outcome")),
        MovedTable("request_key", key: numbers("tenant") + texts("principal", "name"), numbers("message", "at") + texts("request_hash")),
    ]
}
