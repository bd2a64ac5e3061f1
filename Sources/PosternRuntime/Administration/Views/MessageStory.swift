import DeliveryPlanning
import MailModel
import Storage

/// The findings and events of one message as sentences, in the order in which they happened.
struct MessageStory {
    private let detail: MessageDetail

    init(_ detail: MessageDetail) { self.detail = detail }

    var sentences: [String] {
        [arrival] + scan + detail.record.findings.map(sentence)
            + detail.recipients.flatMap { recipient in
                detail.events.filter { $0.index == recipient.index }.map { sentence($0, recipient) } + [state(recipient)]
            }
    }

    private var arrival: String {
        let record = detail.record
        let count = record.recipientCount == 1 ? "1 recipient" : "\(record.recipientCount) recipients"
        let client = [record.clientAddress?.description ?? "", record.clientName].filter { !$0.isEmpty }.joined(separator: " ")
        let way = record.submissionTLS.map { " over \($0)" } ?? ""
        return "\(time(record.receivedAt)): \(record.principal) submitted \"\(record.subject)\" for \(count)"
            + (client.isEmpty ? "." : " from \(client)\(way).")
    }

    private var scan: [String] {
        guard let scan = detail.record.scan else { return [] }
        let heaviest = scan.findings.prefix(5).map { scored in
            "\(scored.finding.explanation) (\(scored.finding.rule), \(scored.weight > 0 ? "+" : "")\(scored.weight))"
        }
        return [(["It was scanned: \(scan.kind.rawValue), with a score of \(scan.score)."] + heaviest).joined(separator: " ")]
    }

    private func sentence(_ finding: Finding) -> String {
        finding.matched.isEmpty
            ? "\(finding.explanation) (\(finding.rule))" : "\(finding.explanation) (\(finding.rule): \(finding.matched))"
    }

    private func sentence(_ event: TraceEvent, _ recipient: RecipientRecord) -> String {
        var text = "\(time(event.at)): \(recipient.recipient.address) was \(event.kind)"
        if !event.route.isEmpty { text += " on route \(event.route)" }
        if let host = event.connection.host { text += " by \(host)" }
        if let stage = event.stage { text += " at the stage \(stage.rawValue)" }
        text += "."
        if let reply = event.reply {
            text += " The reply was: \(reply)."
            let hint = event.connection.host.flatMap { ReplyProvider.of(host: $0) }
            if !reply.isPositive, let meaning = ReplyMeaning.of(reply, hint: hint) { text += " \(meaning.meaning) \(meaning.advice)" }
        }
        return ([text] + event.findings.map(sentence)).joined(separator: " ")
    }

    private func state(_ recipient: RecipientRecord) -> String {
        let address = "\(recipient.recipient.address)"
        let attempts = recipient.attempts == 1 ? "1 attempt" : "\(recipient.attempts) attempts"
        switch recipient.state {
        case .queued:
            return "\(address) waits; the next attempt is due at \(time(recipient.dueAt)), \(attempts) so far, and it is tried until "
                + "\(time(detail.record.expiresAt))."
        case .held: return "\(address) is held until a person releases or cancels it, after \(attempts)."
        default: return "\(address) is \(recipient.state.name), after \(attempts)."
        }
    }

    /// `2026-11-22 09:14:12 UTC`.
    private func time(_ time: Timestamp) -> String { "\(time.rfc3339.prefix(19).replacing("T", with: " ")) UTC" }
}
