import MailModel
import OutboundPolicy

/// The store's part in counting: what each holder has used, and whom it wrote to.
struct UsageBook: Sendable {
    private var usages: [UsageHolder: SenderUsage] = [:]
    private var known: [UsageHolder: Set<RecipientMark>] = [:]

    /// Grants what a message claims, all of it or nothing. The second is true where a limit is exceeded.
    mutating func claim(_ claims: [UsageClaim], at now: Timestamp) -> (answer: ClaimAnswer, isExceeded: Bool) {
        var tried: [(UsageClaim, SenderUsage)] = []
        var answer = ClaimAnswer(holdings: [], releaseAt: now, slowedBy: nil, firstTime: 0)
        for claim in claims {
            var claim = claim
            let new = Set(claim.recipients).subtracting(known[claim.holder] ?? []).count
            claim.amounts[.firstTime] = new
            answer.firstTime = max(answer.firstTime, new)
            var usage = usages[claim.holder] ?? SenderUsage()
            switch usage.claim(claim, at: now) {
            case .exceeded:
                let holding = ClaimAnswer.Holding(holder: claim.holder, usage: usage, known: [], warnings: [])
                return (ClaimAnswer(holdings: [holding], releaseAt: nil, slowedBy: nil, firstTime: answer.firstTime), true)
            case .granted(_, _, let warnings):
                tried.append((claim, usage))
                answer.holdings.append(
                    ClaimAnswer.Holding(holder: claim.holder, usage: usage, known: claim.recipients, warnings: warnings))
            }
        }
        for (claim, usage) in tried {
            usages[claim.holder] = usage
            known[claim.holder, default: []].formUnion(claim.recipients)
        }
        return (answer, false)
    }
}
