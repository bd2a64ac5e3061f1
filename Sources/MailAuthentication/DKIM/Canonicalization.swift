import InternetMessage

/// The two forms of RFC 6376 §3.4. The raw value is what `c=` holds.
enum Canonicalization: String, Hashable, Sendable {
    case simple, relaxed

    /// Appends one field in this form, its line end included.
    func appendField(_ field: HeaderField, in content: [UInt8], to output: inout [UInt8]) {
        switch self {
        case .simple:
            output += content[field.start..<field.valueEnd]
        case .relaxed:
            for byte in content[field.name] { output.append(byte.asciiLowercased) }
            output.append(0x3A)
            Canonicalization.appendRelaxed(content[field.value], to: &output)
        }
        output += [0x0D, 0x0A]
    }

    /// A value unfolded, its white space reduced to single spaces and none at either end (RFC 6376 §3.4.2).
    static func appendRelaxed(_ value: some Sequence<UInt8>, to output: inout [UInt8]) {
        let start = output.count
        var isSpacePending = false
        for byte in value {
            if byte.isFoldingWhitespace {
                isSpacePending = true
            } else {
                if isSpacePending, output.count > start { output.append(0x20) }
                isSpacePending = false
                output.append(byte)
            }
        }
    }
}
