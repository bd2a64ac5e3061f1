package import MailModel

/// How fast reports leave by the normal pool where no source is for high risk: many at once would be held against it.
package struct ReportPace: Sendable {
    private var nextAt = Timestamp(milliseconds: 0)

    package init() {}

    /// When the next one may leave. `perMinute`: 1 or more. Nothing is put further ahead than a day.
    package mutating func take(perMinute: Int, at now: Timestamp) -> Timestamp {
        let time = min(max(nextAt, now), now + .seconds(86_400))
        nextAt = time + .milliseconds(60_000 / max(1, perMinute))
        return time
    }
}
