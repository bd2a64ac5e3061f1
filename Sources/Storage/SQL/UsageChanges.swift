import MailModel
import OutboundPolicy

/// What a holder has used, as the writer knows it.
final class HeldUsage {
    var usage = SenderUsage()
    /// Of the row that was last read or written; 0 where there is none that could be known again.
    var stamp: Int64 = 0
    /// False where the row could not be read: limits that fail closed grant nothing then.
    var isReadable = true
    /// True where there is no row of it yet.
    var isNew = false
    /// True where the commit has to write it.
    var isChanged = false
    /// True once the commit has told what was used.
    var isTold = false
    /// Nil until a claim asks for it.
    var history: HeldHistory?
    /// What it counted for in the cache.
    var keptOctets = 0

    var octets: Int { 256 + usage.octetsInMemory + 32 * (history?.known.count ?? 0) }

    /// The commit is over.
    func conclude() {
        (isNew, isChanged, isTold) = (false, false, false)
        history?.isLookedAt = false
    }
}

/// Whom a holder wrote to, and what of it is still to be written.
struct HeldHistory {
    /// Marks in a part before the next one is begun: a KiB.
    static let partMarksMax = 256

    var known: RecipientHistory
    /// The last part of the running generation, and its marks; those that came in this commit too.
    var part: Int32 = 0
    var partMarks: [RecipientMark] = []
    var isChanged = false
    /// True where the commit begins a part, and with it a row.
    private(set) var beginsPart = false
    /// True once this commit has seen what other nodes have added.
    var isLookedAt = false

    mutating func remember(_ marks: [RecipientMark]) {
        for mark in marks where known.remember(mark) {
            if partMarks.isEmpty { beginsPart = true }
            partMarks.append(mark)
            isChanged = true
        }
    }

    /// A part as it stands in the store.
    mutating func take(_ marks: [RecipientMark], part: Int32, of generation: Int32) {
        known.take(marks, of: generation)
        guard generation == known.generation else { return }
        (self.part, partMarks) = (part, marks)
        beginPart()
    }

    /// What has to be written, part by part.
    mutating func takeParts() -> [(part: Int32, marks: ArraySlice<RecipientMark>)] {
        var parts: [(Int32, ArraySlice<RecipientMark>)] = []
        var rest = partMarks[...]
        while true {
            parts.append((part, rest.prefix(HeldHistory.partMarksMax)))
            rest = rest.dropFirst(HeldHistory.partMarksMax)
            if rest.isEmpty { break }
            part += 1
        }
        partMarks = Array(parts.last?.1 ?? [])
        (isChanged, beginsPart) = (false, false)
        beginPart()
        return parts
    }

    /// A part that is full stays as it is.
    private mutating func beginPart() {
        guard partMarks.count >= HeldHistory.partMarksMax else { return }
        part += 1
        partMarks = []
    }
}

/// The holders that one commit looks at, and those of earlier commits, as far as memory goes: their rows are read again only where another
/// node has written them meanwhile.
struct UsageChanges {
    private var young: [UsageHolder: HeldUsage] = [:]
    private var old: [UsageHolder: HeldUsage] = [:]
    private var youngOctets = 0
    /// Of this commit.
    private(set) var held: [UsageHolder: HeldUsage] = [:]
    /// The store's time, asked once a commit.
    var now: Timestamp?

    /// In each of two halves; the older one goes when the younger is full.
    private static let octetsMax = 8 << 20

    /// As an earlier commit left it; nil where it is not remembered.
    func remembered(_ holder: UsageHolder) -> HeldUsage? { young[holder] ?? old[holder] }

    mutating func hold(_ held: HeldUsage, _ holder: UsageHolder) { self.held[holder] = held }

    /// What the commit has written is durable.
    mutating func conclude() {
        for (holder, held) in held {
            held.conclude()
            keep(held, holder)
        }
        begin()
    }

    private mutating func keep(_ held: HeldUsage, _ holder: UsageHolder) {
        let octets = held.octets
        if let before = young[holder] {
            youngOctets -= before.keptOctets
        } else if youngOctets + octets > UsageChanges.octetsMax {
            (old, young, youngOctets) = (young, [:], 0)
        }
        old[holder] = nil
        young[holder] = held
        youngOctets += octets
        held.keptOctets = octets
    }

    /// What the commit has written is not so.
    mutating func giveUp() {
        for holder in held.keys {
            if let before = young.removeValue(forKey: holder) { youngOctets -= before.keptOctets }
            old[holder] = nil
        }
        begin()
    }

    private mutating func begin() {
        held.removeAll(keepingCapacity: true)
        now = nil
    }
}
