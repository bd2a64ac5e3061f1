package import MailModel

/// Which pool a message leaves from, and why. Over-limit mail is refused or held by the limits; it never changes its pool.
package struct PoolChoice: Hashable, Sendable {
    package var pool: EgressPool
    /// Nil for what is usual.
    package var finding: Finding?

    package static let relayRule = "pool.relay"

    /// `scan`: nil where nothing was scanned. `isUnproven`: it is passed on for others, and neither SPF nor DKIM passed. `unscanned`: what is
    /// done where the scan failed.
    package static func of(_ scan: ScanOutcome?, isUnproven: Bool, unscanned: UnscannedMail = .defer) -> PoolChoice {
        switch scan {
        case .scanned(let content) where content.isSpam:
            return PoolChoice(
                .highRisk, "pool.spam", "\(content.summary.score)", "Judged spam: it may leave by the high-risk pool only.")
        case .scanned(let content):
            if let domain = content.deadDomain {
                return PoolChoice(
                    .highRisk, "pool.dead-domain", domain.text,
                    "The sender's domain has no A, AAAA or MX record, so that nobody could answer: it leaves by the high-risk pool only.")
            }
        case .failed where unscanned != .pass:
            return PoolChoice(.highRisk, "pool.not-scanned", "", "It could not be scanned: it may leave by the high-risk pool only.")
        case .failed, nil: break
        }
        if isUnproven {
            return PoolChoice(
                .relay, relayRule, "", "Passed on for others, and neither SPF nor DKIM passed: it leaves by the relay pool.")
        }
        return PoolChoice(pool: .normal, finding: nil)
    }

    /// A report on a message that could not be delivered: these go to addresses that others made up, too.
    package static let report = PoolChoice(.highRisk, "pool.report", "", "Reports on mail leave by the high-risk pool.")

    private init(pool: EgressPool, finding: Finding?) {
        self.pool = pool
        self.finding = finding
    }

    private init(_ pool: EgressPool, _ rule: String, _ matched: String, _ explanation: String) {
        self.init(pool: pool, finding: Finding(rule: rule, matched: matched, explanation: explanation))
    }

    /// Why a message is held: nothing carries mail of its pool.
    package static func held(_ pool: EgressPool) -> Finding {
        Finding(
            rule: "pool.empty", matched: pool.rawValue,
            explanation: "No route carries mail of the \(pool.rawValue) pool to its recipients, and no other pool may: it is held. "
                + "An administrator can give the pool a source: postern sources pool NAME \(pool.rawValue)")
    }
}
