package import MailModel
package import OutboundPolicy
import Storage

/// One call of a webhook.
package struct WebhookCallView: Codable, Hashable, Sendable {
    package var webhook: String
    /// `webhook-id`, by which it is replayed.
    package var id: String
    package var time: String
    package var type: String
    /// From 1 on; 0 for one that a person asked for.
    package var attempt: Int
    package var milliseconds: Int
    /// 0: there was no answer.
    package var status: Int
    package var ok: Bool
    /// Why it does not count as taken; empty where it does.
    package var fault: String
    package var address: String
    /// The first kilobyte of the answer.
    package var answer: String

    init(_ record: WebhookCallRecord) {
        webhook = record.webhook
        id = record.id
        time = record.at.rfc3339
        type = record.type
        attempt = record.attempt
        milliseconds = record.milliseconds
        status = record.status
        ok = record.fault.isEmpty
        fault = record.fault
        address = record.address
        answer = record.answer
    }
}

/// The newest first.
package struct ListWebhookCalls: AdministrativeOperation {
    package static let name = "webhooks.calls"
    package static let scope = AccessScope.webhooksRead
    /// Nil: of all.
    package var webhook: String?
    package var since: Timestamp?
    /// Those before it.
    package var before: Timestamp?
    /// 1…1,000.
    package var limit: Int

    package init(webhook: String? = nil, since: Timestamp? = nil, before: Timestamp? = nil, limit: Int = 100) {
        self.webhook = webhook
        self.since = since
        self.before = before
        self.limit = limit
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> [WebhookCallView] {
        guard (1...1000).contains(limit) else { throw AdministrationError(.invalid, "the limit is 1 to 1000") }
        var query = WebhookCallQuery()
        (query.webhook, query.since, query.before, query.limit) = (webhook, since, before, limit)
        let wanted = query
        return try await administration.store.read { try $0.webhookCalls(wanted).map(WebhookCallView.init) }
    }
}

package struct WebhookReplay: Codable, Hashable, Sendable {
    /// Notices that the receiver took now.
    package var sent: Int
    /// Notices that are not sent: after the first that fails, no more are tried.
    package var left: Int
    /// Why it stopped; empty where nothing failed.
    package var fault: String
}

/// Sends what was sent before once more, with the same `webhook-id` and body, the oldest first: one notice, or all of a time.
package struct ReplayWebhook: AdministrativeOperation {
    package static let name = "webhooks.replay"
    package static let scope = AccessScope.webhooksWrite
    package var webhook: String
    /// Nil: those of the time.
    package var call: String?
    package var since: Timestamp?
    /// Nil: until now.
    package var until: Timestamp?

    package init(webhook: String, call: String? = nil, since: Timestamp? = nil, until: Timestamp? = nil) {
        self.webhook = webhook
        self.call = call
        self.since = since
        self.until = until
    }

    /// Notices of one act: a receiver answers within seconds, and a person waits.
    private static let countMax = 100
    /// For all of them.
    private static let timeMax = Duration.seconds(60)

    package func perform(in administration: Administration, _ act: Act) async throws -> WebhookReplay {
        guard try await administration.directory().webhooks[webhook] != nil else { throw AdministrationError.noSuch("webhook", webhook) }
        guard (call == nil) != (since == nil) else {
            throw AdministrationError(.invalid, "either one call or a time is replayed", "Give its id, or since when.")
        }
        guard let live = administration.live else {
            throw AdministrationError(.unavailable, "no gate runs on \(administration.dataDirectory)", "Start it with `postern serve`.")
        }
        let records = try await records(administration, at: act.at)
        let entry = act.entry("webhook.replay", target: "\(webhook) \(call ?? "\(records.count) of a time")")
        _ = try await administration.store.perform(.audit(entry))
        let clock = ContinuousClock()
        let end = clock.now + ReplayWebhook.timeMax
        for (place, record) in records.enumerated() {
            guard clock.now < end else {
                return WebhookReplay(sent: place, left: records.count - place, fault: "a minute is over; replay the rest from there")
            }
            let result = try await live.replayWebhook(record)
            if !result.ok { return WebhookReplay(sent: place, left: records.count - place, fault: result.text) }
        }
        return WebhookReplay(sent: records.count, left: 0, fault: "")
    }

    /// Each notice once, the oldest first, with the body that was sent last.
    private func records(_ administration: Administration, at now: Timestamp) async throws -> [WebhookCallRecord] {
        var query = WebhookCallQuery()
        (query.webhook, query.id, query.since, query.before) = (webhook, call, since, until)
        query.limit = 1000
        let wanted = query
        let found = try await administration.store.read { try $0.webhookCalls(wanted) }
        var seen: Set<String> = []
        let newest = found.filter { !$0.body.isEmpty && seen.insert($0.id).inserted }
        guard !newest.isEmpty else {
            throw AdministrationError(.notFound, "nothing of that is kept of webhook \(webhook)", "`postern webhooks calls` shows what is.")
        }
        guard newest.count <= ReplayWebhook.countMax, found.count < query.limit else {
            throw AdministrationError(
                .invalid, "these are \(newest.count) notices or more; at most \(ReplayWebhook.countMax) at once", "Take a shorter time.")
        }
        return newest.reversed()
    }
}
