package import MailModel

/// What one sender (or a connector, or the organisation) used of its limits, for windows that slide.
///
/// Kept in buckets: of a second for the last minute and for what is still to come, of a minute for the last hour, of 24 minutes for the
/// last day. A use counts until the whole of its bucket has left the window, so at most a sixtieth of the window too long and never too
/// short. At most some 260 buckets, and those of slowed mail.
package struct SenderUsage: Hashable, Sendable {
    struct Bucket: Hashable, Sendable {
        /// Seconds since 1970, a multiple of `length`.
        var start: Int64
        /// 1, 60 or 1,440 seconds.
        var length: Int64
        var amounts: UsageAmounts

        var end: Int64 { start + length }
    }

    /// In order of time, without overlaps.
    private(set) var buckets: [Bucket] = []
    /// The last verdicts on content, newest in the lowest bit; `verdictCount` of them are meant.
    package internal(set) var verdicts: UInt32 = 0
    /// 0…20.
    package internal(set) var verdictCount = 0

    package static let verdictsMax = 20

    /// What counted when it was last summed, with all that was added since: never less than what counts now. Not kept by the store.
    private var bound: Bound?

    private struct Bound {
        /// In seconds.
        var at: Int64
        var sums: UsageSums
    }

    /// How long a bound is good for; past it, what left the windows meanwhile is looked at.
    private static let boundSeconds: Int64 = 10

    package init() {}

    package static func == (left: SenderUsage, right: SenderUsage) -> Bool {
        left.buckets == right.buckets && left.verdicts == right.verdicts && left.verdictCount == right.verdictCount
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(buckets)
        hasher.combine(verdicts)
        hasher.combine(verdictCount)
    }

    init(buckets: [Bucket], verdicts: UInt32, verdictCount: Int) {
        self.buckets = buckets
        self.verdicts = verdicts
        self.verdictCount = verdictCount
    }

    // MARK: - Reading

    /// What counts in the window that ends at `now`. What is still to come counts as well: it was promised.
    package func used(_ window: UsageWindow, at now: Timestamp) -> UsageAmounts {
        let oldest = now.seconds - window.seconds
        var sum = UsageAmounts()
        for bucket in buckets.reversed() {
            guard bucket.end > oldest else { break }
            sum += bucket.amounts
        }
        return sum
    }

    /// The same for each window, in one pass over the buckets.
    func sums(at now: Timestamp) -> UsageSums {
        var sums = UsageSums()
        let second = now.seconds
        for bucket in buckets.reversed() {
            guard bucket.end > second - UsageWindow.day.seconds else { break }
            sums.day += bucket.amounts
            if bucket.end > second - UsageWindow.hour.seconds { sums.hour += bucket.amounts }
            if bucket.end > second - UsageWindow.minute.seconds { sums.minute += bucket.amounts }
        }
        return sums
    }

    /// True where the claim is far from every limit, so that nothing has to be looked at to grant it: less than 80 percent of each are used
    /// with it.
    package func hasRoom(for claim: UsageClaim, at now: Timestamp) -> Bool { hasRoom(for: claim.amounts, of: claim, at: now) }

    /// The same for `amounts` in place of the claim's own.
    package func hasRoom(for amounts: UsageAmounts, of claim: UsageClaim, at now: Timestamp) -> Bool {
        let second = now.seconds
        guard claim.verdict == nil, let bound, bound.at <= second, second < bound.at + SenderUsage.boundSeconds,
            (buckets.last?.start ?? 0) <= second
        else { return false }
        return claim.limits.allSatisfy { (bound.sums.used($0) + $0.name.measure(amounts)) * 100 < $0.value * 80 }
    }

    mutating func isBound(by sums: UsageSums, at now: Timestamp) { bound = Bound(at: now.seconds, sums: sums) }

    /// The first moment, not before `now`, at which `wanted` more fit under the limit. Nil where they never will.
    package func freeAt(_ limit: Limit, wanted: Int, now: Timestamp) -> Timestamp? {
        guard wanted <= limit.value else { return nil }
        var sum = UsageAmounts()
        for bucket in buckets.reversed() {
            sum += bucket.amounts
            // With this bucket and all later ones in the window it is too much: this one has to leave first.
            if limit.name.measure(sum) + wanted > limit.value {
                let length = limit.name.window.bucketSeconds
                let end = max(bucket.end, bucket.start / length * length + length)
                return max(now, Timestamp(seconds: end + limit.name.window.seconds))
            }
        }
        return now
    }

    // MARK: - Using

    /// Adds to the second that `time` is in.
    package mutating func add(_ amounts: UsageAmounts, at time: Timestamp) {
        guard !amounts.isZero else { return }
        bound?.sums += amounts
        let second = time.seconds
        let place = buckets.lastIndex { $0.start <= second }
        if let place, buckets[place].end > second {
            buckets[place].amounts += amounts
        } else {
            buckets.insert(Bucket(start: second, length: 1, amounts: amounts), at: place.map { $0 + 1 } ?? 0)
        }
    }

    /// `firstTime`: recipients of the message whom the sender never wrote to.
    package mutating func judge(_ verdict: ContentVerdict, firstTime: Int, at now: Timestamp) {
        var amounts = UsageAmounts()
        amounts[.judged] = 1
        amounts[.spam] = verdict.isSpam ? 1 : 0
        amounts[.nearDuplicates] = verdict.isNearDuplicate ? firstTime : 0
        add(amounts, at: now)
        judge(isSpam: verdict.isSpam)
    }

    package mutating func judge(isSpam: Bool) {
        verdicts = (verdicts << 1 | (isSpam ? 1 : 0)) & (1 << UInt32(SenderUsage.verdictsMax) - 1)
        verdictCount = min(verdictCount + 1, SenderUsage.verdictsMax)
    }

    /// Drops what is out of every window, and gathers what needs less precision by now.
    package mutating func compact(at now: Timestamp) {
        let second = now.seconds
        guard buckets.contains(where: { $0.end <= second - UsageWindow.day.seconds || SenderUsage.gathered($0, at: second) != $0 }) else {
            return
        }
        var kept: [Bucket] = []
        kept.reserveCapacity(buckets.count)
        for bucket in buckets where bucket.end > second - UsageWindow.day.seconds {
            let gathered = SenderUsage.gathered(bucket, at: second)
            if let last = kept.last, last.start == gathered.start, last.length == gathered.length {
                kept[kept.count - 1].amounts += gathered.amounts
            } else {
                kept.append(gathered)
            }
        }
        buckets = kept
    }

    /// The bucket, widened as far as no window that needs more precision reaches into it.
    private static func gathered(_ bucket: Bucket, at second: Int64) -> Bucket {
        for (length, age) in [(Int64(1440), UsageWindow.hour.seconds), (60, UsageWindow.minute.seconds)] where bucket.length < length {
            let start = bucket.start / length * length
            if start + length <= second - age { return Bucket(start: start, length: length, amounts: bucket.amounts) }
        }
        return bucket
    }

    /// Nil where nothing was used.
    package var lastUse: Timestamp? { buckets.last.map { Timestamp(seconds: $0.end) } }

    /// About what it takes here.
    package var octetsInMemory: Int { buckets.count * MemoryLayout<Bucket>.stride }

    package var isEmpty: Bool { buckets.isEmpty && verdictCount == 0 }

    /// The last moment that something was promised for; nil where nothing is to come.
    package func promisedUntil(after now: Timestamp) -> Timestamp? {
        guard let last = buckets.last, last.start > now.seconds else { return nil }
        return Timestamp(seconds: last.start)
    }
}

/// What counts in each window that ends at one moment.
struct UsageSums: Hashable, Sendable {
    var minute = UsageAmounts()
    var hour = UsageAmounts()
    var day = UsageAmounts()

    static func += (left: inout UsageSums, right: UsageAmounts) {
        left.minute += right
        left.hour += right
        left.day += right
    }

    func used(_ limit: Limit) -> Int {
        switch limit.name.window {
        case .minute: limit.name.measure(minute)
        case .hour: limit.name.measure(hour)
        case .day: limit.name.measure(day)
        }
    }
}
