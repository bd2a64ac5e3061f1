import Campaigns
import Console
import DeliveryPlanning
import Logging
import MailModel
import OutboundPolicy
import Storage

/// Takes people off lists, by the address that came with their mail. Done again it changes nothing.
struct UnsubscribeDesk: Sendable {
    let administration: Administration
    let logger: Logger

    func take(token: String, isPost: Bool) async -> FeedbackReply {
        guard let vault = administration.vault else { return page(503, "Not now", "Please try again in a minute.") }
        if let answer = UnsubscribeTest.answer(toToken: token, vault) { return page(200, "This address works", answer) }
        let key = UnsubscribeKey.key(vault)
        guard let token = UnsubscribeToken(token, mac: { UnsubscribeKey.mac($0, key) }) else {
            return page(404, "This address does not work", "Please take it from the message again, as a whole.")
        }
        do {
            let directory = try await administration.directory()
            let list = directory.lists.values.first { $0.number == token.list }
            let title = list.map { $0.title.isEmpty ? $0.name : $0.title } ?? "this list"
            guard isPost else { return form(token.address, title) }
            try await leave(token, list, directory, at: .now)
            return page(200, "You are unsubscribed", "\(token.address) gets no more mail of \(title).")
        } catch {
            logger.error("somebody could not be taken off a list", metadata: ["error": "\(error)"])
            return page(503, "Not now", "Please try again in a minute.")
        }
    }

    /// What is no token of ours changes nothing.
    func leave(byMail text: String) async throws {
        guard let vault = administration.vault else { return }
        let key = UnsubscribeKey.key(vault)
        guard let token = UnsubscribeToken(text, mac: { UnsubscribeKey.mac($0, key) }) else { return }
        let directory = try await administration.directory()
        try await leave(token, directory.lists.values.first { $0.number == token.list }, directory, at: .now)
    }

    private func leave(_ token: UnsubscribeToken, _ list: MailingList?, _ directory: Directory, at now: Timestamp) async throws {
        let campaign = directory.campaigns.values.first { $0.number == token.campaign }
        let act = Act(actor: campaign?.senderName ?? "campaign", reason: "unsubscribed by the address in the message", at: now)
        // First what stops mail that is in the queue: it is looked at before each attempt.
        let scope = campaign.map { SuppressionScope.list($0.listID.lowercased()) } ?? .tenant
        let digest = try administration.addressKey().digest(token.address)
        let key = SuppressionKey(tenant: .standard, scope: scope, digest: digest, reason: .unsubscribe)
        let entry = Suppression(key: key, address: token.address, source: act.actor, note: act.reason, createdAt: now)
        _ = try await administration.suppress(.put([entry], audit: act.entry("suppression.add", target: key.auditTarget)))
        if let list { try await withdraw(token.address, list, act) }
        let concerned = directory.campaigns.values.filter { $0.list == list?.name }
        _ = try await administration.store.perform(
            .campaign(.leave(address: token.address.key, campaigns: concerned.map(\.number), by: token.campaign, at: now)))
        for campaign in concerned where !campaign.isOver { try await administration.cancelCopies(to: token.address, of: campaign, act) }
    }

    private func withdraw(_ address: EmailAddress, _ list: MailingList, _ act: Act) async throws {
        let members = try await administration.store.read { try $0.memberships(of: address) }
        guard let member = members.first(where: { $0.list == list.number }), member.subscriber.state == .subscribed else { return }
        let entry = ConsentEntry(at: act.at, act: .withdrawn, basis: .unknown, list: list.name, source: "\(act.actor), one-click")
        _ = try await administration.people(.consent(address, [entry]))
        _ = try await administration.people(
            .setState(
                .unsubscribed, list: list.number, address, act.entry("subscriber.unsubscribe", target: "\(list.name) \(address)")))
    }

    // MARK: - Pages

    private func form(_ address: EmailAddress, _ title: String) -> FeedbackReply {
        let text = """
            <p>Take \(HTMLText.escaped("\(address)")) off \(HTMLText.escaped(title))?</p>
            <form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click"><button type="submit">Unsubscribe</button></form>
            """
        return FeedbackReply(status: 200, text: document("Unsubscribe", text))
    }

    private func page(_ status: Int, _ title: String, _ text: String) -> FeedbackReply {
        FeedbackReply(status: status, text: document(title, "<p>\(HTMLText.escaped(text))</p>"))
    }

    private func document(_ title: String, _ body: String) -> String {
        """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
        <meta name="color-scheme" content="light dark"><meta name="robots" content="noindex"><title>\(title)</title>
        <style>body{font:1.125rem/1.5 system-ui,sans-serif;max-width:32rem;margin:4rem auto;padding:0 1rem}button{font:inherit;padding:.5rem 1rem}</style>
        </head><body><main><h1>\(title)</h1>
        \(body)
        </main></body></html>

        """
    }
}

extension Administration {
    /// Takes a person's copies of a campaign out of the queue, and what they are written from out of the store.
    func cancelCopies(to address: EmailAddress, of campaign: Campaign, _ act: Act) async throws {
        for phase in [CampaignPhase.list, .pilot] {
            var query = CampaignRecipientQuery(campaign: campaign.number, phase: phase)
            query.address = address.key
            let asked = query
            for row in try await store.read({ try $0.campaignRecipients(asked) }) where row.state.isOpen {
                guard let message = row.message else { continue }
                var filter = QueueFilter()
                filter.message = message
                let entry = act.entry("queue.cancel", target: "\(message)")
                _ = try await self.act(QueueAct(verb: .cancel, filter: filter, audit: entry))
            }
        }
    }
}
