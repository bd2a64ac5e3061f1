/// The fields of one header, in their order, and where the body begins.
///
/// A content that ends before an empty line is all header; its body is empty.
package struct HeaderSection: Hashable, Sendable {
    package let fields: [HeaderField]
    /// After the empty line; the end of the content where there is none.
    package let bodyStart: Int

    /// Of an empty content.
    package static let none = HeaderSection(fields: [], bodyStart: 0)

    /// Reads a header in one pass. `range`: where the message lies; nil for the whole content.
    ///
    /// A line that some readers take for a field and others for the header's end is a defect; so is a space before the colon, which
    /// RFC 5322 §4.5 lets old mail have, and no mail of this century has by intent.
    package static func scan(
        _ content: [UInt8], in range: Range<Int>? = nil, limits: HeaderLimits = .standard
    ) -> Result<HeaderSection, HeaderDefect> {
        content.withUnsafeBufferPointer { bytes in
            var scanner = HeaderScanner(bytes: bytes, range: range ?? 0..<bytes.count, limits: limits)
            return scanner.run()
        }
    }

    /// The first field of that name (in lower case).
    package func first(_ lowercaseName: String, in content: [UInt8]) -> HeaderField? {
        fields.first { $0.isNamed(lowercaseName, in: content) }
    }

    /// What a field that may stand once says. `name` in any case. Used for a connector's trusted field, where a second one
    /// would let a client choose which is believed.
    package func namedField(_ name: String, in content: [UInt8]) -> NamedField {
        let lowercaseName = name.lowercased()
        var found: HeaderField?
        for field in fields where field.isNamed(lowercaseName, in: content) {
            guard found == nil else { return .several }
            found = field
        }
        return found.map { .one($0.text(in: content)) } ?? .absent
    }

    package enum NamedField: Hashable, Sendable {
        case absent
        /// The readable value.
        case one(String)
        case several
    }
}

private struct HeaderScanner {
    let bytes: UnsafeBufferPointer<UInt8>
    let limits: HeaderLimits
    let start: Int
    let end: Int
    var position: Int
    var line = 1
    var fields: [HeaderField] = []

    init(bytes: UnsafeBufferPointer<UInt8>, range: Range<Int>, limits: HeaderLimits) {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
        self.bytes = bytes
        self.limits = limits
        start = range.lowerBound
        end = range.upperBound
        position = start
        fields.reserveCapacity(min(32, limits.fieldsMax))
    }

    mutating func run() -> Result<HeaderSection, HeaderDefect> {
        // One octet past the limit is enough to see that the limit is passed.
        let searchEnd = min(end, start &+ limits.bytesMax &+ 1)
        while position < end {
            let lineEnd = ByteScan.endOfLine(bytes, in: min(position, searchEnd)..<searchEnd)
            guard lineEnd &- start <= limits.bytesMax else { return .failure(.tooLarge(bytesMax: limits.bytesMax)) }
            let textEnd = endOfText(before: lineEnd)
            if textEnd == position, lineEnd > textEnd {
                return .success(HeaderSection(fields: fields, bodyStart: lineEnd))
            }
            if bytes[position].isWhitespace {
                guard !fields.isEmpty else { return .failure(.leadingContinuation) }
                fields[fields.count - 1].valueEnd = textEnd
                fields[fields.count - 1].end = lineEnd
            } else if let defect = open(textEnd: textEnd, lineEnd: lineEnd) {
                return .failure(defect)
            }
            position = lineEnd
            line &+= 1
        }
        return .success(HeaderSection(fields: fields, bodyStart: end))
    }

    /// Where the line's text ends: before CRLF or LF.
    private func endOfText(before lineEnd: Int) -> Int {
        guard lineEnd > position, bytes[lineEnd - 1] == 0x0A else { return lineEnd }
        return lineEnd - 1 > position && bytes[lineEnd - 2] == 0x0D ? lineEnd - 2 : lineEnd - 1
    }

    private mutating func open(textEnd: Int, lineEnd: Int) -> HeaderDefect? {
        var nameEnd = position
        while nameEnd < textEnd, bytes[nameEnd] > 0x20, bytes[nameEnd] < 0x7F, bytes[nameEnd] != 0x3A { nameEnd &+= 1 }
        guard nameEnd < textEnd, bytes[nameEnd] == 0x3A, nameEnd > position else {
            let text = FieldText.printable(bytes[position..<min(textEnd, position &+ quotedBytesMax)])
            return bytes[position..<textEnd].contains(0x3A)
                ? .badFieldName(line: line, text: text) : .lineWithoutColon(line: line, text: text)
        }
        guard fields.count < limits.fieldsMax else { return .tooManyFields(max: limits.fieldsMax) }
        fields.append(HeaderField(start: position, nameEnd: nameEnd, valueStart: nameEnd + 1, valueEnd: textEnd, end: lineEnd))
        return nil
    }
}

/// Octets of a bad line that a defect quotes.
private let quotedBytesMax = 60
