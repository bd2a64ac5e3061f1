import DeliveryPlanning
import GateCore
import InternetMessage
import Logging
import MailModel
import OutboundPolicy
import Storage

/// Sends the notices of alerts: one node takes each, for a while, and says what became of it. What is taken by a node that dies is taken again.
struct NoticeSender: Sendable {
    let store: OpenStore
    let engine: GateEngine
    let live: LiveSettings
    let webhooks: WebhookSender
    /// The run in whose name it is done.
    let owner: @Sendable () -> Int64
    let logger: Logger

    private static let batch = 20
    /// Longer than a batch can take.
    private static let lease = Duration.seconds(120)
    /// Waits after failed attempts; the last is repeated.
    static let waits: [Duration] = [2, 30, 300, 1800, 7200, 18_000, 36_000].map { .seconds($0) }
    /// After its making, a notice is given up.
    static let tried = Duration.seconds(86_400)

    /// Sends what is due.
    func sendDue() async throws {
        while true {
            let owner = owner()
            let claim = NoticeClaim(owner: owner, lease: NoticeSender.lease, limit: NoticeSender.batch, at: .now)
            guard case .alert(.claimed(let notices)) = try await store.perform(.alert(.claim(claim))), !notices.isEmpty else { return }
            await withDiscardingTaskGroup { group in
                for notice in notices { group.addTask { await send(notice, owner: owner) } }
            }
        }
    }

    /// What cannot be concluded is taken again when its lease is over.
    private func send(_ notice: AlertNotice, owner: Int64) async {
        do {
            try await sendAndConclude(notice, owner: owner)
        } catch {
            logger.warning("a notice could not be concluded", metadata: ["alert": "\(notice.incident.id)", "error": "\(error)"])
        }
    }

    private func sendAndConclude(_ notice: AlertNotice, owner: Int64) async throws {
        let outcome: NoticeConclusion.Outcome
        switch notice.channel {
        case .mail(let address): outcome = mail(notice, to: address, senderText: nil)
        case .sender(let address): outcome = mail(notice, to: address, senderText: notice.text)
        case .webhook(let name): outcome = await call(name, notice)
        }
        let conclusion = NoticeConclusion(notice, owner: owner, outcome, at: .now)
        guard try await isConcluded(conclusion, outcome) else { return }
        if case .givenUp(let reason) = outcome {
            logger.warning(
                "a notice of an alert was given up",
                metadata: ["alert": "\(notice.incident.id)", "channel": "\(notice.channel)", "reason": "\(reason)"])
        }
    }

    /// Mail that was stored with it is on its way then.
    private func isConcluded(_ conclusion: NoticeConclusion, _ outcome: NoticeConclusion.Outcome) async throws -> Bool {
        guard case .mailed(let message) = outcome else {
            if case .alert(.concluded(true)) = try await store.perform(.alert(.conclude(conclusion))) { return true }
            return false
        }
        var event: GateEvent? = message.lease == nil ? nil : .notStored(recipients: 1)
        defer { if let event { engine.happened(event) } }
        guard case .alert(.concluded(true)) = try await store.perform(.alert(.conclude(conclusion))) else { return false }
        event = message.lease == nil ? .becameDue() : .stored(message, lane: Lane(0))
        return true
    }

    // MARK: Mail

    private func mail(_ notice: AlertNotice, to address: EmailAddress, senderText: String?) -> NoticeConclusion.Outcome {
        let settings = live.current
        guard let postmaster = EmailAddress(localPart: "postmaster", host: .domain(settings.node.hostName)) else {
            preconditionFailure("postmaster is a local part")
        }
        let sender = settings.alerts.sender
        let incident = notice.incident
        let finding = Finding(rule: MessageRecord.alertNoticeRule, matched: incident.id, explanation: "A notice of alert \(incident.id).")
        let notice = engine.decide { core, now in
            core.ownNotice(
                to: address, from: sender.map(ReversePath.address) ?? .null,
                onlyRoute: NoticeRoute.choose(settings.alerts.routes, core.directory, about: incident.subject), tenant: incident.tenant,
                finding: finding, at: now)
        }
        var record = notice.record
        let mail = NoticeMail(hostName: settings.node.hostName, from: sender ?? postmaster, incident: incident, senderText: senderText)
        record.fields.headerMessageID = "\(record.id)@\(settings.node.hostName)"
        guard
            let content = mail.content(
                to: address, messageID: record.headerMessageID, at: record.receivedAt, boundarySeed: "\(record.id)")
        else {
            if notice.lease != nil { engine.happened(.notStored(recipients: 1)) }
            return .givenUp("the mail could not be written")
        }
        record.fields.sizeBytes = content.count
        record.fields.subject = mail.subject
        record.fields.headerFrom = "Postern <\(sender ?? postmaster)>"
        return .mailed(NewMessage(record: record, recipients: [notice.recipient], content: content, lease: notice.lease))
    }

    // MARK: Webhooks

    private func call(_ name: String, _ notice: AlertNotice) async -> NoticeConclusion.Outcome {
        guard let webhook = engine.decide({ core, _ in core.directory.webhooks[name] }), !webhook.isDisabled else {
            return .givenUp("there is no webhook \(name) any more")
        }
        let now = Timestamp.now
        let incident = notice.incident
        let event: WebhookBody.Event =
            incident.state == .resolved ? .resolved : notice.occasion == "\(incident.id)/1" ? .opened : .updated
        let body = WebhookBody(
            type: event, timestamp: now.rfc3339, node: live.current.node.hostName.text, data: AlertLine(incident))
        let outcome = await webhooks.call(webhook, id: notice.occasion, body: body, at: now)
        await keep(outcome.record(webhook, id: notice.occasion, type: event.rawValue, attempt: notice.attempts + 1, at: now))
        switch outcome.result {
        case .success: return .sent
        case .failure(let fault):
            let wait = NoticeSender.waits[min(notice.attempts, NoticeSender.waits.count - 1)]
            guard !fault.isLasting, now + wait <= notice.madeAt + NoticeSender.tried else { return .givenUp(fault.text) }
            return .retry(at: now + wait, fault.text)
        }
    }

    /// What cannot be kept was sent all the same.
    private func keep(_ record: WebhookCallRecord) async {
        do {
            _ = try await store.perform(.webhookCall(.put(record)))
        } catch {
            logger.warning("a webhook's call cannot be kept", metadata: ["webhook": "\(record.webhook)", "error": "\(error)"])
        }
    }

    /// Sends once more what was sent before.
    func replay(_ record: WebhookCallRecord, to webhook: Webhook) async -> WebhookTestResult {
        let now = Timestamp.now
        let outcome = await webhooks.call(webhook, id: record.id, body: Array(record.body.utf8), at: now)
        await keep(outcome.record(webhook, id: record.id, type: record.type, attempt: 0, at: now))
        return NoticeSender.result(outcome)
    }

    private static func result(_ outcome: WebhookSender.Outcome) -> WebhookTestResult {
        let address = outcome.address?.description ?? ""
        switch outcome.result {
        case .success(let status): return WebhookTestResult(ok: true, address: address, text: "answered \(status)")
        case .failure(let fault): return WebhookTestResult(ok: false, address: address, text: fault.text)
        }
    }

    /// Where the store does not take the news of its own trouble, webhooks have it from memory, once. Mail needs the store.
    func tellWithoutStore(_ reports: [AlertReport], _ rules: AlertRules) async {
        let directory = engine.decide { core, _ in core.directory }
        let node = live.current.node.hostName.text
        for report in reports where rules.policy(report.key.kind).isOn {
            guard var incident = Incident(report, id: "unsaved") else { continue }
            _ = incident.reported(report, policy: rules.policy(report.key.kind), noticesToday: 0, at: report.lastAt)
            let body = WebhookBody(type: .opened, timestamp: Timestamp.now.rfc3339, node: node, data: AlertLine(incident))
            for case .webhook(let name) in rules.channels(report.key.kind) {
                guard let webhook = directory.webhooks[name] else { continue }
                let id = "unsaved/\(node)/\(report.firstAt.milliseconds)"
                let outcome = await webhooks.call(webhook, id: id, body: body, at: .now)
                if case .failure(let fault) = outcome.result {
                    logger.error(
                        "a webhook could not be told of the store's trouble", metadata: ["webhook": "\(name)", "error": "\(fault.text)"])
                }
            }
        }
    }

    /// Calls a webhook for a person who wants to see that it works.
    func test(_ webhook: Webhook) async -> WebhookTestResult {
        let now = Timestamp.now
        let body = WebhookBody(type: .test, timestamp: now.rfc3339, node: live.current.node.hostName.text, data: nil)
        let id = "test/\(now.milliseconds)"
        let outcome = await webhooks.call(webhook, id: id, body: body, at: now)
        await keep(outcome.record(webhook, id: id, type: body.type.rawValue, attempt: 0, at: now))
        return NoticeSender.result(outcome)
    }
}
