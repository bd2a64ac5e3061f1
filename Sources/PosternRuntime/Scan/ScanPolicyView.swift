import ContentScan
import MailModel
package import OutboundPolicy

/// The scan policy as commands, interface and pages show it, with what is usual filled in.
package struct ScanPolicyView: Codable, Hashable, Sendable {
    package struct Rule: Codable, Hashable, Sendable {
        package var rule: String
        package var weight: Double
        package var usual: Double
        package var explanation: String
    }

    package struct Opinion: Codable, Hashable, Sendable {
        package var url: String
        package var hasPassword: Bool
        package var timeoutMilliseconds: Int
        package var whenDown: SecondOpinion.WhenDown
        /// What a message gains that the other scanner would just reject.
        package var weight: Double
    }

    package var suspiciousFrom: Double
    package var spamFrom: Double
    package var suspicious: SuspiciousAction
    package var spam: SpamAction
    /// Empty for nobody.
    package var reviewer: String
    /// Nil: no other scanner is asked.
    package var secondOpinion: Opinion?
    /// All of them, those with a weight of the organisation's own first.
    package var rules: [Rule]

    init(_ policy: ScanPolicy?) {
        let weights = ScanWeights(policy)
        (suspiciousFrom, spamFrom) = (weights.suspiciousFrom, weights.spamFrom)
        (suspicious, spam) = (policy?.actionOnSuspicious ?? .deliver, policy?.actionOnSpam ?? .highRisk)
        reviewer = policy?.reviewer?.description ?? ""
        secondOpinion = policy?.secondOpinion.map {
            Opinion(
                url: $0.url, hasPassword: $0.sealedPassword != nil, timeoutMilliseconds: $0.timeout, whenDown: $0.actionWhenDown,
                weight: $0.weight ?? SecondOpinion.usualWeight)
        }
        let all = ScanRule.allCases.map {
            Rule(rule: $0.rawValue, weight: weights.weight($0), usual: $0.standardWeight, explanation: $0.explanation)
        }
        rules = all.filter { $0.weight != $0.usual } + all.filter { $0.weight == $0.usual }
    }
}
