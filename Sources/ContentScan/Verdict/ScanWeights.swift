/// How much each rule counts, and what the sums are called.
package struct ScanWeights: Hashable, Sendable {
    /// By rule; the standard weight where one is missing.
    package var weights: [ScanRule: Double]
    package var suspiciousFrom: Double
    package var spamFrom: Double

    package init(weights: [ScanRule: Double] = [:], suspiciousFrom: Double = 5, spamFrom: Double = 8) {
        (self.weights, self.suspiciousFrom, self.spamFrom) = (weights, suspiciousFrom, spamFrom)
    }

    package static let standard = ScanWeights()

    package func weight(_ rule: ScanRule) -> Double { weights[rule] ?? rule.standardWeight }
}
