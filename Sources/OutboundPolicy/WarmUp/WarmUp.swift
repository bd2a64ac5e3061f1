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
    /// The days that something left on or happened on, in order, as far as they are kept.
    package var past: [WarmUpDay]?
    package var createdAt: Timestamp
    /// Of the object as the store has it; 0 before it is there.
    package var version: Int64 = 0

    private enum CodingKeys: String, CodingKey {
        case source, provider, caps, plan, step, day, pausedUntil, reason, setBackOn, past, createdAt
    }

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
        note(at: now)
        return true
    }

    /// Receivers complain. True where that has to be kept: it costs steps once a day.
    package mutating func setBack(_ reason: String, at now: Timestamp) -> Bool {
        let today = WarmUp.day(of: now)
        guard setBackOn != today, !isWarm(at: now) else { return false }
        let reached = step(at: now)
        step = max(0, reached - WarmUp.stepsBack)
        day = today
        setBackOn = today
        pausedUntil = now + WarmUp.rest
        self.reason = reason
        note("set back from day \(reached + 1) to day \(step + 1): \(reason)", at: now)
        return true
    }

    /// Both that mail left and, where there is a reason, that receivers complain. True where that has to be kept.
    package mutating func happened(setBack reason: String?, at now: Timestamp) -> Bool {
        let isUsed = used(at: now)
        return reason.map { setBack($0, at: now) } == true || isUsed
    }

    /// A person lets nothing leave until then; nil: it goes on.
    package mutating func pause(until time: Timestamp?, _ why: String, at now: Timestamp) {
        pausedUntil = time
        if time != nil { reason = why }
        note(why, at: now)
    }

    /// A person says which step this day has.
    package mutating func setStep(_ step: Int, _ why: String, at now: Timestamp) {
        self.step = step
        day = WarmUp.day(of: now)
        note(why, at: now)
    }

    /// Writes down what this day may have by now, and what happened on it.
    private mutating func note(_ text: String = "", at now: Timestamp) {
        let today = WarmUp.day(of: now)
        var days = past ?? []
        var noted = WarmUpDay(day: today, cap: cap(at: now), texts: text.isEmpty ? [] : [text])
        if let last = days.last, last.day == today {
            noted.texts = Array((last.texts + noted.texts).suffix(WarmUpDay.textsMax))
            // What left before a set-back left under more.
            if let before = last.cap { noted.cap = noted.cap.map { max($0, before) } }
            days.removeLast()
        }
        past = Array((days + [noted]).suffix(WarmUpDay.kept))
    }

    /// What cannot be; nil where all is well.
    package var mistake: String? {
        guard (1...WarmUp.capsMax).contains(caps.count) else { return "\(caps.count) days are not within 1…\(WarmUp.capsMax)" }
        guard caps.allSatisfy((1...10_000_000).contains) else { return "a day's cap is not within 1…10000000" }
        return zip(caps, caps.dropFirst()).allSatisfy { $0 <= $1 } ? nil : "a day has less than the one before it"
    }
}
