/// Where one header field lies in a content. The ranges are valid for that content only.
package struct HeaderField: Hashable, Sendable {
    /// First octet of the name.
    package let start: Int
    /// After the name. A scanned field has its colon here.
    package let nameEnd: Int
    /// After the colon.
    package let valueStart: Int
    /// Before the last line end of the field.
    package internal(set) var valueEnd: Int
    /// After the last line end of the field.
    package internal(set) var end: Int

    package var name: Range<Int> { start..<nameEnd }
    /// The value as it stands, with its folding and without its last line end.
    package var value: Range<Int> { valueStart..<valueEnd }
    /// Name, colon, value and line ends.
    package var whole: Range<Int> { start..<end }

    /// Compares names without ASCII case and without allocation. `lowercaseName` is in lower case.
    package func isNamed(_ lowercaseName: String, in content: [UInt8]) -> Bool {
        let wanted = lowercaseName.utf8
        guard wanted.count == nameEnd - start else { return false }
        var position = start
        for byte in wanted {
            guard content[position].asciiLowercased == byte else { return false }
            position &+= 1
        }
        return true
    }

    /// The name in lower case.
    package func lowercaseName(in content: [UInt8]) -> String {
        String(decoding: content[name].map(\.asciiLowercased), as: UTF8.self)
    }

    /// The value on one line, encoded words decoded, control characters replaced by a space, at most `charactersMax` characters.
    package func text(in content: [UInt8], charactersMax: Int = FieldText.charactersMax) -> String {
        FieldText.readable(content, value, charactersMax: charactersMax)
    }
}
