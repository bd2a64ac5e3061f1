import DeliveryPlanning
package import MailModel
package import OutboundPolicy

// Whom nobody writes to any more. The queue has the list: it is asked before every attempt.
extension GateCore {
    /// In place of the list so far. Until it is complete, mail is taken and none is sent.
    package mutating func suppressionsBecame(_ table: SuppressionTable) { queue.suppressionsBecame(table) }

    package mutating func suppressionsChanged(_ entries: some Sequence<Suppression>) { queue.suppressionsChanged(entries) }

    /// Where a choice says so, the client hears of it at RCPT; else the message is taken, and the recipient ends as suppressed. What the
    /// message says itself, its list above all, is not known yet.
    func suppressionRefusal(_ recipient: EmailAddress, _ submitter: Submitter) -> Verdict? {
        guard queue.suppressions.count > 0, directory.suppressionPolicy.refusesAtSubmission else { return nil }
        let stream = MailStream(
            tenant: submitter.tenant, trafficClass: submitter.trafficClass, submitter: submitter.principal.description)
        guard let match = queue.suppression(of: recipient, stream) else { return nil }
        return .refuse(match.reply(recipient), [match.finding(recipient)])
    }
}
