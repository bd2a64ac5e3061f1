import MailModel

/// Counts the errors of one mailbox, and says when they throttle it.
struct ContinuousErrors: Sendable {
    struct Throttle: Sendable, Hashable {
        var error: ExchangeError
        var until: Timestamp
    }

    private(set) var throttle: Throttle?
    /// Times of the newest errors of each kind; at most as many as begin a throttle.
    private var times: [ExchangeError: [Timestamp]] = [:]

    /// The throttle that holds now.
    mutating func current(at now: Timestamp) -> Throttle? {
        if let throttle, now >= throttle.until { self.throttle = nil }
        return throttle
    }

    /// An error was answered. True: it began a throttle.
    mutating func occurred(_ error: ExchangeError, settings: ExchangeSettings, at now: Timestamp) -> Bool {
        let border = now - .seconds(settings.errorWindowSeconds)
        var kept = (times[error] ?? []).filter { $0 > border }
        kept.append(now)
        guard settings.errorsBeforeThrottle > 0, kept.count >= settings.errorsBeforeThrottle else {
            times[error] = Array(kept.suffix(max(1, settings.errorsBeforeThrottle)))
            return false
        }
        times = [:]
        throttle = Throttle(error: error, until: now + .seconds(settings.throttleSeconds))
        return true
    }

    func count(_ error: ExchangeError) -> Int { times[error]?.count ?? 0 }
}
