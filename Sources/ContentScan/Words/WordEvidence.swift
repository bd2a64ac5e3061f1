/// What the words of a message say together.
struct WordEvidence {
    /// Above 0 for spam; the scale on which `WordModel` was measured, some -20 to 30.
    var value: Double
    /// The words that speak most for the result, at most eight.
    var words: [String]

    /// Nil where too little was learned, or the message has too few known words.
    static func of(_ tokens: WordTokens, _ model: WordModel) -> WordEvidence? {
        guard model.isReady else { return nil }
        var personal = Sum(spam: model.count(.spam), wanted: model.count(.personal))
        var bulk = Sum(spam: model.count(.spam), wanted: model.count(.bulk))
        var strengths: [Strength] = []
        strengths.reserveCapacity(tokens.hashes.count)
        for (index, hash) in tokens.hashes.enumerated() {
            guard let counts = model.words[hash] else { continue }
            let one = personal.add(spam: counts.spam, wanted: counts.personal)
            let other = bulk.add(spam: counts.spam, wanted: counts.bulk)
            if one != 0 || other != 0 { strengths.append((index, one, other)) }
        }
        guard strengths.count >= 5 else { return nil }
        // Newsletters are few where a model is young: they get some way ahead.
        let isLikeBulk = model.count(.bulk) >= bulkMin && bulk.value + newsletterLead < personal.value
        let value = isLikeBulk ? bulk.value + newsletterLead : personal.value
        return WordEvidence(
            value: value, words: telling(strengths, isSpam: value > 0) { isLikeBulk ? $0.bulk : $0.personal }.map(tokens.shown))
    }

    private typealias Strength = (index: Int, personal: Double, bulk: Double)

    /// The places of the words that say most, the strongest first.
    private static func telling(_ strengths: [Strength], isSpam: Bool, by value: (Strength) -> Double) -> [Int] {
        var found: [(index: Int, value: Double)] = []
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
    /// Messages of wanted bulk mail before they are a class of their own.
    private static let bulkMin = 10

    /// The logarithms of the odds of all words, for spam against one kind of wanted mail.
    private struct Sum {
        let spam: Double
        let wanted: Double
        var sum = 0.0
        var count = 0

        init(spam: Int, wanted: Int) { (self.spam, self.wanted) = (Double(spam), Double(wanted)) }

        var value: Double { count == 0 ? 0 : sum / Double(count).squareRoot() }

        /// What the word adds; 0 where it says too little.
        mutating func add(spam inSpam: UInt32, wanted inWanted: UInt32) -> Double {
            guard wanted > 0 else { return 0 }
            let (a, b) = (Double(inSpam) / spam, Double(inWanted) / wanted)
            guard a + b > 0 else { return 0 }
            // The prior weighs a tenth of a message, so that a word seen once says something, and never everything.
            let seen = Double(inSpam) + Double(inWanted)
            let share = (prior * 0.5 + seen * (a / (a + b))) / (prior + seen)
            guard abs(share - 0.5) > tellingFrom else { return 0 }
            let odds = Logarithm.natural(share / (1 - share))
            sum += odds
            count += 1
            return odds
        }

        private let prior = 0.1
        /// Words that are in spam less than four times as often as in wanted mail, or the other way round, only blur the sum.
        private let tellingFrom = 0.3
    }
}

/// The standard library has no logarithm.
enum Logarithm {
    /// Of a number above 0, to six digits.
    static func natural(_ number: Double) -> Double {
        let z = (number.significand - 1) / (number.significand + 1)
        let square = z * z
        let series = 2 * z * (1 + square * (1 / 3 + square * (1 / 5 + square * (1 / 7 + square * (1 / 9 + square / 11)))))
        return Double(number.exponent) * 0.693_147_180_559_945 + series
    }
}
