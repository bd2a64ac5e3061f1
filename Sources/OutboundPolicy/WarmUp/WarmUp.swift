package import MailModel

/// How an egress source that receivers do not know yet gets more mail each day, for one provider or for all.
///
/// What it says of a day is the same on every node: the store keeps the day that was used last, and the next one is computed from that. A day
/// counts once mail left in it, so that nothing is raised by waiting.
package struct WarmUp: Hashable, Sendable, Codable {
    /// Of an egress source.
    package var source: String
    /// Nil: for each provider and site together, as one.
    package var provider: MailProvider?
    /// Messages of each day, in order: 1…10,000,000 each.
    package var caps: [Int]
    /// The standard plan that it is; nil for one of one's own.
    package var plan: WarmUpPlan?
    /// Which of `caps` the day `day` had; as many as there are where it is over.
    package var step: Int
    /// The day that was used last, in days since 1970 (UTC); nil before the first.
    package var day: Int64?
    /// Nothing leaves before.
    package var pausedUntil: Timestamp?
    /// Why it was paused or set back, last.
    package var reason: String?
    /// The day of the last set-back.
    package var setBackOn: Int64?
    package var createdAt: Timestamp

    package init(source: String, provider: MailProvider?, caps: [Int], plan: WarmUpPlan? = nil, createdAt: Timestamp) {
        self.source = source
        self.provider = provider
        self.caps = caps
        self.plan = plan
        step = 0
        self.createdAt = createdAt
    }

    /// Unique for source and provider: `vienna:google`, `vienna:all`.
    package var name: String { WarmUp.name(source, provider) }
    package static func name(_ source: String, _ provider: MailProvider?) -> String { "\(source):\(provider?.rawValue ?? "all")" }

    /// After so many days without mail, receivers have forgotten the source.
    package static let quietDays: Int64 = 30
    /// After a longer gap than this, the last step is repeated.
    package static let gapDays: Int64 = 3
    /// Steps that bad signals cost.
    package static let stepsBack = 2
    /// How long nothing leaves after bad signals.
    package static let rest = Duration.seconds(86_400)
    package static let capsMax = 365

    package static func day(of time: Timestamp) -> Int64 { time.seconds / 86_400 }

    // MARK: - What a day may have

    /// The step of a day: the one after the last that was used.
    package func step(at now: Timestamp) -> Int {
        guard let day else { return 0 }
        let gap = WarmUp.day(of: now) - day
        if gap > WarmUp.quietDays { return 0 }
        if gap <= 0 || gap > WarmUp.gapDays { return step }
        return min(step + 1, caps.count)
    }

    /// Messages that may leave in any 24 hours; nil where it is warm.
    package func cap(at now: Timestamp) -> Int? {
        let step = step(at: now)
        return step < caps.count ? caps[step] : nil
    }

    package func isPaused(at now: Timestamp) -> Bool { pausedUntil.map { now < $0 } ?? false }

    package func isWarm(at now: Timestamp) -> Bool { cap(at: now) == nil }

    // MARK: - What happened

    /// Mail left on a day. True where that has to be kept: once a day.
    package mutating func used(at now: Timestamp) -> Bool {
        let today = WarmUp.day(of: now)
        guard day.map({ $0 < today }) ?? true else { return false }
        step = step(at: now)
        day = today
        return true
    }

    /// Receivers complain. True where that has to be kept: it costs steps once a day.
    package mutating func setBack(_ reason: String, at now: Timestamp) -> Bool {
        let today = WarmUp.day(of: now)
        guard setBackOn != today, !isWarm(at: now) else { return false }
        step = max(0, step(at: now) - WarmUp.stepsBack)
        day = today
        setBackOn = today
        pausedUntil = now + WarmUp.rest
        self.reason = reason
        return true
    }

    /// What cannot be; nil where all is well.
    package var mistake: String? {
        guard (1...WarmUp.capsMax).contains(caps.count) else { return "\(caps.count) days are not within 1…\(WarmUp.capsMax)" }
        guard caps.allSatisfy((1...10_000_000).contains) else { return "a day's cap is not within 1…10000000" }
        return zip(caps, caps.dropFirst()).allSatisfy { $0 <= $1 } ? nil : "a day has less than the one before it"
    }
}
