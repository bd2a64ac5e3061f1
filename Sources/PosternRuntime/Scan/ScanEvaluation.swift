import ContentReading
package import ContentScan
import MailModel

/// How good the verdicts are on sorted mail: five parts by a fixed hash, each judged after training with the other four.
package struct ScanEvaluation {
    package enum Kind: String, CaseIterable, Sendable {
        case ham
        case hardHam = "hard ham"
        case spam
    }

    /// How many messages of one kind got each verdict.
    package struct Row: Codable, Sendable {
        package var run: String
        package var kind: String
        package var messages: Int
        package var clean: Int
        package var bulk: Int
        package var suspicious: Int
        package var spam: Int

        /// With two decimals: `0.05 %`.
        package var spamPercent: String {
            let hundredths = messages == 0 ? 0 : (spam * 20_000 + messages) / (2 * messages)
            return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100) %"
        }
    }

    private struct Sample {
        var kind: Kind
        var part: Int
        var content: [UInt8]
    }

    private static let parts = 5
    private var samples: [Sample] = []
    private let reader = ContentReader()

    package init() {}

    package mutating func add(_ path: String, _ kind: Kind) throws {
        try MailFiles.forEach(path) { _, content in
            let submitted = SubmittedForm.of(content)
            var hash = StableHash()
            for octet in submitted { hash.add(octet) }
            samples.append(Sample(kind: kind, part: Int((hash.value >> 20) % UInt64(ScanEvaluation.parts)), content: submitted))
        }
    }

    /// Rules alone and trained, with the header and without.
    package func rows(weights: ScanWeights = .standard) -> [Row] {
        var rows: [Row] = []
        for hasHeader in [true, false] {
            let facts = samples.map { reader.facts(hasHeader ? $0.content : SubmittedForm.of($0.content, hasHeader: false)) }
            let name = hasHeader ? "with header" : "body only"
            // Nobody is blamed for a field that was taken away.
            var weights = weights
            if !hasHeader { for rule in [ScanRule.unreadableFrom, .emptySubject] { weights.weights[rule] = 0 } }
            rows += table("rules, \(name)", facts.map { verdict($0, ScanKnowledge(), weights) })
            rows += table("trained, \(name)", trained(facts, weights))
        }
        return rows
    }

    private func trained(_ facts: [ScanFacts], _ weights: ScanWeights) -> [ScanKind] {
        let lessons = zip(samples, facts).map { ContentScan.lesson($1, knowledge: ScanKnowledge(), isSpam: $0.kind == .spam) }
        var verdicts = [ScanKind](repeating: .clean, count: facts.count)
        for part in 0..<ScanEvaluation.parts {
            var model = WordModel()
            for (sample, lesson) in zip(samples, lessons) where sample.part != part { model.learn(lesson.tokens, as: lesson.kind) }
            model.prune()
            let knowledge = ScanKnowledge(words: model)
            for place in samples.indices where samples[place].part == part { verdicts[place] = verdict(facts[place], knowledge, weights) }
        }
        return verdicts
    }

    private func verdict(_ facts: ScanFacts, _ knowledge: ScanKnowledge, _ weights: ScanWeights) -> ScanKind {
        ContentScan.scan(facts, weights: weights, knowledge: knowledge, at: Timestamp(milliseconds: 0)).kind
    }

    private func table(_ run: String, _ verdicts: [ScanKind]) -> [Row] {
        Kind.allCases.compactMap { kind in
            let own = zip(samples, verdicts).filter { $0.0.kind == kind }.map(\.1)
            func count(_ verdict: ScanKind) -> Int { own.count { $0 == verdict } }
            return own.isEmpty
                ? nil
                : Row(
                    run: run, kind: kind.rawValue, messages: own.count, clean: count(.clean), bulk: count(.bulk),
                    suspicious: count(.suspicious), spam: count(.spam))
        }
    }
}
