/// What stays the same when a text is sent many times with other names, numbers and a few other words: the least hashes of its runs of
/// three words (MinHash), the form of its links, and the form of its page.
package struct Sketch: Hashable, Sendable {
    /// 32 of them; all `UInt32.max` where the text has fewer than three words.
    package private(set) var words: [UInt32]
    /// Of site and path of the first links, without what changes from copy to copy; at most eight, sorted.
    package private(set) var links: [UInt32]
    /// Of the sequence of elements (SimHash); 0 where there is no HTML.
    package private(set) var page: UInt64

    package static let size = 32

    package init(_ content: MessageContent) {
        words = Sketch.words(content.shownText)
        var seen: Set<UInt32> = []
        for link in content.links.prefix(50) where link.kind != .pixel {
            seen.insert(Sketch.hash("\(link.host.site)/\(link.address.shape)"))
        }
        links = Array(seen.sorted().prefix(8))
        page = content.html.map { Sketch.page($0.structure) } ?? 0
    }

    private init(words: [UInt32], links: [UInt32], page: UInt64) { (self.words, self.links, self.page) = (words, links, page) }

    /// False for a message without text: it is like every other such one.
    package var hasWords: Bool { words[0] != .max || words[1] != .max }

    /// How many of the runs of words are the same, from 0 to 1, give or take a tenth.
    package func likeness(_ other: Sketch) -> Double {
        guard hasWords, other.hasWords else { return 0 }
        return Double(zip(words, other.words).count { $0 == $1 }) / Double(Sketch.size)
    }

    /// True for copies of one text. A third of the runs is left where every third word is another; where links or page are the same as well,
    /// less is enough: the rest may be salt.
    package func isLike(_ other: Sketch) -> Bool {
        let likeness = likeness(other)
        if likeness >= 0.35 { return true }
        let shared = Set(links).intersection(other.links).count
        if shared > 0, 2 * shared >= max(links.count, other.links.count) { return likeness >= 0.1 }
        return page != 0 && (page ^ other.page).nonzeroBitCount <= 6 && likeness >= 0.2
    }

    private static func words(_ text: [UInt8]) -> [UInt32] {
        var least = [UInt32](repeating: .max, count: size)
        text.withUnsafeBufferPointer { text in
            var walk = WordWalk(text)
            var before: (UInt64, UInt64) = (0, 0)
            var count = 0
            while count < wordsMax, let word = walk.next() {
                // Numbers and codes differ from copy to copy.
                guard !word.hasDigit, word.range.count <= 20 else { continue }
                count += 1
                if count >= 3 { lower(&least, WordTokens.mixed(before.0 &* 31 &+ before.1 &* 17 &+ word.hash)) }
                before = (before.1, word.hash)
            }
        }
        return least
    }

    private static let wordsMax = 5_000

    /// 32 hashes of one, by two of its halves.
    private static func lower(_ least: inout [UInt32], _ hash: UInt64) {
        let (one, other) = (UInt32(truncatingIfNeeded: hash), UInt32(truncatingIfNeeded: hash >> 32) | 1)
        least.withUnsafeMutableBufferPointer { least in
            var value = one
            for place in 0..<size {
                value = value &+ other
                let mixed = (value ^ value >> 15) &* 0x2C1B_3C6D
                let final = mixed ^ mixed >> 12
                if final < least[place] { least[place] = final }
            }
        }
    }

    private static func page(_ structure: [UInt16]) -> UInt64 {
        var sums = [Int32](repeating: 0, count: 64)
        for (one, next) in zip(structure, structure.dropFirst()).prefix(2_000) {
            let hash = WordTokens.mixed(UInt64(one) << 16 | UInt64(next) | 1 << 40)
            for bit in 0..<64 { sums[bit] += hash >> UInt64(bit) & 1 == 1 ? 1 : -1 }
        }
        return (0..<64).reduce(0) { $0 | (sums[$1] > 0 ? 1 << UInt64($1) : 0) }
    }

    private static func hash(_ text: String) -> UInt32 {
        var hash = WordWalk.offset
        for octet in text.utf8 { hash = WordWalk.step(hash, octet) }
        return UInt32(truncatingIfNeeded: WordTokens.mixed(hash))
    }
}

extension Sketch {
    package var octets: [UInt8] {
        var octets: [UInt8] = []
        for word in words { octets.append(little: word) }
        octets.append(little: page)
        octets.append(UInt8(links.count))
        for link in links { octets.append(little: link) }
        return octets
    }

    /// Nil for what is no sketch.
    package init?(octets: [UInt8]) {
        var reader = OctetReader(octets[...])
        guard let sketch = Sketch(&reader), reader.left == 0 else { return nil }
        self = sketch
    }

    init?(_ reader: inout OctetReader) {
        let words = (0..<Sketch.size).compactMap { _ in reader.read(UInt32.self) }
        guard words.count == Sketch.size, let page = reader.read(UInt64.self), let count = reader.read(UInt8.self), count <= 8 else {
            return nil
        }
        let links = (0..<count).compactMap { _ in reader.read(UInt32.self) }
        guard links.count == Int(count) else { return nil }
        self.init(words: words, links: links, page: page)
    }
}
