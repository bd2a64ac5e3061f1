/// Quoted-printable of RFC 2045 §6.7, and the Q encoding of RFC 2047 §4.2.
enum QuotedPrintable {
    /// Longest line, without CRLF.
    static let lineMax = 76

    /// Encodes text whose lines end in CRLF; line ends stay line ends.
    ///
    /// No line of the result begins with two hyphens, so none can pose as a MIME boundary.
    static func encode(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var encoder = Encoder()
        encoder.output.reserveCapacity(text.count + text.count / 4)
        var position = text.startIndex
        while position < text.endIndex {
            let byte = text[position]
            let next = position + 1 < text.endIndex ? text[position + 1] : 0x0D
            if byte == 0x0D, position + 1 < text.endIndex, next == 0x0A {
                encoder.lineEnd()
                position += 2
                continue
            }
            let isTrailing = byte.isWhitespace && next == 0x0D
            if byte == 0x3D || byte >= 0x7F || byte < 0x20 && byte != 0x09 || isTrailing {
                encoder.escape(byte)
            } else {
                encoder.literal(byte, next: next)
            }
            position += 1
        }
        return encoder.output
    }

    /// The Q encoding: an underscore is a space. A bad escape stands for itself, as readers take it.
    static func decodeWord(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(text.count)
        var position = text.startIndex
        while position < text.endIndex {
            let byte = text[position]
            if byte == 0x3D, position + 2 < text.endIndex, let high = hexValue(text[position + 1]), let low = hexValue(text[position + 2]) {
                decoded.append(high << 4 | low)
                position += 3
            } else {
                decoded.append(byte == 0x5F ? 0x20 : byte)
                position += 1
            }
        }
        return decoded
    }

    static func appendEscape(_ byte: UInt8, to output: inout [UInt8]) {
        output.append(0x3D)
        output.append(hexDigits[Int(byte >> 4)])
        output.append(hexDigits[Int(byte & 15)])
    }

    private static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }

    private static let hexDigits = Array("0123456789ABCDEF".utf8)

    private struct Encoder {
        var output: [UInt8] = []
        var column = 0

        mutating func lineEnd() {
            output.append(0x0D)
            output.append(0x0A)
            column = 0
        }

        mutating func literal(_ byte: UInt8, next: UInt8) {
            makeRoom(1)
            if byte == 0x2D, next == 0x2D, column == 0 { return escape(byte) }
            output.append(byte)
            column += 1
        }

        mutating func escape(_ byte: UInt8) {
            makeRoom(3)
            QuotedPrintable.appendEscape(byte, to: &output)
            column += 3
        }

        /// The last column is kept free for the sign of a soft break.
        private mutating func makeRoom(_ width: Int) {
            guard column + width > QuotedPrintable.lineMax - 1 else { return }
            output += [0x3D, 0x0D, 0x0A]
            column = 0
        }
    }
}
