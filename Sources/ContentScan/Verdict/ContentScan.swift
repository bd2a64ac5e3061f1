package import MailModel

/// Judges a message that is about to leave: what it is, and why.
package enum ContentScan {
    /// `time`: of the scan, for what is counted in windows. `sketch`: of the content, where it was made before. The same values give the same
    /// verdict, always.
    package static func scan(
        _ facts: ScanFacts, weights: ScanWeights = .standard, knowledge: ScanKnowledge, sketch: Sketch? = nil,
        at time: Timestamp
    ) -> Verdict {
        let isBulk = BulkMarks.isBulk(facts)
        let hits = RuleHits.of(facts, knowledge, isBulk: isBulk)
        var findings = hits.hits.map { hit in
            ScoredFinding(
                finding: Finding(rule: "scan.\(hit.rule.rawValue)", matched: hit.matched, explanation: hit.rule.explanation),
                weight: weights.weight(hit.rule))
        }
        if let known = knowledge.words, let words = wordFinding(facts, hits, known, weights) { findings.append(words) }
        findings.sort { ($0.weight, $1.finding.rule) > ($1.weight, $0.finding.rule) }
        let score = rounded(findings.reduce(0) { $0 + $1.weight })
        let kind: ScanKind =
            score >= weights.spamFrom ? .spam : score >= weights.suspiciousFrom ? .suspicious : isBulk ? .bulk : .clean
        return Verdict(
            score: score, kind: kind, findings: findings, sketch: sketch ?? Sketch(facts.content), isCut: facts.content.isCut)
    }

    /// What a message teaches: its words, and of which class it is where it is wanted.
    package static func lesson(_ facts: ScanFacts, knowledge: ScanKnowledge, isSpam: Bool) -> (tokens: WordTokens, kind: WordModel.Class) {
        let isBulk = BulkMarks.isBulk(facts)
        let hits = RuleHits.of(facts, knowledge, isBulk: isBulk)
        return (tokens(facts, hits), isSpam ? .spam : isBulk ? .bulk : .personal)
    }

    private static func tokens(_ facts: ScanFacts, _ hits: RuleHits) -> WordTokens {
        WordTokens.of(facts, rules: hits.hits.map(\.rule.rawValue))
    }

    private static func wordFinding(_ facts: ScanFacts, _ hits: RuleHits, _ known: WordWeights, _ weights: ScanWeights) -> ScoredFinding? {
        guard let evidence = WordEvidence.of(tokens(facts, hits), known) else { return nil }
        let value = spamAtZero + evidence.value
        let rule: ScanRule = value > 0 ? .spamWords : .hamWords
        let limit = weights.weight(rule)
        let weight = value > 0 ? min(limit, value) : max(limit, value)
        guard abs(weight) >= 0.05 else { return nil }
        return ScoredFinding(
            finding: Finding(
                rule: "scan.\(rule.rawValue)", matched: evidence.words.joined(separator: " · "), explanation: rule.explanation),
            weight: rounded(weight))
    }

    /// What words that speak neither way add.
    private static let spamAtZero = 2.2

    private static func rounded(_ number: Double) -> Double { (number * 10).rounded() / 10 }
}
