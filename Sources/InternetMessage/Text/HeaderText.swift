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
        var field = start
        var column = start.utf8.count
        let harmless = String(String.UnicodeScalarView(value.unicodeScalars.map { FieldText.isHarmless($0) ? $0 : " " }))
        for word in harmless.split(separator: " ").flatMap({ broken($0) }) {
            let width = word.utf8.count + 1
            if column + width > foldColumn, column > start.utf8.count {
                field += "\r\n"
                column = 0
            }
            field += " \(word)"
            column += width
        }
        return field + "\r\n"
    }

    private static func broken(_ word: Substring) -> [Substring] {
        guard word.utf8.count > wordBytesMax else { return [word] }
        var pieces: [Substring] = []
        var rest = word
        while !rest.isEmpty {
            // A character may be as long as a peer likes; its scalars are not.
            var piece = rest.unicodeScalars.startIndex
            var bytes = 0
            while piece < rest.unicodeScalars.endIndex, bytes < wordBytesMax - 4 {
                bytes += rest.unicodeScalars[piece].utf8.count
                piece = rest.unicodeScalars.index(after: piece)
            }
            pieces.append(rest[..<piece])
            rest = rest[piece...]
        }
        return pieces
    }
}
