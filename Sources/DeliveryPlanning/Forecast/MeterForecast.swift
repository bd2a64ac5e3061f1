import MailModel
import OutboundPolicy

/// What one meter lets go, message by message, by the rules that `Meter` has: spaced, and so many in each window.
///
/// A fluid of messages of one recipient each, in which nothing else is sent: other mail under the same limit makes it later.
struct MeterForecast {
    /// One rate, as numbers.
    private struct Rate {
        let rate: ShapingRate
        /// Nil where the window alone holds.
        var spacing: Spacing?
        /// In any window, without what is kept for transactional mail; nil for windows of a second.
        let most: Int?
        let window: Int64
        /// Of the store's sums: what is used counts until its whole sum has left the window.
        let bucket: Int64
        /// When what was used leaves the window, in order, and how many with it.
        var leaving: [(at: Int64, count: Int)]
        var first = 0
        var used: Int

        init(_ rate: ShapingRate, transactionalShare: Double, used sums: [Timestamp: Int]) {
            self.rate = rate
            window = rate.period.milliseconds
            let bucket = max(1000, window / 60)
            self.bucket = bucket
            let isLong = rate.period != .second
            if !(rate.unit == .recipients && isLong) {
                spacing = Spacing(ShapingRateShape(amount: rate.amount, burst: rate.burstSize, milliseconds: window))
            }
            let kept = Int((Double(rate.amount) * transactionalShare).rounded(.up))
            most = isLong ? (rate.amount - kept > 0 ? rate.amount - kept : rate.amount) : nil
            leaving = sums.sorted { $0.key < $1.key }.map { (at: $0.key.milliseconds + bucket + rate.period.milliseconds, count: $0.value) }
            used = sums.values.reduce(0, +)
        }

        /// When so many more may go, not before `time`.
        mutating func free(_ count: Int, at time: Int64) -> Int64 {
            var time = spacing.map { $0.freeAt(count, at: Timestamp(milliseconds: time)).milliseconds } ?? time
            guard let most else { return time }
            while first < leaving.count, used > 0, leaving[first].at <= time || used + count > most {
                time = max(time, leaving[first].at)
                used -= leaving[first].count
                first += 1
            }
            return time
        }

        mutating func take(_ count: Int, at time: Int64) {
            spacing?.take(count, at: Timestamp(milliseconds: time))
            guard most != nil else { return }
            used += count
            let end = time - time % bucket + bucket + window
            if let last = leaving.last, last.at == end, leaving.count > first {
                leaving[leaving.count - 1].count += count
            } else {
                leaving.append((at: end, count: count))
            }
        }
    }

    private var rates: [Rate]
    private let hours: [SendingHours]
    private let day: OrganisationDay

    /// `used`: what was used in the window of each rate, as the store sums it; empty for nothing.
    init(_ limits: ShapingLimits, transactionalShare: Double, day: OrganisationDay, used: (ShapingRate) -> [Timestamp: Int]) {
        rates = limits.rates.filter { $0.unit != .connections }.map {
            Rate($0, transactionalShare: transactionalShare, used: $0.period == .second ? [:] : used($0))
        }
        hours = limits.hours
        self.day = day
    }

    /// The rate that takes longest for many; nil where there is none.
    var slowest: ShapingRate? {
        rates.map(\.rate).min {
            Double($0.amount) / Double($0.period.milliseconds) < Double($1.amount) / Double($1.period.milliseconds)
        }
    }

    /// When the last of `count` more has left, none of them before `start`.
    mutating func leave(_ count: Int, from start: Timestamp, until end: Timestamp = .distantFuture) -> (left: Int, at: Timestamp) {
        var time = start.milliseconds
        var left = 0
        while left < count {
            let free = free(1, at: time)
            guard free < end.milliseconds else { break }
            time = free
            for index in rates.indices { rates[index].take(1, at: time) }
            left += 1
        }
        return (left, Timestamp(milliseconds: time))
    }

    private mutating func free(_ count: Int, at start: Int64) -> Int64 {
        var time = start
        // Each limit may move it on to where another one closes; a few rounds settle all but contrived hours.
        for _ in 0..<8 {
            let before = time
            if !hours.isEmpty { time = SendingHours.opening(of: hours, at: Timestamp(milliseconds: time), in: day).milliseconds }
            for index in rates.indices { time = rates[index].free(count, at: time) }
            if time == before { break }
        }
        return time
    }
}
