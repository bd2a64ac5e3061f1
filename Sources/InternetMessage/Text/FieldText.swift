/// Header values as text for people: on one line, decoded, without control characters, bounded.
package enum FieldText {
    /// Characters of a subject, a From or a trusted field that are kept.
    package static let charactersMax = 500
    /// Octets of a value that are looked at; an encoded word spends at most twelve octets a character.
    private static let bytesMax = 16_384

    /// The value in the range, unfolded and decoded.
    package static func readable(_ content: [UInt8], _ range: Range<Int>, charactersMax: Int = FieldText.charactersMax) -> String {
        var line: [UInt8] = []
        line.reserveCapacity(min(range.count, bytesMax))
        for byte in content[range].prefix(bytesMax) where byte != 0x0D && byte != 0x0A { line.append(byte) }
        let text = trimmed(line)
        let decoded = isPlain(text) ? String(decoding: text, as: UTF8.self) : EncodedWord.decode(printable(text))
        return cut(decoded, to: charactersMax)
    }

    /// True for what most fields are: ASCII without control characters and without an encoded word.
    private static func isPlain(_ text: ArraySlice<UInt8>) -> Bool {
        var previous: UInt8 = 0
        for byte in text {
            if byte < 0x20 || byte >= 0x7F || previous == 0x3D && byte == 0x3F { return false }
            previous = byte
        }
        return true
    }

    /// UTF-8 where it is valid, else windows-1252, as raw 8-bit headers mostly are. Control characters become a space.
    static func printable(_ bytes: some Collection<UInt8>) -> String {
        String(String.UnicodeScalarView(text(bytes).unicodeScalars.map { isHarmless($0) ? $0 : " " }))
    }

    /// Control characters and the two Unicode line ends would let a value pose as more than one line.
    static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029: false
        default: true
        }
    }

    static func cut(_ text: String, to charactersMax: Int) -> String {
        text.utf8.count <= charactersMax ? text : String(text.prefix(charactersMax))
    }

    private static func text(_ bytes: some Collection<UInt8>) -> String {
        String(validating: bytes, as: UTF8.self) ?? Charset.windows1252.decode(Array(bytes))
    }

    private static func trimmed(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
        guard let first = bytes.firstIndex(where: { !$0.isWhitespace }), let last = bytes.lastIndex(where: { !$0.isWhitespace }) else {
            return []
        }
        return bytes[first...last]
    }
}
