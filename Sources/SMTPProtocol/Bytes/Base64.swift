/// Base 64 with padding and without line breaks (RFC 4648 §4), as SASL exchanges carry it (RFC 4954 §4).
enum Base64 {
    /// Nil for anything that `encode` would not write: other characters, missing padding, set bits below the padding.
    static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        guard text.count.isMultiple(of: 4) else { return nil }
        var decoded: [UInt8] = []
        decoded.reserveCapacity(text.count / 4 * 3)
        var group: UInt32 = 0
        var digits = 0
        var padding = 0
        for byte in text {
            if byte == ASCII.equals {
                padding += 1
                group <<= 6
            } else {
                guard padding == 0, let value = digit(byte) else { return nil }
                group = group << 6 | value
            }
            digits += 1
            guard digits == 4 else { continue }
            guard appendGroup(group, padding: padding, to: &decoded) else { return nil }
            (group, digits) = (0, 0)
            if padding > 0 { padding = 3 }
        }
        return decoded
    }

    /// After a padded group `padding` is 3, which no further group may carry.
    private static func appendGroup(_ group: UInt32, padding: Int, to decoded: inout [UInt8]) -> Bool {
        let octets = [UInt8(truncatingIfNeeded: group >> 16), UInt8(truncatingIfNeeded: group >> 8), UInt8(truncatingIfNeeded: group)]
        guard padding <= 2, octets.suffix(padding).allSatisfy({ $0 == 0 }) else { return false }
        decoded += octets.prefix(3 - padding)
        return true
    }

    static func encode(_ bytes: some Collection<UInt8>) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        var group: UInt32 = 0
        var held = 0
        for byte in bytes {
            group = group << 8 | UInt32(byte)
            held += 1
            if held == 3 {
                for shift in stride(from: 18 as UInt32, through: 0, by: -6) { text.append(alphabet[Int(group >> shift & 63)]) }
                (group, held) = (0, 0)
            }
        }
        if held > 0 {
            group <<= UInt32(8 * (3 - held))
            for index in 0..<4 { text.append(index <= held ? alphabet[Int(group >> UInt32(18 - 6 * index) & 63)] : ASCII.equals) }
        }
        return text
    }

    private static func digit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case 0x41...0x5A: UInt32(byte) - 0x41
        case 0x61...0x7A: UInt32(byte) - 0x61 + 26
        case 0x30...0x39: UInt32(byte) - 0x30 + 52
        case 0x2B: 62
        case 0x2F: 63
        default: nil
        }
    }
}

private let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
