/// A Content-Type value (RFC 2045 §5.1), as far as the walk over a MIME tree needs it.
struct ContentType: Hashable, Sendable {
    /// Lower case, `text`.
    var type: String
    /// Lower case, `plain`.
    var subtype: String
    /// Nil where the parameter is missing, empty, or there twice.
    var boundary: [UInt8]?
    var charset: [UInt8]?
    /// Of the file, where the part is one.
    var name = PartName("name")

    static let plainText = ContentType(type: "text", subtype: "plain")
    static let message = ContentType(type: "message", subtype: "rfc822")

    private init(type: String, subtype: String) {
        self.type = type
        self.subtype = subtype
    }

    /// Nil where it has no `type/subtype`.
    init?(_ content: [UInt8], in range: Range<Int>) {
        var reader = ParameterReader(bytes: content[range])
        guard let type = reader.token(), reader.take(0x2F), let subtype = reader.token() else { return nil }
        self.type = type
        self.subtype = subtype
        var seen: Set<String> = []
        while let (name, value) = reader.parameter() {
            let isRepeated = !seen.insert(name).inserted
            switch name {
            case "boundary": boundary = isRepeated || value.isEmpty || value.count > boundaryBytesMax ? nil : value
            case "charset": charset = isRepeated ? nil : value
            default: self.name.add(name, value)
            }
        }
    }
}

/// RFC 2046 §5.1.1 allows 70; real senders write more.
private let boundaryBytesMax = 250

/// Tokens, parameters and comments of structured MIME fields.
struct ParameterReader {
    private var bytes: ArraySlice<UInt8>

    init(bytes: ArraySlice<UInt8>) { self.bytes = bytes }

    /// A token in lower case; nil where none stands here.
    mutating func token() -> String? {
        skipComments()
        let token = bytes.prefix { isTokenByte($0) }
        guard !token.isEmpty else { return nil }
        bytes = bytes[token.endIndex...]
        return String(decoding: token.map(\.asciiLowercased), as: UTF8.self)
    }

    mutating func take(_ byte: UInt8) -> Bool {
        skipComments()
        guard bytes.first == byte else { return false }
        bytes = bytes.dropFirst()
        return true
    }

    /// The next `; name=value`, skipping what is not of that form; nil at the end.
    mutating func parameter() -> (name: String, value: [UInt8])? {
        while let semicolon = bytes.firstIndex(of: 0x3B) {
            bytes = bytes[(semicolon + 1)...]
            guard let name = token(), take(0x3D) else { continue }
            skipComments()
            return (name, bytes.first == 0x22 ? quotedString() : bareValue())
        }
        return nil
    }

    private mutating func quotedString() -> [UInt8] {
        var value: [UInt8] = []
        bytes = bytes.dropFirst()
        while let byte = bytes.popFirst(), byte != 0x22 {
            if byte == 0x0D || byte == 0x0A { continue }
            guard byte == 0x5C else {
                value.append(byte)
                continue
            }
            if let escaped = bytes.popFirst() { value.append(escaped) }
        }
        return value
    }

    private mutating func bareValue() -> [UInt8] {
        let value = bytes.prefix { !$0.isFoldingWhitespace && $0 != 0x3B && $0 != 0x22 }
        bytes = bytes[value.endIndex...]
        return Array(value)
    }

    private mutating func skipComments() {
        var depth = 0
        while let byte = bytes.first, depth > 0 || byte == 0x28 || byte.isFoldingWhitespace {
            if byte == 0x28 { depth += 1 }
            if byte == 0x29 { depth -= 1 }
            if byte == 0x5C { bytes = bytes.dropFirst() }
            bytes = bytes.dropFirst()
        }
    }

    /// token of RFC 2045 §5.1.
    private func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x22, 0x28, 0x29, 0x2C, 0x2F, 0x3A, 0x3B, 0x3C, 0x3D, 0x3E, 0x3F, 0x40, 0x5B, 0x5C, 0x5D: false
        default: byte > 0x20 && byte < 0x7F
        }
    }
}
