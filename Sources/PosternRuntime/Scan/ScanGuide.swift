import ContentReading
import ContentScan
import GateCore
import MailModel
import OutboundPolicy
import Submission

/// What the scan of a message that is submitted goes by.
struct ScanGuide: Sendable {
    var knowledge = ScanKnowledge()
    var weights = ScanWeights.standard

    typealias CountCopies = (Sketch, DuplicateGroup.Member, _ key: UInt64?, _ isPersonal: Bool) -> DuplicateWatch.Copies?

    /// `isFromAlive`: nil where DNS has not said. `count`: notes the message among its copies.
    func judged(
        _ order: ScanOrder, isFromAlive: Bool?, _ reader: ContentReader, at now: Timestamp, count: CountCopies
    ) -> ScannedContent {
        let subject = order.subject
        var facts = reader.facts(
            order.content,
            envelope: ScanEnvelope(
                sender: order.reversePath.address, recipients: order.recipients.count, isCampaign: subject.trafficClass == .campaign))
        facts.isSenderDomainAlive = isFromAlive
        let sketch = Sketch(facts.content)
        let member = DuplicateGroup.Member(
            message: order.messageID, sender: subject.sender, connector: subject.connector, recipients: order.recipients.count, at: now)
        let leads = facts.leadsElsewhere(knowledge.ownDomains)
        let copies = count(sketch, member, ScanGuide.key(order), leads && subject.trafficClass == .personal)
        // What leads nowhere is alike by its signature, more often than not.
        facts.likes = leads ? copies?.figures : nil
        let verdict = ContentScan.scan(facts, weights: weights, knowledge: knowledge, sketch: sketch, at: now)
        return ScannedContent(summary: verdict.summary, isNearDuplicate: copies?.isRepetition ?? false)
    }

    /// Tells a message that its client offers again from another one: by its Message-ID, sender and recipients. Nil where it has none.
    private static func key(_ order: ScanOrder) -> UInt64? {
        guard !order.messageID.isEmpty else { return nil }
        var hash = StableHash()
        hash.add(order.messageID)
        hash.add(order.subject.sender)
        for recipient in order.recipients { hash.add(recipient.address.key) }
        return hash.value
    }
}
