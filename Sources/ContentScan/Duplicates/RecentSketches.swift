import MailModel

/// What each person has sent last. Among so few messages much less likeness than a third is no chance: a campaign in which every fifth
/// word is another one repeats itself.
struct RecentSketches: Sendable {
    private struct Sent: Sendable {
        var sketch: Sketch
        var message: String
        var at: Timestamp
    }

    /// Filled now, and what was before.
    private var young: [String: [Sent]] = [:]
    private var old: [String: [Sent]] = [:]

    private static let sendersMax = 2000
    private static let sketchesMax = 16
    private static let likenessMin = 0.15
    private static let window = Duration.seconds(86_400)

    /// True where the sender has sent something like it within a day; the message itself, offered again, is not meant.
    func repeats(_ sketch: Sketch, _ member: DuplicateGroup.Member) -> Bool {
        guard let sent = young[member.sender] ?? old[member.sender] else { return false }
        return sent.contains { earlier in
            member.at - earlier.at < RecentSketches.window && (member.message.isEmpty || earlier.message != member.message)
                && earlier.sketch.likeness(sketch) >= RecentSketches.likenessMin
        }
    }

    mutating func add(_ sketch: Sketch, _ member: DuplicateGroup.Member) {
        if young[member.sender] == nil {
            if young.count >= RecentSketches.sendersMax {
                old = young
                young = [:]
            }
            young[member.sender] = old.removeValue(forKey: member.sender) ?? []
        }
        let sent = Sent(sketch: sketch, message: member.message, at: member.at)
        if let count = young[member.sender]?.count, count >= RecentSketches.sketchesMax { young[member.sender]?.removeFirst() }
        young[member.sender]?.append(sent)
    }
}
