package import ContentScan
package import MailModel

/// The verdict on one message, as commands and the interface give it.
package struct ScanView: Codable, Sendable {
    package struct FindingView: Codable, Hashable, Sendable {
        package var rule: String
        package var matched: String
        package var weight: Double
        package var explanation: String

        init(_ scored: ScoredFinding) {
            (rule, matched, weight) = (scored.finding.rule, scored.finding.matched, scored.weight)
            explanation = scored.finding.explanation
        }
    }

    /// The file's name; missing where the message came otherwise.
    package var file: String?
    package var score: Double
    package var verdict: ScanKind
    /// Heaviest first.
    package var findings: [FindingView]
    /// Hexadecimal; messages with like sketches are copies of one text.
    package var sketch: String
    /// True where the message is too large to be looked at whole.
    package var isCut: Bool

    package init(_ verdict: Verdict, file: String? = nil) {
        self.file = file
        score = verdict.score
        self.verdict = verdict.kind
        findings = verdict.findings.map(FindingView.init)
        sketch = verdict.sketch.octets.hexadecimal
        isCut = verdict.isCut
    }
}

/// What a scan said of a message that was taken.
package struct MessageScanView: Codable, Hashable, Sendable {
    package var score: Double
    package var verdict: ScanKind
    /// Heaviest first.
    package var findings: [ScanView.FindingView]

    package init(_ summary: ScanSummary) {
        (score, verdict) = (summary.score, summary.kind)
        findings = summary.findings.map(ScanView.FindingView.init)
    }
}
