package import MailModel

/// What a scan says of a message.
package struct Verdict: Sendable {
    /// The sum of the findings' weights, to a tenth; spam from `ScanWeights.spamFrom`.
    package var score: Double
    package var kind: ScanKind
    /// Heaviest first.
    package var findings: [ScoredFinding]
    package var sketch: Sketch
    /// True where a limit ended the reading: what lies beyond was not looked at.
    package var isCut: Bool

    /// What is kept with the message.
    package var summary: ScanSummary { ScanSummary(score: score, kind: kind, findings: findings) }
}
