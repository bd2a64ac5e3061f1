/// What a model says of each of its words, worked out once, so that judging a message is looking up and adding.
package struct WordWeights: Sendable {
    /// The logarithms of a word's odds, for spam against each kind of wanted mail; 0 where it says too little.
    struct Odds: Hashable, Sendable {
        var personal: Float = 0
        var bulk: Float = 0
    }

    /// Open addressing, at most three quarters full. Hash and odds side by side: a look-up reads one place of memory. A hash of 0 is a free row.
    private var rows: [Row]
    /// Newsletters are a class of their own once enough of them were learnt.
    let knowsBulk: Bool

    private struct Row {
        var hash: UInt64 = 0
        var odds = Odds()
    }

    private static let bulkMin = 10

    /// Nil where too little was learnt for words to count.
    package init?(_ model: WordModel) {
        guard model.isReady else { return nil }
        let personal = WordOdds(spam: model.count(.spam), wanted: model.count(.personal))
        let bulk = WordOdds(spam: model.count(.spam), wanted: model.count(.bulk))
        var size = 1_024
        while size * 3 < model.wordCount * 4 { size *= 2 }
        var rows = [Row](repeating: Row(), count: size)
        model.words.visit { hash, counts in
            let odds = Odds(
                personal: Float(personal.of(spam: counts.spam, wanted: counts.personal)),
                bulk: Float(bulk.of(spam: counts.spam, wanted: counts.bulk)))
            guard odds != Odds() else { return }
            rows[WordWeights.place(of: hash, in: rows)] = Row(hash: hash, odds: odds)
        }
        self.rows = rows
        knowsBulk = model.count(.bulk) >= WordWeights.bulkMin
    }

    /// Calls `body` with the place of each word that says something, and what it says.
    func visit(_ hashes: [UInt64], _ body: (Int, Odds) -> Void) {
        rows.withUnsafeBufferPointer { rows in
            let mask = rows.count - 1
            for (index, hash) in hashes.enumerated() {
                var place = Int(truncatingIfNeeded: hash) & mask
                while rows[place].hash != 0, rows[place].hash != hash { place = (place + 1) & mask }
                if rows[place].hash == hash { body(index, rows[place].odds) }
            }
        }
    }

    private static func place(of hash: UInt64, in rows: [Row]) -> Int {
        var place = Int(truncatingIfNeeded: hash) & (rows.count - 1)
        while rows[place].hash != 0, rows[place].hash != hash { place = (place + 1) & (rows.count - 1) }
        return place
    }
}

/// What the counts of a word say for spam against one kind of wanted mail.
struct WordOdds {
    private let spam: Double
    private let wanted: Double
    private let prior = 0.1
    /// Words that are in spam less than four times as often as in wanted mail, or the other way round, only blur the sum.
    private let tellingFrom = 0.3

    /// Messages learnt of each.
    init(spam: Int, wanted: Int) { (self.spam, self.wanted) = (Double(spam), Double(wanted)) }

    /// The logarithm of the odds; 0 where the word says too little.
    func of(spam inSpam: UInt32, wanted inWanted: UInt32) -> Double {
        guard wanted > 0 else { return 0 }
        let (a, b) = (Double(inSpam) / spam, Double(inWanted) / wanted)
        guard a + b > 0 else { return 0 }
        // The prior weighs a tenth of a message, so that a word seen once says something, and never everything.
        let seen = Double(inSpam) + Double(inWanted)
        let share = (prior * 0.5 + seen * (a / (a + b))) / (prior + seen)
        guard abs(share - 0.5) > tellingFrom else { return 0 }
        return Logarithm.natural(share / (1 - share))
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
