package import MailModel

/// Two subjects, tried on a share of the people: which of them makes fewer people leave.
///
/// Who gets which follows from the person's place in the order of sending alone, so that it is the same whenever a copy is written.
package struct SubjectTest: Hashable, Sendable, Codable {
    package enum Variant: String, Hashable, Sendable, Codable, CaseIterable {
        /// The campaign's own subject.
        case a
        case b
    }

    /// Percent of the people who get one or the other, half each; the rest gets the winner. 2…100.
    package var share: Int
    /// Hours that what comes back is waited for after the last of them, 1…168.
    package var waitHours: Int
    /// When the last of them was handed to the queue; nil before.
    package var handedAt: Timestamp?
    /// Nil until it is decided.
    package var winner: Variant?
    /// What it was decided by, in one sentence; empty before.
    package var finding = ""

    package static let shares = 2...100
    package static let waits = 1...168
    /// Places below are those of people who try one or the other.
    package static let end: Int64 = 1 << 61

    package init(share: Int = 20, waitHours: Int = 24) {
        self.share = share
        self.waitHours = waitHours
    }

    /// Where a person comes with a place by `SendingOrder`: those who try come first, and the last bit says which subject they get.
    package func place(_ place: Int64) -> Int64 {
        guard let variant = variant(place) else { return place / 4 + SubjectTest.end }
        return place / 4 & ~1 | (variant == .b ? 1 : 0)
    }

    /// Which subject a person with such a place tries; nil for those who get the winner.
    package func variant(_ place: Int64) -> Variant? {
        guard place % 100 < Int64(share) else { return nil }
        return place / 100 % 2 == 0 ? .a : .b
    }
}
