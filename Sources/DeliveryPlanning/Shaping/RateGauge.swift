import MailModel

/// How many there were in the last minute, nearly: what the present minute has, and what is left of the one before.
struct RateGauge: Hashable, Sendable {
    private var since = Timestamp(milliseconds: 0)
    private var current = 0
    private var previous = 0

    mutating func add(at now: Timestamp) {
        turn(at: now)
        current += 1
    }

    private mutating func turn(at now: Timestamp) {
        let age = (now - since).milliseconds
        guard age >= 60_000 || age < 0 else { return }
        previous = (60_000..<120_000).contains(age) ? current : 0
        current = 0
        since = (60_000..<120_000).contains(age) ? since + .seconds(60) : now
    }

    func perMinute(at now: Timestamp) -> Double {
        var turned = self
        turned.turn(at: now)
        let left = 1 - Double((now - turned.since).milliseconds) / 60_000
        return Double(turned.previous) * max(0, left) + Double(turned.current)
    }
}
