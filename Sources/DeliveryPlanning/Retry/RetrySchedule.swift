package import MailModel

/// When the next attempt is made after a transient failure.
package struct RetrySchedule: Hashable, Sendable {
    /// Waiting times after the first, second … failed attempt; the last one repeats. Never empty, each at least a second.
    package let waits: [Duration]
    /// Share of the waiting time by which an attempt may come earlier or later, so that messages that failed together do not return
    /// together: 0…0.5.
    package let jitter: Double

    package init(waits: [Duration], jitter: Double = 0.1) {
        precondition(!waits.isEmpty && waits.allSatisfy { $0 >= .seconds(1) } && (0...0.5).contains(jitter))
        self.waits = waits
        self.jitter = jitter
    }

    /// 5 min, 10 min, 20 min, 30 min, 1 h, 2 h, then every 4 h (RFC 5321 §4.5.4.1 asks for at least 30 min after the first tries).
    package static let standard = RetrySchedule(
        waits: [.seconds(300), .seconds(600), .seconds(1200), .seconds(1800), .seconds(3600), .seconds(7200), .seconds(14_400)])

    /// `failures`: failed attempts so far, at least 1.
    package func nextAttempt(
        after failures: Int, at now: Timestamp, using random: inout some RandomNumberGenerator
    ) -> Timestamp {
        let wait = waits[min(max(failures, 1), waits.count) - 1].milliseconds
        let spread = Double(wait) * jitter
        let offset = spread > 0 ? Double.random(in: -spread...spread, using: &random) : 0
        return now + .milliseconds(wait + Int64(offset))
    }
}
