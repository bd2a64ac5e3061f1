/// Base 64 of RFC 4648 §4, padded.
package enum Base64 {
    package static func encode(_ bytes: some Collection<UInt8>) -> [UInt8] {
        var encoded: [UInt8] = []
        encoded.reserveCapacity((bytes.count + 2) / 3 * 4)
        var group: UInt32 = 0
        var count = 0
        for byte in bytes {
            group = group << 8 | UInt32(byte)
            count += 1
            if count == 3 {
                for shift in [18, 12, 6, 0] as [UInt32] { encoded.append(alphabet[Int(group >> shift & 63)]) }
                group = 0
                count = 0
            }
        }
        if count > 0 {
            group <<= count == 1 ? 16 : 8
            encoded.append(alphabet[Int(group >> 18 & 63)])
            encoded.append(alphabet[Int(group >> 12 & 63)])
            encoded.append(count == 2 ? alphabet[Int(group >> 6 & 63)] : 0x3D)
            encoded.append(0x3D)
        }
        return encoded
    }

    /// White space between digits is skipped, missing padding is let pass; nil for any other octet, digits after padding, or a
    /// single digit at the end.
    package static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(text.count / 4 * 3 + 3)
        var group: UInt32 = 0
        var digits = 0
        var padding = 0
        for byte in text where !byte.isFoldingWhitespace {
            if byte == 0x3D {
                padding += 1
                continue
            }
            guard padding == 0, let value = digit(byte) else { return nil }
            group = group << 6 | UInt32(value)
            digits += 1
            if digits == 4 {
                for shift in [16, 8, 0] as [UInt32] { decoded.append(UInt8(truncatingIfNeeded: group >> shift)) }
                group = 0
                digits = 0
            }
        }
        switch digits {
        case 0: break
        case 2: decoded.append(UInt8(truncatingIfNeeded: group >> 4))
        case 3:
            decoded.append(UInt8(truncatingIfNeeded: group >> 10))
            decoded.append(UInt8(truncatingIfNeeded: group >> 2))
        default: return nil
        }
        return padding <= 2 ? decoded : nil
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x41...0x5A: byte - 0x41
        case 0x61...0x7A: byte - 0x61 + 26
        case 0x30...0x39: byte - 0x30 + 52
        case 0x2B: 62
        case 0x2F: 63
        default: nil
        }
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
}
