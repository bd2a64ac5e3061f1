/// How often each word was seen in spam, in wanted bulk mail, and in other wanted mail. Newsletters share their words with spam, so they
/// are a class of their own: what is to be called spam must be unlike both others.
///
/// Learning is counting: the order of messages says nothing, and what was learned can be added to at any time.
package struct WordModel: Sendable {
    package enum Class: Int, Sendable, CaseIterable { case personal, bulk, spam }

    struct Counts: Hashable, Sendable {
        var personal: UInt32 = 0
        var bulk: UInt32 = 0
        var spam: UInt32 = 0

        var total: UInt64 { UInt64(personal) + UInt64(bulk) + UInt64(spam) }

        mutating func add(_ kind: Class) {
            switch kind {
            case .personal: personal = personal == .max ? .max : personal + 1
            case .bulk: bulk = bulk == .max ? .max : bulk + 1
            case .spam: spam = spam == .max ? .max : spam + 1
            }
        }
    }

    /// Messages of each class.
    package private(set) var messages: [UInt32]
    var words: WordTable
    /// Words kept; above it, those seen least are forgotten.
    package static let wordsMax = 600_000
    /// Messages of spam, and of wanted mail, before words count.
    package static let messagesMin = 50

    package init() { self.init(messages: [0, 0, 0], words: WordTable(capacity: 0)) }

    init(messages: [UInt32], words: WordTable) {
        self.messages = messages
        self.words = words
    }

    package var wordCount: Int { words.count }
    package func count(_ kind: Class) -> Int { Int(messages[kind.rawValue]) }
    package var isReady: Bool {
        count(.spam) >= WordModel.messagesMin && count(.personal) + count(.bulk) >= WordModel.messagesMin
    }

    package mutating func learn(_ tokens: WordTokens, as kind: Class) {
        messages[kind.rawValue] += messages[kind.rawValue] == .max ? 0 : 1
        for hash in tokens.hashes { words.update(hash) { $0.add(kind) } }
        if words.count > WordModel.wordsMax + WordModel.wordsMax / 4 { prune() }
    }

    /// Forgets the words that were seen least, so that at most `wordsMax` stay.
    package mutating func prune() {
        var least: UInt64 = 1
        while words.count > WordModel.wordsMax {
            words.keep { $1.total > least }
            least *= 2
        }
    }
}

/// A table of words by their hash, open addressing, at most three quarters full.
struct WordTable: Sendable {
    private(set) var count = 0
    private var rows: [Row]

    /// Hash and counts side by side: a look-up reads one place of memory. A hash of 0 is a free row.
    private struct Row {
        var hash: UInt64 = 0
        var counts = WordModel.Counts()
    }

    init(capacity: Int) {
        var size = 1_024
        while size * 3 < capacity * 4 { size *= 2 }
        rows = [Row](repeating: Row(), count: size)
    }

    subscript(hash: UInt64) -> WordModel.Counts? {
        let row = rows[place(of: hash)]
        return row.hash == hash && hash != 0 ? row.counts : nil
    }

    mutating func update(_ hash: UInt64, _ change: (inout WordModel.Counts) -> Void) {
        guard hash != 0 else { return }
        if (count + 1) * 4 > rows.count * 3 { grow() }
        let place = place(of: hash)
        if rows[place].hash != hash {
            rows[place].hash = hash
            count += 1
        }
        change(&rows[place].counts)
    }

    mutating func keep(where isKept: (UInt64, WordModel.Counts) -> Bool) {
        var kept = WordTable(capacity: count)
        visit { hash, counts in if isKept(hash, counts) { kept.update(hash) { $0 = counts } } }
        self = kept
    }

    func visit(_ body: (UInt64, WordModel.Counts) -> Void) {
        for row in rows where row.hash != 0 { body(row.hash, row.counts) }
    }

    /// Where the hash is, or where it would be.
    private func place(of hash: UInt64) -> Int {
        rows.withUnsafeBufferPointer { rows in
            let mask = rows.count - 1
            var place = Int(truncatingIfNeeded: hash) & mask
            while rows[place].hash != 0, rows[place].hash != hash { place = (place + 1) & mask }
            return place
        }
    }

    private mutating func grow() {
        var larger = WordTable(capacity: rows.count)
        visit { hash, counts in larger.update(hash) { $0 = counts } }
        self = larger
    }
}
