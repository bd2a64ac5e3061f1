/// The file of a model: a mark, a version, the messages of each class, then each word's hash with its three counts, in the order of the
/// hashes, and a checksum. Little-endian.
extension WordModel {
    private static let mark = Array("POSTERN-WORDS".utf8)
    private static let version: UInt8 = 1
    private static let wordOctets = 20

    package var octets: [UInt8] {
        var rows: [(UInt64, Counts)] = []
        rows.reserveCapacity(words.count)
        words.visit { rows.append(($0, $1)) }
        rows.sort { $0.0 < $1.0 }
        var octets = WordModel.mark + [WordModel.version]
        octets.reserveCapacity(64 + rows.count * WordModel.wordOctets)
        for count in messages { octets.append(little: count) }
        octets.append(little: UInt32(rows.count))
        for (hash, counts) in rows {
            octets.append(little: hash)
            for count in [counts.personal, counts.bulk, counts.spam] { octets.append(little: count) }
        }
        octets.append(little: WordModel.checksum(octets[...]))
        return octets
    }

    /// Nil for anything else than a whole model of this version.
    package init?(octets: [UInt8]) {
        var reader = OctetReader(octets[...])
        guard octets.count > 8, reader.take(WordModel.mark.count) == WordModel.mark[...], reader.take(1) == [WordModel.version],
            WordModel.checksum(octets.dropLast(8)) == octets.suffix(8).little(UInt64.self)
        else { return nil }
        let messages = (0..<3).compactMap { _ in reader.read(UInt32.self) }
        guard messages.count == 3, let count = reader.read(UInt32.self), reader.left == Int(count) * WordModel.wordOctets + 8 else {
            return nil
        }
        var words = WordTable(capacity: Int(count))
        for _ in 0..<count {
            guard let hash = reader.read(UInt64.self), let personal = reader.read(UInt32.self), let bulk = reader.read(UInt32.self),
                let spam = reader.read(UInt32.self)
            else { return nil }
            words.update(hash) { $0 = Counts(personal: personal, bulk: bulk, spam: spam) }
        }
        self.init(messages: messages, words: words)
    }

    private static func checksum(_ octets: ArraySlice<UInt8>) -> UInt64 {
        var hash = WordWalk.offset
        for octet in octets { hash = WordWalk.step(hash, octet) }
        return hash
    }
}

/// Reads numbers off octets; nil where they end.
struct OctetReader {
    private var rest: ArraySlice<UInt8>

    init(_ octets: ArraySlice<UInt8>) { rest = octets }

    var left: Int { rest.count }

    mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, rest.count >= count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    mutating func read<Number: FixedWidthInteger>(_ type: Number.Type) -> Number? {
        take(MemoryLayout<Number>.size)?.little(type)
    }
}

extension ArraySlice<UInt8> {
    func little<Number: FixedWidthInteger>(_ type: Number.Type) -> Number {
        reversed().reduce(0) { $0 << 8 | Number(truncatingIfNeeded: $1) }
    }
}

extension [UInt8] {
    mutating func append<Number: FixedWidthInteger>(little number: Number) {
        for shift in stride(from: 0, to: Number.bitWidth, by: 8) { append(UInt8(truncatingIfNeeded: number >> shift)) }
    }
}
