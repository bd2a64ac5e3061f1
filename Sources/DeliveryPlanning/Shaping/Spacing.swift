import MailModel

/// Keeps so many apart in time (the generic cell rate algorithm): never more than `amount` in any window of the period, at most `burst`
/// of them at once.
struct Spacing: Hashable, Sendable {
    /// Between two, in microseconds.
    let interval: Int64
    let burst: Int
    /// When all that was taken is paid for, in microseconds since the epoch.
    private var paidAt: Int64

    /// `notBefore`: what may have been taken until then is not known; a full burst is taken as having left.
    init(_ rate: ShapingRateShape, nodes: Int = 1, notBefore: Timestamp? = nil) {
        burst = rate.burst
        let periods = rate.milliseconds * 1000
        let steps = Int64(rate.amount - rate.burst + 1)
        let interval = (periods + steps - 1) / steps * Int64(max(1, nodes))
        self.interval = interval
        paidAt = notBefore.map { $0.milliseconds * 1000 + interval * Int64(rate.burst) } ?? .min / 2
    }

    /// When `count` (at most `burst` count) may leave: now, or later.
    func freeAt(_ count: Int, at now: Timestamp) -> Timestamp {
        let ready = paid(at: now) + cost(count) - interval * Int64(burst)
        let time = now.milliseconds * 1000
        return ready <= time ? now : Timestamp(milliseconds: (ready + 999) / 1000)
    }

    mutating func take(_ count: Int, at now: Timestamp) { paidAt = paid(at: now) + cost(count) }

    private func cost(_ count: Int) -> Int64 { interval * Int64(min(max(count, 1), burst)) }

    /// A clock that was set back does not make it wait for longer than a burst.
    private func paid(at now: Timestamp) -> Int64 {
        let time = now.milliseconds * 1000
        return min(max(paidAt, time), time + interval * Int64(burst))
    }

    /// True where nothing of what was taken matters any more.
    func isIdle(at now: Timestamp) -> Bool { paidAt <= now.milliseconds * 1000 }
}

/// A rate as numbers.
struct ShapingRateShape: Hashable, Sendable {
    /// In any window of `milliseconds`.
    var amount: Int
    var burst: Int
    var milliseconds: Int64
}
