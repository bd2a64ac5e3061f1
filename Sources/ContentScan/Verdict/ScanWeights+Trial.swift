package import MailModel

extension ScanWeights {
    /// What these weights make of what an earlier scan found, without looking at the message again.
    ///
    /// Exact for rules. Words were cut to the limit of their time, so that of a higher limit the former stays; what another scanner said keeps its weight. A message that was
    /// suspicious or spam and no longer is counts as bulk where a finding says that it is written for many.
    package func judged(_ summary: ScanSummary) -> ScanSummary {
        var findings = summary.findings.map { scored in
            ScoredFinding(finding: scored.finding, weight: weight(of: scored))
        }
        findings.sort { ($0.weight, $1.finding.rule) > ($1.weight, $0.finding.rule) }
        return judged(findings, isBulk: isBulk(summary))
    }

    /// The verdict with one more finding.
    package func judged(_ summary: ScanSummary, with finding: ScoredFinding) -> ScanSummary {
        var findings = summary.findings
        findings.insert(finding, at: findings.firstIndex { $0.weight < finding.weight } ?? findings.count)
        return judged(findings, isBulk: isBulk(summary))
    }

    private func judged(_ findings: [ScoredFinding], isBulk: Bool) -> ScanSummary {
        let score = (findings.reduce(0) { $0 + $1.weight } * 10).rounded() / 10
        let kind: ScanKind = score >= spamFrom ? .spam : score >= suspiciousFrom ? .suspicious : isBulk ? .bulk : .clean
        return ScanSummary(score: score, kind: kind, findings: findings)
    }

    private func weight(of scored: ScoredFinding) -> Double {
        let name = scored.finding.rule
        guard name.hasPrefix("scan."), let rule = ScanRule(rawValue: String(name.dropFirst(5))) else { return scored.weight }
        switch rule {
        case .spamWords: return min(scored.weight, weight(rule))
        case .hamWords: return max(scored.weight, weight(rule))
        default: return weight(rule)
        }
    }

    private func isBulk(_ summary: ScanSummary) -> Bool {
        switch summary.kind {
        case .clean: false
        case .bulk: true
        case .suspicious, .spam:
            summary.findings.contains { scored in
                [.noUnsubscribe, .recipients, .duplicates].contains { (rule: ScanRule) in scored.finding.rule == "scan.\(rule.rawValue)" }
            }
        }
    }
}
