import InternetMessage
package import MailModel
package import OutboundPolicy

// Submission's decisions without a submission.
extension GateCore {
    /// What stands against a message that nobody has sent: what would be said to its envelope, to its content, and before it is counted. Nil:
    /// nothing. `message.from` stands for the envelope sender too.
    package func refusalOfTrial(_ message: CountedMessage, _ submitter: Submitter, isForwarded: Bool, at now: Timestamp) -> Verdict? {
        var facts = MessageFacts()
        facts.from = message.from.map { [$0] } ?? []
        facts.isForwarded = isForwarded
        if let refusal = refusal(of: submitter, sender: message.sender, isExternal: !message.external.isEmpty, at: now) { return refusal }
        let verdicts = [
            settings.rules.sender(
                message.from.map(ReversePath.address) ?? .null, MailParameters(), submitter: submitter, isEncrypted: true, peer: nil,
                at: now),
            settings.rules.content(facts, submitter: submitter),
        ]
        for case .refuse(let reply, let findings) in verdicts { return .refuse(reply, findings) }
        return refusal(of: message, submitter, facts, at: now)
    }
}
