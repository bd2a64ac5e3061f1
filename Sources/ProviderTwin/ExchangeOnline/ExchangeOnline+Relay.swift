import MailModel

/// Mail that comes in through a connector, without a mailbox: its gates are those of the tenant.
extension ExchangeOnline {
    mutating func relayed(_ submission: ExchangeSubmission, _ connector: ExchangeConnector, at now: Timestamp) -> ExchangeDecision {
        let passage = passage(submission, of: connector.address)
        if let restriction = remember(passage.sender, { $0.restriction(at: now) }) {
            return refused(ExchangeReplies.restricted(restriction.number), passage.sender)
        }
        if let reply = tenantLimits(passage, at: now) ?? registration(passage, at: now) ?? tenantRules(passage) {
            return refused(reply, passage.sender)
        }
        return taken(passage, at: now)
    }

    /// Gate 6: senders in domains that the tenant has not registered.
    private mutating func registration(_ passage: Passage, at now: Timestamp) -> SMTPReply? {
        guard passage.external > 0, !tenant.isInternal(passage.from), settings.unregisteredPerHour > 0 else { return nil }
        if !isUnregisteredBlocked {
            unregistered.add(1, at: now)
            isUnregisteredBlocked = unregistered.sum(at: now) > settings.unregisteredPerHour
        }
        guard isUnregisteredBlocked else { return nil }
        alert("Tenant restricted from sending unprovisioned email", "High", "tenant", at: now)
        return ExchangeReplies.unregistered
    }
}
