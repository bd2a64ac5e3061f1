package import MailModel

/// What would become of a message by what its holders have used. Nothing is used: the gate and the store decide by the same functions
/// when the message comes.
package struct LimitTrial: Hashable, Sendable {
    package var decision: LimitDecision
    /// The limits that it does not fit under, in the order in which they are met; the last one refuses it, the others hold it.
    package var exceeded: [LimitReading]
    /// When it would go out; nil where it would not be taken.
    package var releaseAt: Timestamp?
    package var slowedBy: LimitReading?
    package var warnings: [LimitWarning]
    /// Each limit that it would count for.
    package var standings: [LimitStanding]

    /// `used`: what each holder of the claims has used; nothing where it is missing.
    package static func run(_ claims: [UsageClaim], used: [UsageHolder: SenderUsage], at now: Timestamp) -> LimitTrial {
        var trial = LimitTrial(decision: .accept, exceeded: [], releaseAt: now, slowedBy: nil, warnings: [], standings: [])
        for claim in claims {
            let usage = used[claim.holder] ?? SenderUsage()
            trial.standings += claim.limits.map { limit in
                usage.standing(of: claim.holder, limit, wanted: limit.name.measure(claim.amounts), at: now)
            }
        }
        var claims = claims
        while let reading = firstExceeded(claims, used, at: now) {
            trial.exceeded.append(reading)
            trial.decision = reading.limit.action.decision
            guard trial.decision == .hold else {
                trial.releaseAt = nil
                return trial
            }
            for index in claims.indices { claims[index].limits.removeAll { $0.action == .hold } }
        }
        for claim in claims { trial.grant(claim, used[claim.holder] ?? SenderUsage(), at: now) }
        if trial.decision == .accept, trial.slowedBy != nil { trial.decision = .slow }
        return trial
    }

    private static func firstExceeded(_ claims: [UsageClaim], _ used: [UsageHolder: SenderUsage], at now: Timestamp) -> LimitReading? {
        for claim in claims {
            var usage = used[claim.holder] ?? SenderUsage()
            if case .exceeded(let reading) = usage.claim(claim, at: now) { return reading }
        }
        return nil
    }

    private mutating func grant(_ claim: UsageClaim, _ usage: SenderUsage, at now: Timestamp) {
        var usage = usage
        guard case .granted(let time, let slower, let warnings) = usage.claim(claim, at: now) else { return }
        self.warnings += warnings
        if let slower, time > releaseAt ?? now { (releaseAt, slowedBy) = (time, slower) }
    }
}

/// How one limit of a holder stands, with what can be said of the time to come.
package struct LimitStanding: Hashable, Sendable {
    package var holder: UsageHolder
    package var reading: LimitReading
    /// When the limit is reached at the pace of the last hour; nil where that is not within its window.
    package var reachedAt: Timestamp?

    package init(holder: UsageHolder, reading: LimitReading, reachedAt: Timestamp?) {
        (self.holder, self.reading, self.reachedAt) = (holder, reading, reachedAt)
    }

    /// False for what is over the limit already, or would be.
    package var fits: Bool { reading.used + max(reading.wanted, 1) <= reading.limit.value }
}

extension SenderUsage {
    /// `wanted`: 0 where no message is meant; then `freeAt` is for one more.
    package func standing(of holder: UsageHolder, _ limit: Limit, wanted: Int, at now: Timestamp) -> LimitStanding {
        let used = limit.name.measure(self.used(limit.name.window, at: now))
        let free = freeAt(limit, wanted: max(wanted, 1), now: now)
        let reading = LimitReading(limit: limit, used: used, wanted: wanted, freeAt: free == now ? nil : free)
        return LimitStanding(holder: holder, reading: reading, reachedAt: reachedAt(limit, used: used, at: now))
    }
}
