package import MailModel

/// One call of a webhook, as it is kept for a while.
package struct WebhookCallRecord: Hashable, Sendable, Codable {
    package var webhook: String
    /// `webhook-id`: the same at each attempt, and at a replay.
    package var id: String
    package var at: Timestamp
    /// `alert.opened`.
    package var type: String
    /// From 1 on; 0 for one that a person asked for.
    package var attempt: Int
    /// From the begin of the connection to the end of the answer.
    package var milliseconds: Int
    /// That was called; empty where it did not come to that.
    package var address: String
    /// 0: there was no answer.
    package var status: Int
    /// Why it does not count as taken; empty where it does.
    package var fault: String
    /// The first `answerBytesMax` octets of the answer's body, as text.
    package var answer: String
    /// What was sent, for a replay; empty where it was longer than `bodyBytesMax`.
    package var body: String

    package init(webhook: String, id: String, at: Timestamp, type: String, attempt: Int) {
        self.webhook = webhook
        self.id = id
        self.at = at
        self.type = type
        self.attempt = attempt
        milliseconds = 0
        address = ""
        status = 0
        fault = ""
        answer = ""
        body = ""
    }

    package static let answerBytesMax = 1024
    package static let bodyBytesMax = 65_536
}

package struct WebhookCallQuery: Hashable, Sendable, Codable {
    /// Nil: all.
    package var webhook: String?
    /// Of one notice alone.
    package var id: String?
    package var since: Timestamp?
    /// Those before it, the newest first.
    package var before: Timestamp?
    /// 1…1,000.
    package var limit = 100

    package init() {}
}

package enum WebhookCallWork: Sendable {
    case put(WebhookCallRecord)
    /// Drops what is older, and of each webhook all but the newest `keep`.
    case tidy(before: Timestamp, keep: Int)
}
