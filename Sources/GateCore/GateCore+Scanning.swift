import DeliveryPlanning
package import InternetMessage
package import MailModel
import OutboundPolicy

/// Who sends a message that is to be scanned.
package struct ScanSubject: Hashable, Sendable {
    /// Whom limits act on.
    package var sender: String
    /// Empty where none brought it.
    package var connector: String
    package var trafficClass: TrafficClass

    package init(sender: String, connector: String, trafficClass: TrafficClass) {
        (self.sender, self.connector, self.trafficClass) = (sender, connector, trafficClass)
    }
}

// What scanning has to know, and what becomes of mail that could not be scanned.
extension GateCore {
    package static let notScannedRule = "scan.not-done"

    /// Nil: the message is refused, whatever it holds; it need not be scanned. `fieldAddress`: as in `contentReceived`.
    package func scanSubject(
        _ facts: MessageFacts, envelope: Envelope, session: SessionFacts, at now: Timestamp, fieldAddress: (String) -> EmailAddress?
    ) -> ScanSubject? {
        guard let submitter = session.principal.flatMap({ submitter($0) }),
            case .accept = settings.rules.content(facts, submitter: submitter)
        else { return nil }
        let sender = settings.rules.senderName(submitter, reversePath: envelope.reversePath, facts: facts, fieldAddress: fieldAddress)
        if !restrictions.isEmpty || !throttles.isEmpty {
            let isExternal = envelope.recipients.contains { directory.acceptedDomain(of: $0.address) == nil }
            guard refusal(of: submitter, sender: sender, isExternal: isExternal, at: now) == nil else { return nil }
        }
        var connector = ""
        if case .connector(let name) = submitter.principal { connector = name }
        let trafficClass = policies.grants.trafficClass(submitter.trafficClass, of: sender, at: now)
        return ScanSubject(sender: sender, connector: connector, trafficClass: trafficClass)
    }

    /// Nil: the message goes on.
    func refusalUnscanned(_ scan: ScanOutcome?) -> ContentDecision? {
        guard case .failed(let failure)? = scan, settings.unscanned == .defer || failure == .opinion else { return nil }
        let reply = SMTPReply(
            451, EnhancedStatusCode(4, 7, 0), "The message could not be scanned: \(failure.explanation); try again in a minute")
        return .refuse(reply, [Finding(rule: GateCore.notScannedRule, matched: failure.rawValue, explanation: reply.text)])
    }

    /// Holds what a person is to look at before it leaves, as the scan policy says; true where it does. Mail of campaigns was approved, and
    /// what stays within the organisation leaves by no pool: neither is held.
    func isHeldForReview(_ record: inout MessageRecord, _ recipients: inout [RecipientRecord]) -> Bool {
        guard let policy = directory.scanPolicy, let kind = record.scan?.kind, recipients.contains(where: { !$0.isInternal }) else {
            return false
        }
        switch kind {
        case .spam where policy.actionOnSpam == .hold: break
        case .suspicious where policy.actionOnSuspicious == .hold: break
        default: return false
        }
        for index in recipients.indices { recipients[index].state = .held }
        record.fields.findings.append(
            Finding(
                rule: "scan.held-\(kind.rawValue)", matched: "",
                explanation: "What is judged \(kind.rawValue) waits for a person, as the scan policy says."))
        return true
    }

    func unscannedFinding(_ scan: ScanOutcome?) -> Finding? {
        guard case .failed(let failure)? = scan else { return nil }
        return Finding(
            rule: GateCore.notScannedRule, matched: failure.rawValue,
            explanation: "It was taken without a scan, as scan.unscanned says: \(failure.explanation).")
    }
}

extension GateCore.Arrival {
    /// What is kept with the message.
    var summary: ScanSummary? { content?.summary }

    /// For the detectors. Programs write the same to everybody, and that is their work: near-duplicates speak against people only.
    var verdict: ContentVerdict? {
        content.map { ContentVerdict(isSpam: $0.isSpam, isNearDuplicate: $0.isNearDuplicate && submitter.trafficClass == .personal) }
    }

    private var content: ScannedContent? { if case .scanned(let content)? = scan { content } else { nil } }
}
