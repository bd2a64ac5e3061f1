import Console
import MailModel
import OutboundPolicy
import Storage

struct AlertsInput: Decodable, Sendable {
    /// Also those that are resolved.
    var all: Bool?
    var cursor: CursorText?
    var limit: PageSize?

    func operation() throws -> ListAlerts {
        var query = AlertQuery()
        query.isOpenOnly = !(all ?? false)
        query.limit = limit?.count ?? PageInputs.limitStandard
        if let cursor {
            let parts = try Cursor.read(cursor.text, count: 2)
            guard let last = Int64(parts[0]) else { throw Cursor.problem }
            query.before = AlertQuery.Key(lastAt: Timestamp(milliseconds: last), id: parts[1])
        }
        return ListAlerts(query: query)
    }

    static func page(_ rows: [AlertLine], limit: Int) -> ResultPage<AlertLine> {
        let key = rows.count < limit ? nil : rows.last?.key
        return ResultPage(items: rows, next: key.map { Cursor.make(["\($0.lastAt.milliseconds)", $0.id]) })
    }
}

struct AlertPolicyInput: Decodable, Sendable {
    var kind: AlertKind
    var severity: AlertSeverity?
    var on: Bool?
    /// 1…86,400.
    var windowSeconds: Int?
    /// 60…2,592,000; 0: never over by itself.
    var quietSeconds: Int?
    /// 1…10,000; 0: no limit.
    var noticesPerDay: Int?
    /// Empty: nobody.
    var addresses: [EmailAddress]?
    /// Empty: none.
    var webhooks: [String]?
    var tellsSender: Bool?
    /// The usual recipients again, and every webhook.
    var usual: Bool?
    /// As it was built in, before the rest is applied.
    var reset: Bool?

    var operation: SetAlertPolicy {
        var change = AlertPolicyChange(kind: kind)
        change.severity = severity
        change.isOn = on
        change.windowSeconds = windowSeconds
        change.quietSeconds = quietSeconds
        change.noticesPerDayMax = noticesPerDay
        change.addresses = addresses
        change.webhooks = webhooks
        change.tellsSender = tellsSender
        return SetAlertPolicy(change: change, isReset: reset ?? false, isForUsual: usual ?? false)
    }
}

struct WebhookInput: Decodable, Sendable {
    var name: String
    var url: String
    var allowPrivateAddresses: Bool?
}

struct WebhookCallsInput: Decodable, Sendable {
    /// Of this one alone.
    var webhook: String?
    var since: RFC3339Time?
    var cursor: CursorText?
    var limit: PageSize?

    func operation() throws -> ListWebhookCalls {
        var before: Timestamp?
        if let cursor {
            guard let time = Int64(try Cursor.read(cursor.text, count: 1)[0]) else { throw Cursor.problem }
            before = Timestamp(milliseconds: time)
        }
        return ListWebhookCalls(webhook: webhook, since: since?.time, before: before, limit: limit?.count ?? PageInputs.limitStandard)
    }

    func page(_ rows: [WebhookCallView]) -> ResultPage<WebhookCallView> {
        let isFull = rows.count >= limit?.count ?? PageInputs.limitStandard
        let last = isFull ? rows.last.flatMap { Timestamp(rfc3339: $0.time) } : nil
        return ResultPage(items: rows, next: last.map { Cursor.make(["\($0.milliseconds)"]) })
    }
}

struct WebhookReplayInput: Decodable, Sendable {
    var webhook: String
    /// The id of one call; else all since a time.
    var call: String?
    var since: RFC3339Time?
    /// Missing: until now.
    var until: RFC3339Time?
}

extension APIRoutes {
    var alertRoutes: [APIRoute] {
        [
            list(
                "/v1/alerts", "List alerts, those with the newest condition first", AlertsInput.self, operation: { try $0.operation() },
                page: {
                    AlertsInput.page($1, limit: $0.limit?.count ?? PageInputs.limitStandard)
                }),
            route(Way(.get, "/v1/alerts/{id}", "One alert, with who was told"), ShowAlert.self),
            route(
                Way(.post, "/v1/alerts/{id}/acknowledge", "Say that somebody works on it: no more notices unless it gets worse"),
                AcknowledgeAlert.self),
            route(Way(.post, "/v1/alerts/{id}/resolve", "End an alert. Wants a reason"), ResolveAlert.self),
            list(
                "/v1/alert-policies", "List the alert policies", PageInput.self, operation: { _ in ListAlertPolicies() },
                page: {
                    try $0.page($1) { $0.kind.rawValue }
                }),
            route(Way(.patch, "/v1/alert-policies/{kind}", "Change what is given of a policy"), AlertPolicyInput.self) { input, _ in
                input.operation
            },
            list(
                "/v1/webhooks", "List webhooks, without their secrets", PageInput.self, operation: { _ in ListWebhooks() },
                page: {
                    try $0.page($1) { $0.name }
                }),
            route(
                Way(.post, "/v1/webhooks", "Add a webhook; its secret is shown once", status: 201), WebhookInput.self,
                location: { "/v1/webhooks/\(PercentText.encode($0.webhook.name, plain: "@:"))" },
                operation: { input, _ in
                    AddWebhook(webhook: input.name, url: input.url, allowsPrivateAddresses: input.allowPrivateAddresses ?? false)
                }),
            route(Way(.delete, "/v1/webhooks/{webhook}", "Remove a webhook", status: 204), RemoveWebhook.self),
            list(
                "/v1/webhook-calls", "Calls of webhooks and what became of each, the newest first", WebhookCallsInput.self,
                operation: { try $0.operation() }, page: { $0.page($1) }),
            route(
                Way(.post, "/v1/webhooks/{webhook}/replay", "Send one call, or all of a time, once more"), WebhookReplayInput.self
            ) { input, _ in
                ReplayWebhook(webhook: input.webhook, call: input.call, since: input.since?.time, until: input.until?.time)
            },
            route(Way(.post, "/v1/webhooks/{webhook}/test", "Call a webhook once, and say how it went"), TestWebhook.self),
        ]
    }
}
