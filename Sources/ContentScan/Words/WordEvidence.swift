/// What the words of a message say together.
struct WordEvidence {
    /// Above 0 for spam; the scale on which `WordWeights` was measured, some -20 to 30.
    var value: Double
    /// The words that speak most for the result, at most eight.
    var words: [String]

    /// Nil where the message has too few known words.
    static func of(_ tokens: WordTokens, _ weights: WordWeights) -> WordEvidence? {
        var (personal, bulk) = (Sum(), Sum())
        var strengths: [Strength] = []
        strengths.reserveCapacity(tokens.hashes.count)
        weights.visit(tokens.hashes) { index, odds in
            personal.add(odds.personal)
            bulk.add(odds.bulk)
            strengths.append((index, odds.personal, odds.bulk))
        }
        guard strengths.count >= 5 else { return nil }
        // Newsletters are few where a model is young: they get some way ahead.
        let isLikeBulk = weights.knowsBulk && bulk.value + newsletterLead < personal.value
        let value = isLikeBulk ? bulk.value + newsletterLead : personal.value
        return WordEvidence(
            value: value, words: telling(strengths, isSpam: value > 0) { isLikeBulk ? $0.bulk : $0.personal }.map(tokens.shown))
    }

    private typealias Strength = (index: Int, personal: Float, bulk: Float)

    /// The places of the words that say most, the strongest first.
    private static func telling(_ strengths: [Strength], isSpam: Bool, by value: (Strength) -> Float) -> [Int] {
        var found: [(index: Int, value: Float)] = []
        for strength in strengths {
            let said = isSpam ? value(strength) : -value(strength)
            guard said > (found.count < shownMax ? 0 : found[shownMax - 1].value) else { continue }
            if found.count == shownMax { found.removeLast() }
            found.insert((strength.index, said), at: found.firstIndex { $0.value < said } ?? found.count)
        }
        return found.map(\.index)
    }

    private static let shownMax = 8
    private static let newsletterLead = 2.0

    /// The odds of all words for spam against one kind of wanted mail.
    private struct Sum {
        private var sum = 0.0
        private var count = 0

        var value: Double { count == 0 ? 0 : sum / Double(count).squareRoot() }

        mutating func add(_ odds: Float) {
            guard odds != 0 else { return }
            sum += Double(odds)
            count += 1
        }
    }
}
