/// What a message is, by its content.
package enum ScanKind: String, Sendable, CaseIterable, Codable {
    case clean
    /// Wanted or not, it is written for many.
    case bulk
    /// A person should look.
    case suspicious
    case spam
}

/// A finding and what it adds to the score of a scan.
package struct ScoredFinding: Hashable, Sendable, Codable {
    package var finding: Finding
    package var weight: Double

    package init(finding: Finding, weight: Double) {
        self.finding = finding
        self.weight = weight
    }
}

/// What a scan said of a message, as it is kept with it.
package struct ScanSummary: Hashable, Sendable, Codable {
    /// The sum of the findings' weights, to a tenth.
    package var score: Double
    package var kind: ScanKind
    /// Heaviest first.
    package var findings: [ScoredFinding]

    package init(score: Double, kind: ScanKind, findings: [ScoredFinding]) {
        self.score = score
        self.kind = kind
        self.findings = findings
    }
}
