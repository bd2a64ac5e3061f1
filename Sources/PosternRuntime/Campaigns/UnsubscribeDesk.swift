import Campaigns
import DeliveryPlanning
import Logging
import MailModel
import OutboundPolicy
import Storage

/// Takes people off lists, by the address that came with their mail. Done again it changes nothing.
struct UnsubscribeDesk: Sendable {
    let administration: Administration
    let logger: Logger

    /// What is no token of ours changes nothing.
    func leave(byMail text: String) async throws {
        guard let vault = administration.vault else { return }
        let key = UnsubscribeKey.key(vault)
        guard let token = UnsubscribeToken(text, mac: { UnsubscribeKey.mac($0, key) }) else { return }
        let directory = try await administration.directory()
        try await leave(token, directory.lists.values.first { $0.number == token.list }, directory, at: .now)
    }

    func leave(_ token: UnsubscribeToken, _ list: MailingList?, _ directory: Directory, at now: Timestamp) async throws {
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

    func withdraw(_ address: EmailAddress, _ list: MailingList, _ act: Act) async throws {
        let members = try await administration.store.read { try $0.memberships(of: address) }
        guard let member = members.first(where: { $0.list == list.number }), member.subscriber.state == .subscribed else { return }
        let entry = ConsentEntry(at: act.at, act: .withdrawn, basis: .unknown, list: list.name, source: "\(act.actor), one-click")
        _ = try await administration.people(.consent(address, [entry]))
        _ = try await administration.people(
            .setState(
                .unsubscribed, list: list.number, address, act.entry("subscriber.unsubscribe", target: "\(list.name) \(address)")))
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
