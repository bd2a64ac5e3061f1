package import MailModel

/// A recipient as a sender's history remembers it: 32 bits of its address. Two addresses share one once in some four thousand million
/// pairs; then one is taken for known that is not.
package struct RecipientMark: Hashable, Sendable, Comparable {
    package var value: UInt32

    package init(value: UInt32) { self.value = value }

    /// FNV-1a over the address's key, its halves folded: the same on every node and in every version.
    package init(_ address: EmailAddress) {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for octet in address.key.utf8 { hash = (hash ^ UInt64(octet)) &* 0x100_0000_01B3 }
        value = UInt32(truncatingIfNeeded: hash ^ hash >> 32)
    }

    package static func < (left: RecipientMark, right: RecipientMark) -> Bool { left.value < right.value }
}

/// Whom a sender wrote to: in generations of 30 days, of which the running one and three before it count, so that a recipient is known for
/// 90 to 120 days after the last mail to it.
///
/// Four octets a recipient. A full generation (10,000 recipients, 40 kB; 160 kB for a sender at most) remembers no more: whoever writes to
/// so many new people meets the limits on them long before.
package struct RecipientHistory: Sendable {
    package static let generationDays: Int32 = 30
    /// The running one and those before it that are looked at.
    package static let generations: Int32 = 4
    package static let marksMax = 10_000

    /// The running one.
    package let generation: Int32
    private var recent: Set<RecipientMark> = []
    private var older: Set<RecipientMark> = []

    package init(generation: Int32) { self.generation = generation }

    package static func generation(at now: Timestamp) -> Int32 { now.day / generationDays }

    /// The first whose recipients are still known.
    package var oldestGeneration: Int32 { generation - RecipientHistory.generations + 1 }

    package var count: Int { recent.count + older.count }

    package func contains(_ mark: RecipientMark) -> Bool { recent.contains(mark) || older.contains(mark) }

    /// True where it has to be written down: also for one that only an older generation has, since whoever is written to stays known.
    package mutating func remember(_ mark: RecipientMark) -> Bool {
        recent.count < RecipientHistory.marksMax && recent.insert(mark).inserted
    }

    /// What was written down before.
    package mutating func take(_ marks: [RecipientMark], of generation: Int32) {
        if generation == self.generation { recent.formUnion(marks) } else { older.formUnion(marks) }
    }
}

extension [RecipientMark] {
    /// Four octets a mark, highest first.
    package var octets: [UInt8] {
        var octets: [UInt8] = []
        octets.reserveCapacity(count * 4)
        for mark in self {
            for shift in stride(from: UInt32(24), through: 0, by: -8) { octets.append(UInt8(truncatingIfNeeded: mark.value >> shift)) }
        }
        return octets
    }

    /// Nil where they were not written by this program.
    package init?(octets: UnsafeRawBufferPointer) {
        guard octets.count % 4 == 0 else { return nil }
        self = []
        reserveCapacity(octets.count / 4)
        var value: UInt32 = 0
        for index in octets.indices {
            value = value << 8 | UInt32(octets[index])
            if index % 4 == 3 { append(RecipientMark(value: value)) }
        }
    }
}
