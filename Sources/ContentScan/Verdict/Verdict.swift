package import MailModel

/// What a scan says of a message.
package struct Verdict: Sendable {
    package enum Kind: String, Sendable, CaseIterable, Codable {
        case clean
        /// Wanted or not, it is written for many.
        case bulk
        /// A person should look.
        case suspicious
        case spam
    }

    /// The sum of the findings' weights, to a tenth; spam from `ScanWeights.spamFrom`.
    package var score: Double
    package var kind: Kind
    /// Heaviest first.
    package var findings: [WeightedFinding]
    package var sketch: Sketch
    /// True where a limit ended the reading: what lies beyond was not looked at.
    package var isCut: Bool
}

/// A finding and what it adds to the score.
package struct WeightedFinding: Hashable, Sendable {
    package var finding: Finding
    package var weight: Double
}
