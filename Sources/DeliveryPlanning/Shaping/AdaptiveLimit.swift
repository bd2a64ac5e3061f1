package import MailModel

/// A limit that nobody tells us, found by trying: it falls by a factor where the other side refuses, and rises again in small steps while
/// it does not.
///
/// As in Postfix's feedback of 1/N, a whole window of successes counts as one step; steps are small after a fall and double with each
/// twentieth that was won back, so that a limit that stays is met seldom, and one that was raised is found soon. The same limit met again
/// costs a twentieth; one that is found lower than before, a tenth, a fifth, two fifths, a half.
package struct AdaptiveLimit: Hashable, Sendable {
    /// What may be in use at a time, or leave in a minute.
    package private(set) var value: Double
    private let floor: Double
    private let maximum: Double
    private var gain = AdaptiveLimit.firstGain
    /// Where the gain was doubled last.
    private var markedAt: Double
    private var cutAt: Timestamp?
    private var cut = AdaptiveLimit.firstCut
    /// True where something succeeded that began after the last fall.
    private var hasSucceeded = true

    /// What was in use when it was refused last.
    private var refusedAt: Double?
    /// After a fall, so long nothing rises: longer where the same limit is met again and again.
    private var hold = AdaptiveLimit.firstHold

    private static let firstHold = Duration.seconds(10)
    private static let holdMax = Duration.seconds(60)
    /// Where the limit is the one that was known.
    private static let sameCut = 0.05
    private static let firstGain = 0.4
    private static let gainMax = 8.0
    private static let firstCut = 0.1
    private static let cutMax = 0.5
    /// A refusal so soon after a fall means that the limit is far lower.
    private static let soon = Duration.seconds(120)

    package init(_ value: Double, floor: Double = 1, maximum: Double) {
        self.value = min(max(value, floor), maximum)
        self.floor = floor
        self.maximum = maximum
        markedAt = self.value
    }

    /// Whole connections, at least one.
    package var count: Int { max(1, Int(min(value, 1e6) + 1e-9)) }

    /// True where the limit is no longer felt.
    package var isAtMaximum: Bool { value >= maximum }

    /// Something that began at `begunAt` succeeded. `isFull`: it would have had to wait for more.
    package mutating func succeeded(begunAt: Timestamp, isFull: Bool) {
        if let cutAt, begunAt <= cutAt { return }
        hasSucceeded = true
        guard isFull, cutAt.map({ $0 + hold <= begunAt }) ?? true else { return }
        value = min(maximum, value + gain * max(1, value / 20) / value)
        if value >= markedAt * 1.05 {
            markedAt = value
            gain = min(gain * 2, AdaptiveLimit.gainMax)
        }
    }

    /// The other side refused something that began at `begunAt`, as too much. `inUse`: what it had at that moment, the refused one included.
    /// What began before the last fall says nothing new, and neither does what comes before anything has succeeded again.
    package mutating func refused(inUse: Double, begunAt: Timestamp, at now: Timestamp) {
        if let cutAt, begunAt <= cutAt || !hasSucceeded { return }
        if let refusedAt, inUse >= refusedAt * 0.85 {
            cut = AdaptiveLimit.sameCut
            hold = inUse > refusedAt * 1.15 ? AdaptiveLimit.firstHold : min(hold + hold, AdaptiveLimit.holdMax)
        } else {
            let isLower = cutAt.map { now - $0 <= AdaptiveLimit.soon } == true
            cut = isLower ? min(2 * max(cut, AdaptiveLimit.firstCut), AdaptiveLimit.cutMax) : AdaptiveLimit.firstCut
            hold = AdaptiveLimit.firstHold
        }
        refusedAt = inUse
        value = max(floor, min(value, inUse) * (1 - cut))
        markedAt = value
        gain = AdaptiveLimit.firstGain
        cutAt = now
        hasSucceeded = false
    }
}
