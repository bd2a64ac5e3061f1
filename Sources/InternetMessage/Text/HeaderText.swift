/// Writes header fields that nothing from outside can break out of: 7-bit, folded, no line above 998 octets.
enum HeaderText {
    /// Where lines are folded if a space lets them.
    static let foldColumn = 76
    /// A word that has no space is broken here, so that no line passes the limit of 998 (RFC 5322 §2.1.1).
    private static let wordBytesMax = 900

    /// A field of free text; text beyond ASCII is written as encoded words.
    static func unstructured(_ name: String, _ text: String) -> String {
        folded("\(name):", EncodedWord.encode(text))
    }

    /// A field whose value is ASCII by its grammar; any other octet becomes `?`.
    static func structured(_ name: String, _ value: String) -> String { folded("\(name):", ascii(value)) }

    /// A field of a UTF-8 header (RFC 6533 §4).
    static func international(_ name: String, _ value: String) -> String { folded("\(name):", value) }

    /// Without octets that would end it or make it unreadable; at most 250.
    static func messageID(_ text: String) -> String {
        String(decoding: text.utf8.filter { $0 > 0x20 && $0 < 0x7F && $0 != 0x3C && $0 != 0x3E }.prefix(250), as: UTF8.self)
    }

    static func ascii(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0.isASCII ? $0 : "?" }))
    }

    private static func folded(_ start: String, _ value: String) -> String {
        var field = Array(start.utf8)
        let octets = value.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) ? Array(value.utf8) : harmless(value)
        field.reserveCapacity(field.count + octets.count + octets.count / 32 + 8)
        var column = field.count
        for word in octets.split(separator: 0x20) {
            for piece in word.count > wordBytesMax ? broken(word) : [word] {
                if column + piece.count + 1 > foldColumn, column > start.utf8.count {
                    field += crlf
                    column = 0
                }
                field.append(0x20)
                field += piece
                column += piece.count + 1
            }
        }
        field += crlf
        return String(decoding: field, as: UTF8.self)
    }

    private static let crlf: [UInt8] = [0x0D, 0x0A]

    private static func harmless(_ value: String) -> [UInt8] {
        Array(String(String.UnicodeScalarView(value.unicodeScalars.map { FieldText.isHarmless($0) ? $0 : " " })).utf8)
    }

    /// A character may be as long as a peer likes; its scalars are not, and none is cut.
    private static func broken(_ word: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        var pieces: [ArraySlice<UInt8>] = []
        var rest = word
        while rest.count > wordBytesMax {
            var end = rest.startIndex + wordBytesMax
            while end > rest.startIndex + 1, rest[end] & 0xC0 == 0x80 { end -= 1 }
            pieces.append(rest[..<end])
            rest = rest[end...]
        }
        return pieces + [rest]
    }
}
