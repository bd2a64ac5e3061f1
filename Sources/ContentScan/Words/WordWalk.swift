/// The words of a UTF-8 text, one after the other, without case. Numbers count as one sign, whatever they say: dates and identifiers are
/// no evidence. Of scripts without spaces, each character is a word.
struct WordWalk {
    struct Word {
        var hash: UInt64
        var range: Range<Int>
        var hasDigit: Bool
    }

    static let offset: UInt64 = 0xCBF2_9CE4_8422_2325
    static func step(_ hash: UInt64, _ octet: UInt8) -> UInt64 { (hash ^ UInt64(octet)) &* 0x0000_0100_0000_01B3 }

    private let text: UnsafeBufferPointer<UInt8>
    private var position = 0
    /// Longer words are cut: codes and signatures.
    private static let bytesMax = 30

    init(_ text: UnsafeBufferPointer<UInt8>) { self.text = text }

    mutating func next() -> Word? {
        while position < text.count, !WordWalk.isStart(text[position]) { position += 1 }
        guard position < text.count else { return nil }
        let start = position
        if text[position] >= 0xE3 { return character() }
        var hash = WordWalk.offset
        var hasDigit = false
        var wasDigit = false
        while position < text.count, text[position] < 0xE3 {
            let byte = text[position]
            let kind = WordWalk.kinds[Int(byte)]
            if kind == .other { break }
            if kind == .inner, position + 1 == text.count || WordWalk.kinds[Int(text[position + 1])] == .other { break }
            position += 1
            if kind == .digit {
                if !wasDigit, position - start <= WordWalk.bytesMax { hash = WordWalk.step(hash, 0x23) }
                (hasDigit, wasDigit) = (true, true)
                continue
            }
            wasDigit = false
            if position - start <= WordWalk.bytesMax { hash = WordWalk.step(hash, lower(byte)) }
        }
        return Word(hash: hash, range: start..<position, hasDigit: hasDigit)
    }

    /// Chinese, Japanese, Korean, and what lies beyond.
    private mutating func character() -> Word {
        let start = position
        var hash = WordWalk.step(WordWalk.offset, text[position])
        position += 1
        while position < text.count, text[position] & 0xC0 == 0x80, position - start < 4 {
            hash = WordWalk.step(hash, text[position])
            position += 1
        }
        return Word(hash: hash, range: start..<position, hasDigit: false)
    }

    /// ASCII, and the second octet of a capital of Latin-1, Greek or Cyrillic where that is as simple.
    private func lower(_ byte: UInt8) -> UInt8 {
        if byte < 0x80 { return (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }
        let before = position >= 2 ? text[position - 2] : 0
        switch before {
        case 0xC3 where (0x80...0x9E).contains(byte) && byte != 0x97: return byte + 0x20
        case 0xD0 where (0x90...0x9F).contains(byte): return byte + 0x20
        case 0xCE where (0x91...0x9F).contains(byte): return byte + 0x20
        default: return byte
        }
    }

    private static func isStart(_ byte: UInt8) -> Bool { kinds[Int(byte)] == .letter || kinds[Int(byte)] == .digit }

    private enum Kind { case other, letter, digit, inner }

    /// `$`, `%` and `!` are letters: they say much. A hyphen or an apostrophe is one within a word only.
    private static let kinds: [Kind] = (0..<256).map { value in
        switch UInt8(value) {
        case 0x30...0x39: .digit
        case 0x41...0x5A, 0x61...0x7A, 0x21, 0x24, 0x25, 0x80...0xFF: .letter
        case 0x27, 0x2D, 0x5F: .inner
        default: .other
        }
    }
}
