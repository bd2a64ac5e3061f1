import Crypto
import Delivery
import DeliveryPlanning
import GateCore
import MailModel
import NIOCore
import OutboundPolicy
import Storage
import Submission

// What is attempted: octets as they were taken, or a campaign's copy, which is written and scanned now that its attempt has come.
extension GateLane {
    /// The octets of what was attempted, before signatures.
    static let copyRule = "campaign.copy"

    func content(of order: AttemptOrder, completion: @escaping (Result<AttemptContent, DeliveryFailure>) -> Void) {
        if let content = order.content, !CopyReference.isOne(content) { return completion(.success(AttemptContent(content))) }
        let completion = UncheckedTransfer(completion)
        let (record, copies) = (order.record, tools.campaignCopies)
        let address = order.recipients.first?.recipient.address
        tools.reader.read(
            { store -> (octets: [UInt8], digest: String?)? in
                guard let kept = try order.content ?? store.content(of: record.id, tenant: record.tenant) else { return nil }
                guard CopyReference.isOne(kept) else { return (kept, nil) }
                guard let address else { throw CampaignCopies.Fault(description: "a copy without a recipient", isPermanent: true) }
                let octets = try copies.written(kept, of: record, to: address, in: store)
                return (octets, SHA256.hash(data: octets).hexadecimal)
            },
            completion: { result in
                self.eventLoop.execute {
                    switch result {
                    case .success((let octets, nil)?): completion.value(.success(AttemptContent(octets)))
                    case .success((let octets, let digest?)?): self.judge(octets, digest, order, completion.value)
                    case .success(nil), .failure: completion.value(.failure(GateLane.unreadable(result.failure)))
                    }
                }
            })
    }

    /// An error of the store is told to the sender's trace as a deferral; the store's own log says which.
    private static func unreadable(_ error: (any Error)?) -> DeliveryFailure {
        guard let fault = error as? CampaignCopies.Fault else {
            return .local(451, EnhancedStatusCode(4, 3, 0), "The message could not be read from the store", scope: .message, stage: .mail)
        }
        return fault.isPermanent
            ? .local(554, EnhancedStatusCode(5, 6, 0), fault.description, scope: .message, stage: .mail)
            : .local(451, EnhancedStatusCode(4, 3, 0), fault.description, scope: .message, stage: .mail)
    }

    // MARK: - The scan of a copy

    private typealias Completion = (Result<AttemptContent, DeliveryFailure>) -> Void

    private func judge(_ octets: [UInt8], _ digest: String, _ order: AttemptOrder, _ completion: @escaping Completion) {
        guard scans else { return completion(.success(GateLane.content(octets, digest, nil))) }
        let record = order.record
        let scan = ScanOrder(
            content: octets, reversePath: record.reversePath, recipients: order.recipients.map(\.recipient),
            subject: ScanSubject(sender: record.sender, connector: "", trafficClass: record.trafficClass),
            from: record.reversePath.address, messageID: record.headerMessageID)
        self.scan(scan) { self.judged($0, octets, digest, order, completion) }
    }

    /// Mail that nobody has looked at is held back with the whole campaign where a message of somebody else would leave by another pool:
    /// the pool of a copy was chosen before it was written.
    private func judged(
        _ outcome: ScanOutcome, _ octets: [UInt8], _ digest: String, _ order: AttemptOrder, _ completion: @escaping Completion
    ) {
        switch outcome {
        case .scanned(let content):
            if let reason = reasonToHold(content) { return stop(order, reason, completion) }
            copyForReview(octets, content.summary, order)
            completion(.success(GateLane.content(octets, digest, content.summary)))
        case .failed(let failure) where unscanned == .pass && failure != .opinion:
            completion(.success(GateLane.content(octets, digest, nil)))
        case .failed(let failure):
            completion(
                .failure(
                    .local(
                        451, EnhancedStatusCode(4, 7, 0), "The copy could not be scanned: \(failure.explanation)", scope: .message,
                        stage: .mail)))
        }
    }

    private var unscanned: UnscannedMail { decide { core, _ in core.settings.unscanned } }

    private func reasonToHold(_ content: ScannedContent) -> String? {
        let findings = content.summary.findings.prefix(5).map(\.finding.rule).joined(separator: ", ")
        switch content.summary.kind {
        case .spam: return "a copy is judged spam (\(findings))"
        case .suspicious where decide({ core, _ in core.directory.scanPolicy?.actionOnSuspicious }) == .hold:
            return "a copy is suspicious (\(findings)), and the scan policy holds such mail"
        default:
            return content.deadDomain.map { "\($0), which it comes from, has neither address nor MX record: nobody could answer" }
        }
    }

    private func stop(_ order: AttemptOrder, _ reason: String, _ completion: @escaping Completion) {
        let completion = UncheckedTransfer(completion)
        let name = String(order.record.sender.dropFirst("campaign:".count))
        tools.campaignStops.stop(name, order.record.id, reason: reason) { isHeld in
            let text = isHeld ? "Held with its campaign: \(reason)" : "Kept back: \(reason)"
            let failure = DeliveryFailure.local(451, EnhancedStatusCode(4, 7, 1), text, scope: .message, stage: .mail)
            self.eventLoop.execute { completion.value(.failure(failure)) }
        }
    }

    /// The reviewer gets a suspicious copy once.
    private func copyForReview(_ octets: [UInt8], _ summary: ScanSummary, _ order: AttemptOrder) {
        guard summary.kind == .suspicious, order.recipients.first?.attempts == 0 else { return }
        var record = order.record
        record.fields.scan = summary
        tools.copies.stored(NewMessage(record: record, recipients: order.recipients, content: octets, lease: nil))
    }

    /// `summary`: nil where nothing was scanned.
    private static func content(_ octets: [UInt8], _ digest: String, _ summary: ScanSummary?) -> AttemptContent {
        let verdict = summary.map { "judged \($0.kind.rawValue), \($0.score)" } ?? "not scanned"
        return AttemptContent(
            octets,
            notes: [
                Finding(rule: copyRule, matched: digest, explanation: "\(octets.count) octets by SHA-256 before signatures; \(verdict).")
            ])
    }
}
