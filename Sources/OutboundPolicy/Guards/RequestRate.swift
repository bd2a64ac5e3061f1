package import MailModel

/// Bounds the requests of each principal: a bucket that fills at its rate and holds two seconds' worth.
package struct RequestRate: Sendable {
    /// Principals remembered; beyond it those whose buckets are full again are forgotten, then all.
    package static let entriesMax = 10_000
    private static let burstSeconds: Int64 = 2

    private struct Bucket: Sendable {
        /// Thousandths of a request.
        var level: Int64
        var at: Timestamp
    }

    private var buckets: [String: Bucket] = [:]

    package init() {}

    /// Takes one request of `name`. Nil: go on. Otherwise how long until the next may come. `perSecondMax`: 1…100,000.
    package mutating func requested(by name: String, perSecondMax: Int, at now: Timestamp) -> Duration? {
        let rate = Int64(min(max(perSecondMax, 1), 100_000))
        let full = rate * 1000 * RequestRate.burstSeconds
        var bucket = buckets[name] ?? Bucket(level: full, at: now)
        // A clock that was set back fills nothing, and takes nothing away.
        let elapsed = min(max(0, now.milliseconds - bucket.at.milliseconds), RequestRate.burstSeconds * 1000)
        bucket.level = min(full, bucket.level + elapsed * rate)
        bucket.at = now
        let isAllowed = bucket.level >= 1000
        if isAllowed { bucket.level -= 1000 }
        makeRoom(for: name, at: now)
        buckets[name] = bucket
        return isAllowed ? nil : .milliseconds((1000 - bucket.level + rate - 1) / rate)
    }

    private mutating func makeRoom(for name: String, at now: Timestamp) {
        guard buckets.count >= RequestRate.entriesMax, buckets[name] == nil else { return }
        let old = now - .seconds(RequestRate.burstSeconds)
        buckets = buckets.filter { $0.value.at > old }
        if buckets.count >= RequestRate.entriesMax { buckets = [:] }
    }
}
