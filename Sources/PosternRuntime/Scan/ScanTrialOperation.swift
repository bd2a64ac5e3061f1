import ContentReading
import ContentScan
import DeliveryPlanning
package import MailModel
package import OutboundPolicy
import Storage

/// Which messages that were sent would be judged differently by changed weights. A part at a time: nothing waits long for it, and who asks can stop after each. Nothing is changed.
package struct TryScanPolicy: AdministrativeOperation {
    package static let name = "scan.trial"
    /// Messages of all senders are named.
    package static let scope = AccessScope.traceRead
    package var changes: ScanPolicyChanges
    /// Messages from then on.
    package var since: Timestamp
    /// Nil: until now.
    package var until: Timestamp?
    /// `next` of the part before; nil for the first, with the newest messages.
    package var from: MessageID?
    /// Messages to look at, 1…`partMax`; nil for `partMax`.
    package var limit: Int?

    package static let partMax = 1000

    package init(changes: ScanPolicyChanges, since: Timestamp, until: Timestamp? = nil, from: MessageID? = nil, limit: Int? = nil) {
        (self.changes, self.since, self.until, self.from, self.limit) = (changes, since, until, from, limit)
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> ScanTrialPart {
        let limit = limit ?? TryScanPolicy.partMax
        guard (1...TryScanPolicy.partMax).contains(limit) else {
            throw AdministrationError(.invalid, "\(limit) messages are out of range", "A part has 1 to \(TryScanPolicy.partMax).")
        }
        let old = try await administration.directory().scanPolicy
        // A password changes no verdict.
        let new = try changes.applied(to: old) { _ in "" }
        let weights = (old: ScanWeights(old), new: ScanWeights(new))
        let (first, last) = (MessageID.first(at: since), from ?? MessageID.last(at: until ?? act.at))
        let records = try await administration.store.read { try $0.messages(from: first, through: last, limit: limit) }
        var part = ScanTrialPart(
            next: records.count < limit ? nil : records.last.flatMap { $0.id > first ? MessageID($0.id.value - 1) : nil })
        for record in records where !Task.isCancelled {
            if let summary = record.scan {
                part.add(record, was: summary, is: weights.new.judged(summary))
            } else if let (was, now) = try await scanned(record, weights, administration) {
                part.add(record, was: was, is: now)
            } else {
                part.unknown += 1
            }
        }
        return part
    }

    /// What was taken before anything was scanned is judged by both, as long as its content is kept.
    private func scanned(
        _ record: MessageRecord, _ weights: (old: ScanWeights, new: ScanWeights), _ administration: Administration
    ) async throws -> (ScanSummary, ScanSummary)? {
        let (id, at) = (record.id, record.receivedAt)
        guard record.trafficClass != .notice else { return nil }
        let recipient =
            record.trafficClass == .campaign
            ? try await administration.store.read { try $0.message(id)?.recipients.first?.recipient.address } : nil
        guard let content = try await administration.content(of: record, to: recipient) else { return nil }
        let envelope = ScanEnvelope(
            sender: record.reversePath.address, recipients: record.recipientCount, isCampaign: record.trafficClass == .campaign)
        return try await BlockingWork.runLong {
            let knowledge = try ScanFiles.knowledge(of: administration.dataDirectory)
            let facts = ContentReader().facts(content, envelope: envelope)
            let was = ContentScan.scan(facts, weights: weights.old, knowledge: knowledge, at: at)
            return (was.summary, ContentScan.scan(facts, weights: weights.new, knowledge: knowledge, at: at).summary)
        }
    }
}

extension MessageID {
    /// The lowest that any node can make at a time, and the highest.
    static func first(at time: Timestamp) -> MessageID {
        MessageID(min(max(epoch.milliseconds, time.milliseconds) - epoch.milliseconds, Int64.max >> 22) << 22)
    }
    static func last(at time: Timestamp) -> MessageID { MessageID(first(at: time).value | (1 << 22 - 1)) }
}

/// What a part of a dry run found.
package struct ScanTrialPart: Codable, Hashable, Sendable {
    package struct Change: Codable, Hashable, Sendable {
        package var message: String
        package var time: String
        package var sender: String
        package var subject: String
        package var was: ScanKind
        package var wasScore: Double
        package var becomes: ScanKind
        package var score: Double
        /// Findings whose weight changes, with the new weight; empty where only the scores did.
        package var because: [ScanView.FindingView]
    }

    /// Messages that were looked at.
    package var looked = 0
    /// Messages that nothing was scanned of, and whose content is no longer kept.
    package var unknown = 0
    /// Those that would be judged differently, newest first.
    package var changes: [Change] = []
    /// Where the next part begins; nil where this is the last.
    package var next: MessageID?

    init(next: MessageID?) { self.next = next }

    mutating func add(_ record: MessageRecord, was: ScanSummary, is new: ScanSummary) {
        looked += 1
        guard was.kind != new.kind else { return }
        let before = Dictionary(was.findings.map { ($0.finding.rule, $0.weight) }) { first, _ in first }
        changes.append(
            Change(
                message: record.id.description, time: record.receivedAt.rfc3339, sender: record.sender, subject: record.subject,
                was: was.kind, wasScore: was.score, becomes: new.kind, score: new.score,
                because: new.findings.filter { before[$0.finding.rule] != $0.weight }.map(ScanView.FindingView.init)))
    }

    /// Adds what the next part found.
    package mutating func add(_ part: ScanTrialPart) {
        looked += part.looked
        unknown += part.unknown
        changes += part.changes
        next = part.next
    }
}
