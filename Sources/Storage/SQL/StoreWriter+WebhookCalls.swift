import MailModel

/// The SQL of webhooks' calls.
enum WebhookCallStatements {
    static let put = """
        INSERT INTO webhook_call (webhook, at, occasion, value) VALUES ($1, $2, $3, $4)
        ON CONFLICT (webhook, at, occasion) DO UPDATE SET value = excluded.value
        """
    /// An empty webhook or occasion stands for all.
    static let page = """
        SELECT value FROM webhook_call
        WHERE at >= $1 AND at < $2 AND ($3 = '' OR webhook = $3) AND ($4 = '' OR occasion = $4) ORDER BY at DESC, webhook, occasion LIMIT $5
        """
    static let dropOld = "DELETE FROM webhook_call WHERE at < $1"
    static let names = "SELECT DISTINCT webhook FROM webhook_call"
    /// The time of the oldest that is kept.
    static let oldestKept = "SELECT at FROM webhook_call WHERE webhook = $1 ORDER BY at DESC LIMIT 1 OFFSET $2"
    static let dropOldOf = "DELETE FROM webhook_call WHERE webhook = $1 AND at < $2"
}

/// What became of the calls of webhooks.
extension StoreWriter {
    func webhookCall(_ work: WebhookCallWork) throws -> StoreWorkResult {
        switch work {
        case .put(let record):
            try prepare(WebhookCallStatements.put).bind(record.webhook).bind(record.at.milliseconds).bind(record.id)
                .bind(try RowText.json(record)).send()
            return .affected(1)
        case .tidy(let time, let keep):
            var count = try prepare(WebhookCallStatements.dropOld).bind(time.milliseconds).run()
            let names = try prepare(WebhookCallStatements.names)
            var webhooks: [String] = []
            while try names.step() { webhooks.append(names.readText()) }
            for webhook in webhooks {
                let oldest = try prepare(WebhookCallStatements.oldestKept).bind(webhook).bind(keep - 1)
                let first = try oldest.step() ? oldest.readInt64() : nil
                oldest.end()
                if let first { count += try prepare(WebhookCallStatements.dropOldOf).bind(webhook).bind(first).run() }
            }
            return .affected(count)
        }
    }
}

extension StoreReads {
    static func webhookCalls(_ connection: some StoreConnection, _ query: WebhookCallQuery) throws -> [WebhookCallRecord] {
        let statement = try connection.prepare(WebhookCallStatements.page).begin().bind(query.since?.milliseconds ?? 0)
            .bind(query.before?.milliseconds ?? Int64.max).bind(query.webhook ?? "").bind(query.id ?? "").bind(
                min(max(query.limit, 1), 1000))
        defer { statement.end() }
        var records: [WebhookCallRecord] = []
        while try statement.step() { records.append(try RowText.json(WebhookCallRecord.self, statement.readText())) }
        return records
    }
}
