import ContentReading
package import ContentScan
import InternetMessage
import MailModel
import OutboundPolicy
package import Simulation
import Submission

/// Hijacked accounts on a simulated clock: the gate's own decisions, with the scans that it makes.
package enum HijackTrial {
    package static func run(_ plan: HijackPlan, knowledge: ScanKnowledge = ScanKnowledge()) -> HijackReport {
        var watch = DuplicateWatch()
        var guide = ScanGuide()
        guide.knowledge = knowledge
        guide.knowledge.ownDomains = [HijackPlan.domain]
        let reader = ContentReader()
        return HijackSimulation.run(plan) { mail, subject in
            let order = ScanOrder(
                content: mail.content, reversePath: .address(mail.sender), recipients: mail.recipients.map { EnvelopeRecipient($0) },
                subject: subject, from: mail.sender, messageID: mail.messageID)
            return guide.judged(order, isFromAlive: true, reader, at: mail.at) {
                watch.scanned($0, $1, key: $2, isPersonal: $3)
            }
        }
    }

    /// The texts of messages in files, for a plan: plain text of usual length.
    package static func texts(_ path: String, countMax: Int) throws -> [String] {
        let reader = ContentReader()
        var texts: [String] = []
        try MailFiles.forEach(path) { _, content in
            guard texts.count < countMax else { return }
            let text = String(decoding: reader.read(content).plain.prefix(4000), as: UTF8.self)
            let words = text.split(whereSeparator: \.isWhitespace)
            if (20...600).contains(words.count) { texts.append(words.joined(separator: " ")) }
        }
        return texts
    }
}
