package import MailModel

/// Which pool a message leaves from, and why. Over-limit mail is refused or held by the limits; it never changes its pool.
package struct PoolChoice: Hashable, Sendable {
    package var pool: EgressPool
    /// Nil for what is usual.
    package var finding: Finding?

    /// What the choice goes by.
    package struct Facts: Hashable, Sendable {
        /// What scanning says; nil where nothing was scanned.
        package var verdict: ContentVerdict?
        /// The domain of the reverse-path, where DNS says that it has neither A, AAAA nor MX: nobody could answer, and no report would arrive.
        package var unanswerableDomain: DomainName?

        package init(verdict: ContentVerdict? = nil, unanswerableDomain: DomainName? = nil) {
            self.verdict = verdict
            self.unanswerableDomain = unanswerableDomain
        }
    }

    package static func of(_ facts: Facts) -> PoolChoice {
        if facts.verdict?.isSpam == true {
            return PoolChoice(.highRisk, "pool.spam", "", "Judged spam: it may leave by the high-risk pool only.")
        }
        if let domain = facts.unanswerableDomain {
            return PoolChoice(
                .highRisk, "pool.unanswerable", domain.text,
                "The sender's domain has neither A nor MX in DNS: it leaves by the high-risk pool.")
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
