package import MailModel

/// Whose use it is: the row in the store, and what the limits of a claim belong to.
package struct UsageHolder: Hashable, Sendable, Comparable, CustomStringConvertible {
    package var tenant: TenantID
    /// `sender:a@example.org`, `connector:scanner`, `organisation`.
    package var name: String

    package init(tenant: TenantID, name: String) {
        self.tenant = tenant
        self.name = name
    }

    package static func sender(_ name: String, tenant: TenantID) -> UsageHolder { UsageHolder(tenant: tenant, name: "sender:\(name)") }
    package static func connector(_ name: String, tenant: TenantID) -> UsageHolder {
        UsageHolder(tenant: tenant, name: "connector:\(name)")
    }
    package static let organisation = UsageHolder(tenant: .standard, name: "organisation")

    package var description: String { name }

    package static func < (left: UsageHolder, right: UsageHolder) -> Bool {
        (left.tenant.value, left.name) < (right.tenant.value, right.name)
    }
}

/// What a message wants to use of one holder's limits.
///
/// The decision on it is `SenderUsage.claim`: the gate makes it by what it remembers, and the store makes the same one again by what it
/// holds, in the commit that keeps the message. So the counters are as durable as the message, and exact over any number of nodes.
package struct UsageClaim: Hashable, Sendable {
    package var holder: UsageHolder
    package var amounts: UsageAmounts
    package var limits: [Limit]
    /// External recipients whose history has to be looked up; those that are new add to `firstTime`. Empty where no limit asks for it.
    package var recipients: [RecipientMark] = []
    /// How many of them the store has found to be new when it was asked before; 0 where it was not.
    package var firstTimeFound = 0
    /// What was found about the content; nil where nobody looked.
    package var verdict: ContentVerdict?
    /// How far ahead slowed mail may be put; what would go out later is over the limit.
    package var slowestRelease: Duration

    package init(holder: UsageHolder, amounts: UsageAmounts, limits: [Limit], slowestRelease: Duration = .seconds(86_400)) {
        self.holder = holder
        self.amounts = amounts
        self.limits = limits
        self.slowestRelease = slowestRelease
    }
}

/// What scanning says of a message.
package struct ContentVerdict: Hashable, Sendable, Codable {
    package var isSpam: Bool
    /// Nearly the same as a message of the sender's before.
    package var isNearDuplicate: Bool

    package init(isSpam: Bool, isNearDuplicate: Bool) {
        self.isSpam = isSpam
        self.isNearDuplicate = isNearDuplicate
    }
}

/// What a claim came to.
package enum ClaimOutcome: Hashable, Sendable {
    /// `releaseAt`: when the message may go out; the time of the claim where nothing slows it. `slowedBy`: the limit that says so.
    case granted(releaseAt: Timestamp, slowedBy: LimitReading?, warnings: [LimitWarning])
    /// Nothing was used.
    case exceeded(LimitReading)
}

/// A limit came near, or was passed where passing it is only told of.
package struct LimitWarning: Hashable, Sendable {
    package var reading: LimitReading
    /// 80, 90, or 100 where the limit is passed.
    package var percent: Int
    /// When the limit is reached if the sender goes on as in the last hour; nil where it is not within the window.
    package var reachedAt: Timestamp?

    package init(reading: LimitReading, percent: Int, reachedAt: Timestamp?) {
        self.reading = reading
        self.percent = percent
        self.reachedAt = reachedAt
    }
}

extension SenderUsage {
    /// Uses what is claimed where the limits allow it, else nothing.
    package mutating func claim(_ claim: UsageClaim, at now: Timestamp) -> ClaimOutcome {
        if hasRoom(for: claim, at: now) {
            add(claim.amounts, at: now)
            return .granted(releaseAt: now, slowedBy: nil, warnings: [])
        }
        compact(at: now)
        let before = sums(at: now)
        isBound(by: before, at: now)
        if let reading = hardest(of: claim, before, at: now) { return .exceeded(reading) }
        let (releaseAt, slowedBy) = release(claim, before, at: now)
        if let slowedBy, releaseAt > now + claim.slowestRelease { return .exceeded(slowedBy) }
        add(claim.amounts, at: releaseAt)
        if let verdict = claim.verdict { judge(verdict, firstTime: claim.amounts[.firstTime], at: now) }
        return .granted(releaseAt: releaseAt, slowedBy: slowedBy, warnings: warnings(claim, before: before, at: now))
    }

    /// Of the limits that the message does not fit under now, the one with the heaviest action. One that slows counts only where it can
    /// never fit.
    private func hardest(of claim: UsageClaim, _ sums: UsageSums, at now: Timestamp) -> LimitReading? {
        var found: LimitReading?
        for limit in claim.limits where limit.action != .alert {
            let wanted = limit.name.measure(claim.amounts)
            guard wanted > 0 else { continue }
            if limit.action == .slow, wanted <= limit.value { continue }
            let used = sums.used(limit)
            guard used + wanted > limit.value, (found?.limit.action.weight ?? -1) < limit.action.weight else { continue }
            found = LimitReading(limit: limit, used: used, wanted: wanted, freeAt: freeAt(limit, wanted: wanted, now: now))
        }
        return found
    }

    /// When every limit that slows has room. Never before what was promised earlier, so that a sender's mail keeps its order.
    private func release(_ claim: UsageClaim, _ sums: UsageSums, at now: Timestamp) -> (Timestamp, LimitReading?) {
        var releaseAt = now
        var slowedBy: LimitReading?
        for limit in claim.limits where limit.action == .slow {
            let wanted = limit.name.measure(claim.amounts)
            guard wanted > 0 else { continue }
            let start = max(now, promisedUntil(after: now) ?? now)
            guard let free = freeAt(limit, wanted: wanted, now: start), free > releaseAt else { continue }
            releaseAt = free
            slowedBy = LimitReading(limit: limit, used: sums.used(limit), wanted: wanted, freeAt: free)
        }
        return (releaseAt, slowedBy)
    }

    private static let warnedPercents = [100, 90, 80]

    /// The limits that this claim took over 80 or 90 percent, or over a limit that only tells.
    private func warnings(_ claim: UsageClaim, before: UsageSums, at now: Timestamp) -> [LimitWarning] {
        claim.limits.compactMap { limit in
            guard limit.name.window != .minute, limit.value > 0 else { return nil }
            let old = before.used(limit)
            let new = old + limit.name.measure(claim.amounts)
            guard new > old, new * 100 >= limit.value * 80 else { return nil }
            for percent in SenderUsage.warnedPercents {
                // 100 stands for more than a limit that only tells: to use all of it is everybody's right, and slowed mail waits.
                let isOver = percent == 100 ? limit.action == .alert && new > limit.value : new * 100 >= limit.value * percent
                let wasOver = percent == 100 ? old > limit.value : old * 100 >= limit.value * percent
                guard isOver else { continue }
                guard !wasOver else { return nil }
                let reading = LimitReading(limit: limit, used: old, wanted: new - old, freeAt: nil)
                return LimitWarning(reading: reading, percent: percent, reachedAt: reachedAt(limit, used: new, at: now))
            }
            return nil
        }
    }

    /// When `limit` is reached at the pace of the last hour; nil where that is further away than its window.
    package func reachedAt(_ limit: Limit, used: Int, at now: Timestamp) -> Timestamp? {
        let perHour = limit.name.measure(self.used(.hour, at: now))
        guard perHour > 0, used < limit.value else { return nil }
        let seconds = Int64(limit.value - used) * 3600 / Int64(perHour)
        return seconds <= limit.name.window.seconds ? now + .seconds(seconds) : nil
    }

    /// How each limit stands, in the order given.
    package func readings(_ limits: [Limit], at now: Timestamp) -> [LimitReading] {
        limits.map { limit in
            LimitReading(limit: limit, used: limit.name.measure(used(limit.name.window, at: now)), wanted: 0, freeAt: nil)
        }
    }
}

extension LimitAction {
    /// Which of two actions goes before the other.
    fileprivate var weight: Int {
        switch self {
        case .alert: 0
        case .slow: 1
        case .hold: 2
        case .defer: 3
        case .refuse: 4
        case .restrictToday: 5
        case .restrict: 6
        }
    }
}
