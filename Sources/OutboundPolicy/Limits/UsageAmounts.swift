/// What is counted of a sender. The raw value is the place in `UsageAmounts` and in what the store keeps: never change one.
package enum UsageKind: Int, Hashable, Sendable, CaseIterable {
    case messages = 0
    /// Recipients outside of the organisation's accepted domains; each pair of message and recipient counts.
    case external = 1
    case `internal` = 2
    /// External recipients that the sender did not write to within the horizon.
    case firstTime = 3
    /// Of content, 1,024 octets each, rounded up.
    case kibibytes = 4
    /// Messages that were judged spam.
    case spam = 5
    /// Recipients met for the first time by a message that is nearly the same as one before.
    case nearDuplicates = 6
    /// Messages that were judged at all.
    case judged = 7
}

/// Amounts of each kind, added and compared as one.
package struct UsageAmounts: Hashable, Sendable {
    private var values = SIMD8<Int32>()

    package init() {}

    package subscript(kind: UsageKind) -> Int {
        get { Int(values[kind.rawValue]) }
        set { values[kind.rawValue] = Int32(clamping: newValue) }
    }

    /// A bit for each kind that is not zero.
    var kinds: UInt64 {
        var kinds: UInt64 = 0
        for place in values.indices where values[place] > 0 { kinds |= 1 << UInt64(place) }
        return kinds
    }

    package var isZero: Bool { values == SIMD8<Int32>() }

    /// Amounts stay far below 2³¹: what a window holds is bounded by what a gate can take in a day.
    package static func += (left: inout UsageAmounts, right: UsageAmounts) { left.values &+= right.values }

    package static func + (left: UsageAmounts, right: UsageAmounts) -> UsageAmounts {
        var sum = left
        sum += right
        return sum
    }
}
