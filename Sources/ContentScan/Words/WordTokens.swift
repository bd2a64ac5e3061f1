/// What word evidence looks at: words and pairs of neighbours of each text, each once, as hashes. A word of a subject is another than the
/// same in a text.
package struct WordTokens: Sendable {
    /// Where a word was found, so that it can be shown again.
    struct Place {
        var text: Int
        var range: Range<Int>
    }

    package private(set) var hashes: [UInt64] = []
    /// How many of them, at the start, are of everything but the texts.
    package private(set) var aboutCount = 0
    private(set) var places: [Place] = []
    private(set) var texts: [(label: String, octets: [UInt8])] = []
    private var seen = HashSet(capacity: WordTokens.countMax)

    /// Of one message; the first ones.
    package static let countMax = 4_096

    package init() {}

    /// What comes from here on is of the texts.
    mutating func beginTexts() { aboutCount = hashes.count }

    /// `label`: of what the text is, `subject`. `pairs`: neighbours count together too.
    package mutating func add(_ label: String, _ text: [UInt8], pairs: Bool = true) {
        guard !text.isEmpty else { return }
        let number = texts.count
        texts.append((label, text))
        let seed = WordTokens.seed(label)
        var previous: (hash: UInt64, start: Int)?
        text.withUnsafeBufferPointer { text in
            var walk = WordWalk(text)
            while let word = walk.next() {
                let hash = WordTokens.mixed(word.hash ^ seed)
                insert(hash, Place(text: number, range: word.range))
                if pairs {
                    if let previous {
                        insert(
                            WordTokens.mixed(previous.hash &* 31 &+ hash),
                            Place(text: number, range: previous.start..<word.range.upperBound))
                    }
                    previous = (hash, word.range.lowerBound)
                }
                if hashes.count >= WordTokens.countMax { return }
            }
        }
    }

    /// A fact as one word: `link-host` and `example.org`.
    package mutating func add(_ label: String, fact: String) {
        guard !fact.isEmpty else { return }
        var hash = WordWalk.offset
        for octet in fact.utf8 { hash = WordWalk.step(hash, octet) }
        guard insert(WordTokens.mixed(hash ^ WordTokens.seed(label)), Place(text: texts.count, range: 0..<fact.utf8.count)) else { return }
        texts.append((label, Array(fact.utf8)))
    }

    /// `subject: free money`.
    func shown(_ index: Int) -> String {
        let place = places[index]
        let (label, octets) = texts[place.text]
        let words = octets[place.range].prefix(60).split { $0 <= 0x20 }.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
        return label.isEmpty ? words : "\(label): \(words)"
    }

    /// False where the word was there already, or there is no room.
    @discardableResult private mutating func insert(_ hash: UInt64, _ place: Place) -> Bool {
        guard hashes.count < WordTokens.countMax, seen.insert(hash) else { return false }
        hashes.append(hash)
        places.append(place)
        return true
    }

    private static func seed(_ label: String) -> UInt64 {
        var hash = WordWalk.offset
        for octet in label.utf8 { hash = WordWalk.step(hash, octet) }
        return hash &* 0x9E37_79B9_7F4A_7C15
    }

    /// Every bit of the result depends on every bit of the hash.
    static func mixed(_ hash: UInt64) -> UInt64 {
        var value = (hash ^ hash >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}

/// Hashes that were there, in a table of twice as many places as may come.
struct HashSet: Sendable {
    private var slots: [UInt64]
    private let mask: Int

    init(capacity: Int) {
        var size = 64
        while size < 2 * capacity { size *= 2 }
        slots = [UInt64](repeating: 0, count: size)
        mask = size - 1
    }

    /// False where the hash was there already, or is 0.
    mutating func insert(_ hash: UInt64) -> Bool {
        guard hash != 0 else { return false }
        var place = Int(truncatingIfNeeded: hash) & mask
        while slots[place] != 0 {
            if slots[place] == hash { return false }
            place = (place + 1) & mask
        }
        slots[place] = hash
        return true
    }
}
