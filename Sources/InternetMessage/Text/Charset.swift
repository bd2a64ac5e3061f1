/// The character sets that are decoded here; any other is left as it stands.
enum Charset: Hashable, Sendable {
    case utf8, ascii, latin1, latin9, windows1252

    /// Reads a MIME charset name, without case; nil for one that is not decoded here.
    init?(name: some StringProtocol) {
        switch name.lowercased() {
        case "utf-8", "utf8": self = .utf8
        case "us-ascii", "ascii": self = .ascii
        case "iso-8859-1", "iso_8859-1", "latin1": self = .latin1
        case "iso-8859-15", "iso_8859-15", "latin9": self = .latin9
        case "windows-1252", "cp1252": self = .windows1252
        default: return nil
        }
    }

    /// Never fails: what the set does not define becomes U+FFFD.
    func decode(_ bytes: [UInt8]) -> String {
        guard self != .utf8 else { return String(decoding: bytes, as: UTF8.self) }
        var scalars = String.UnicodeScalarView()
        for byte in bytes { scalars.append(scalar(byte)) }
        return String(scalars)
    }

    private func scalar(_ byte: UInt8) -> Unicode.Scalar {
        switch self {
        case .utf8, .ascii: byte < 0x80 ? Unicode.Scalar(byte) : "\u{FFFD}"
        case .latin1: Unicode.Scalar(byte)
        case .latin9: latin9Differences[byte] ?? Unicode.Scalar(byte)
        case .windows1252:
            (0x80...0x9F).contains(byte) ? Unicode.Scalar(windows1252Block[Int(byte) - 0x80]) ?? "\u{FFFD}" : Unicode.Scalar(byte)
        }
    }
}

/// ISO 8859-15 where it is not ISO 8859-1.
private let latin9Differences: [UInt8: Unicode.Scalar] = [
    0xA4: "\u{20AC}", 0xA6: "\u{160}", 0xA8: "\u{161}", 0xB4: "\u{17D}", 0xB8: "\u{17E}", 0xBC: "\u{152}", 0xBD: "\u{153}", 0xBE: "\u{178}",
]

/// 0x80…0x9F of windows-1252; undefined places hold U+FFFD.
private let windows1252Block: [UInt16] = [
    0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0xFFFD, 0x017D, 0xFFFD,
    0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0xFFFD, 0x017E, 0x0178,
]
