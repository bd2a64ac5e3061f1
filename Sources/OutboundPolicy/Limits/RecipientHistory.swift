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

/// Whom a sender wrote to within 30 days: one of four such generations, so that a recipient is known for 90 to 120 days after the last
/// mail to it.
///
/// Four octets a recipient. A full generation (10,000 recipients, 40 kB; 160 kB for a sender at most) remembers no more: whoever writes to
/// so many new people meets the limits on them long before.
package struct RecipientHistory: Hashable, Sendable {
    package static let generationDays: Int32 = 30
    /// The running one and those before it that are looked at.
    package static let generations: Int32 = 4
    package static let marksMax = 10_000

    /// In order, each once.
    package private(set) var marks: [RecipientMark]

    package init() { marks = [] }

    package static func generation(at now: Timestamp) -> Int32 { now.day / generationDays }

    package func contains(_ mark: RecipientMark) -> Bool {
        let place = marks.firstIndex(notBelow: mark)
        return place < marks.count && marks[place] == mark
    }

    package mutating func remember(_ mark: RecipientMark) {
        guard marks.count < RecipientHistory.marksMax else { return }
        let place = marks.firstIndex(notBelow: mark)
        if place < marks.count, marks[place] == mark { return }
        marks.insert(mark, at: place)
    }

    /// Four octets a mark, highest first.
    package var octets: [UInt8] {
        var octets: [UInt8] = []
        octets.reserveCapacity(marks.count * 4)
        for mark in marks {
            for shift in stride(from: UInt32(24), through: 0, by: -8) { octets.append(UInt8(truncatingIfNeeded: mark.value >> shift)) }
        }
        return octets
    }

    /// Nil where they were not written by this program.
    package init?(octets: UnsafeRawBufferPointer) {
        guard octets.count % 4 == 0, octets.count <= RecipientHistory.marksMax * 4 else { return nil }
        var marks: [RecipientMark] = []
        marks.reserveCapacity(octets.count / 4)
        var value: UInt32 = 0
        for index in octets.indices {
            value = value << 8 | UInt32(octets[index])
            if index % 4 == 3 { marks.append(RecipientMark(value: value)) }
        }
        guard zip(marks, marks.dropFirst()).allSatisfy({ $0 < $1 }) else { return nil }
        self.marks = marks
    }
}

extension [RecipientMark] {
    /// By halving: the first place whose mark is not below the one given.
    fileprivate func firstIndex(notBelow mark: RecipientMark) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < mark { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
