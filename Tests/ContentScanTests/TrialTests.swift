import ContentScan
import MailModel
import Testing

/// What other weights make of what a scan found.
@Suite struct TrialTests {
    private func scored(_ rule: String, _ weight: Double) -> ScoredFinding {
        ScoredFinding(finding: Finding(rule: rule, matched: "", explanation: ""), weight: weight)
    }

    private func summary(_ kind: ScanKind, _ findings: ScoredFinding...) -> ScanSummary {
        ScanSummary(score: findings.reduce(0) { $0 + $1.weight }, kind: kind, findings: findings)
    }

    @Test func rulesTakeTheirNewWeight() {
        let found = summary(.suspicious, scored("scan.links.look-alike", 3.5), scored("scan.links.shortener", 1.5))
        #expect(ScanWeights.standard.judged(found) == found)
        let heavier = ScanWeights(weights: [.shortener: 5]).judged(found)
        #expect(heavier.score == 8.5 && heavier.kind == .spam)
        #expect(heavier.findings.map(\.finding.rule) == ["scan.links.shortener", "scan.links.look-alike"], "heaviest first")
        #expect(ScanWeights(spamFrom: 5).judged(found).kind == .spam)
        #expect(ScanWeights(suspiciousFrom: 5.1).judged(found).kind == .clean)
    }

    @Test func wordsAreCutToTheirLimitAndNeverRaised() {
        let found = summary(.spam, scored("scan.words.spam", 9.5))
        #expect(ScanWeights(weights: [.spamWords: 4]).judged(found).score == 4)
        #expect(ScanWeights(weights: [.spamWords: 20]).judged(found).score == 9.5)
        let wanted = summary(.clean, scored("scan.words.wanted", -3))
        #expect(ScanWeights(weights: [.hamWords: -1]).judged(wanted).score == -1)
        #expect(ScanWeights(weights: [.hamWords: -9]).judged(wanted).score == -3)
    }

    @Test func bulkStaysBulk() {
        let bulk = summary(.bulk, scored("scan.bulk.no-unsubscribe", 1))
        #expect(ScanWeights(weights: [.noUnsubscribe: 9]).judged(bulk).kind == .spam)
        #expect(ScanWeights.standard.judged(summary(.spam, scored("scan.bulk.no-unsubscribe", 9))).kind == .bulk)
        #expect(ScanWeights.standard.judged(summary(.spam, scored("scan.html.form", 9))).kind == .clean)
    }

    @Test func anotherScannersWordIsOneMoreFinding() {
        let found = summary(.clean, scored("scan.links.number", 2.5), scored("scan.links.pixel", 0.2))
        let joined = ScanWeights.standard.judged(found, with: scored("scan.second-opinion", 6))
        #expect(joined.score == 8.7 && joined.kind == .spam)
        #expect(joined.findings.map(\.weight) == [6, 2.5, 0.2])
        let better = ScanWeights.standard.judged(found, with: scored("scan.second-opinion", -2))
        #expect(better.score == 0.7 && better.findings.last?.weight == -2)
        #expect(ScanWeights.standard.judged(joined).score == 8.7, "in a dry run it keeps its weight")
    }
}
