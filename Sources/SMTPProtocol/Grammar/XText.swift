/// xtext (RFC 3461 §4): printable ASCII, with `+` and two upper-case hexadecimal digits for everything else.
enum XText {
    /// The octets that the text stands for; nil where an escape is broken or an octet must not stand for itself. With
    /// `allowsUTF8`, octets of UTF-8 stand for themselves (RFC 6533 §3).
    static func decode(_ text: some Sequence<UInt8>, allowsUTF8: Bool = false) -> [UInt8]? {
        var decoded: [UInt8] = []
        var iterator = text.makeIterator()
        while let byte = iterator.next() {
            switch byte {
            case ASCII.plus:
                guard let high = iterator.next().flatMap(hexValue), let low = iterator.next().flatMap(hexValue) else { return nil }
                decoded.append(high << 4 | low)
            case 0x21...0x7E where byte != ASCII.equals: decoded.append(byte)
            case 0x80... where allowsUTF8: decoded.append(byte)
            default: return nil
            }
        }
        return decoded
    }

    static func encode(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        var text: [UInt8] = []
        for byte in bytes {
            if byte > 0x20, byte < 0x7F, byte != ASCII.plus, byte != ASCII.equals {
                text.append(byte)
            } else {
                text += [ASCII.plus, hexDigits[Int(byte >> 4)], hexDigits[Int(byte & 15)]]
            }
        }
        return text
    }

    /// Replaces `\x{HEX}` (RFC 6533 §3, utf-8-addr-xtext) by the character it names; nil where one is broken.
    static func decodeUnicodeEscapes(_ bytes: [UInt8]) -> [UInt8]? {
        var decoded: [UInt8] = []
        var position = 0
        while position < bytes.count {
            guard bytes[position] == ASCII.backslash else {
                decoded.append(bytes[position])
                position += 1
                continue
            }
            guard position + 3 < bytes.count, bytes[position + 1] == 0x78, bytes[position + 2] == 0x7B,
                let end = bytes[(position + 3)...].firstIndex(of: 0x7D), (1...6).contains(end - position - 3)
            else { return nil }
            var number: UInt32 = 0
            for byte in bytes[(position + 3)..<end] {
                guard let value = hexValue(byte) else { return nil }
                number = number << 4 | UInt32(value)
            }
            guard let scalar = Unicode.Scalar(number) else { return nil }
            decoded += Array(String(Character(scalar)).utf8)
            position = end + 1
        }
        return decoded
    }

    private static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        default: nil
        }
    }
}

private let hexDigits = Array("0123456789ABCDEF".utf8)
