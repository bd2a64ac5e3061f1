package import ContentScan
import MailModel

/// The verdict on one message, as commands and the interface give it.
package struct ScanView: Codable, Sendable {
    package struct FindingView: Codable, Sendable {
        package var rule: String
        package var matched: String
        package var weight: Double
        package var explanation: String
    }

    /// The file's name; missing where the message came otherwise.
    package var file: String?
    package var score: Double
    package var verdict: Verdict.Kind
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
        findings = verdict.findings.map {
            FindingView(rule: $0.finding.rule, matched: $0.finding.matched, weight: $0.weight, explanation: $0.finding.explanation)
        }
        sketch = verdict.sketch.octets.hexadecimal
        isCut = verdict.isCut
    }
}
