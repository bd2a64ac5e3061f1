package import DeliveryPlanning
package import MailModel
package import OutboundPolicy

// What comes back after mail has left.
extension GateCore {
    /// What a report changes: in the trace of its recipient, in the figures, on the suppression list. Nil: nothing, it is kept alone.
    ///
    /// What nobody can prove counts beside all rates and touches no address. `message`, `recipient`: as the trace has them; nil where the
    /// report names nobody there. `provider`: who receives for the recipient.
    package func feedback(
        _ report: ReturnedReport, message: MessageRecord?, recipient: RecipientRecord?, provider: MailProvider?
    ) -> Feedback? {
        guard let event = GateCore.event(of: report) else { return nil }
        guard report.authenticity.isProven else {
            let tally = SendingTally(tenant: .standard, sender: SendingTally.unproven, list: nil, provider: provider)
            return Feedback(
                at: report.at, recipient: nil, kind: report.eventKind, reply: nil, findings: [], tally: tally, note: OutcomeNote(event),
                undoesDelivery: false)
        }
        let isOurs = message?.trafficClass == .notice || recipient?.isInternal ?? false
        let effect = isOurs ? nil : effect(of: report, message: message, recipient: recipient)
        let tally = SendingTally(
            tenant: message?.tenant ?? .standard, sender: message?.sender ?? "unknown", list: message?.list, provider: provider)
        return Feedback(
            at: report.at, recipient: recipient == nil ? nil : report.token, address: recipient?.recipient.address, kind: report.eventKind,
            reply: report.reply, findings: [report.finding], tally: tally, note: OutcomeNote(event, effect: effect),
            undoesDelivery: report.kind == .bounce && recipient?.state == .delivered)
    }

    /// A delay is not the end, and reports of success and failed authentication are about no address.
    private static func event(of report: ReturnedReport) -> SendingEvent? {
        switch report.kind {
        case .bounce: report.action == .delayed ? nil : .ended(report.bounceClass)
        case .complaint: report.isComplaint ? .ended(.complaint) : nil
        case .autoReply: .ended(.autoReply)
        case .other: nil
        }
    }

    private func effect(of report: ReturnedReport, message: MessageRecord?, recipient: RecipientRecord?) -> SuppressionEffect? {
        guard let address = recipient?.recipient.address ?? report.recipient, report.kind != .autoReply else { return nil }
        let reason = report.feedbackType == "opt-out" ? SuppressionReason.unsubscribe : SuppressionReason(report.bounceClass)
        let source = [report.source.rawValue, report.token?.description ?? report.reporter].filter { !$0.isEmpty }.joined(separator: " ")
        let subject = SuppressionPolicy.Subject(
            address: address, digest: queue.suppressions.key.digest(address), tenant: message?.tenant ?? .standard, list: message?.list,
            source: source, note: report.diagnostic)
        return directory.suppressionPolicy.effect(of: reason, on: subject, at: report.at)
    }
}

extension ReturnedReport {
    fileprivate var eventKind: String {
        switch kind {
        case .bounce, .other: "returned"
        case .complaint: "complained"
        case .autoReply: "answered"
        }
    }

    fileprivate var reply: SMTPReply? {
        guard kind == .bounce else { return nil }
        return SMTPReply(replyCode ?? (status?.statusClass == 4 ? 450 : 550), status, diagnostic.isEmpty ? bounceClass.words : diagnostic)
    }

    fileprivate var finding: Finding {
        var explanation = "It came back by \(source.rawValue)"
        if !reporter.isEmpty { explanation += " from \(reporter)" }
        explanation += kind == .complaint ? ": \(feedbackType ?? "abuse")." : ": \(bounceClass.words)."
        if case .proven(let proof) = authenticity { explanation += " It is believed by \(proof)." }
        return Finding(rule: "\(eventKind).\(bounceClass.rawValue)", matched: recipient?.description ?? "", explanation: explanation)
    }
}
