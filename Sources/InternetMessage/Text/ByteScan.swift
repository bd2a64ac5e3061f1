import Glibc

/// Searching in bytes, the one place of unsafe reads in this target.
package enum ByteScan {
    /// True where an octet of 0x80 or more lies in the range, which must be within the bytes.
    package static func hasEightBit(_ bytes: [UInt8], in range: Range<Int>) -> Bool {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
        return bytes.withUnsafeBytes { buffer in
            var position = range.lowerBound
            while position &+ 8 <= range.upperBound {
                if buffer.loadUnaligned(fromByteOffset: position, as: UInt64.self) & 0x8080_8080_8080_8080 != 0 { return true }
                position &+= 8
            }
            while position < range.upperBound {
                if buffer[position] >= 0x80 { return true }
                position &+= 1
            }
            return false
        }
    }

    /// The index after the next LF in the range, or the range's end where there is none.
    package static func endOfLine(_ bytes: UnsafeBufferPointer<UInt8>, in range: Range<Int>) -> Int {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
        guard let base = bytes.baseAddress, !range.isEmpty,
            let found = memchr(base + range.lowerBound, 0x0A, range.count)
        else { return range.upperBound }
        return UnsafeRawPointer(found) - UnsafeRawPointer(base) + 1
    }

    /// True where the needle (not empty) lies anywhere in the bytes.
    static func contains(_ needle: [UInt8], in bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBufferPointer { hay in
            guard let base = hay.baseAddress, let first = needle.first else { return false }
            var position = 0
            while position &+ needle.count <= hay.count,
                let found = memchr(base + position, Int32(first), hay.count - needle.count + 1 - position)
            {
                let start = UnsafeRawPointer(found) - UnsafeRawPointer(base)
                if hay[start...].starts(with: needle) { return true }
                position = start + 1
            }
            return false
        }
    }
}

extension UInt8 {
    /// Space or horizontal tab: WSP of RFC 5234.
    package var isWhitespace: Bool { self == 0x20 || self == 0x09 }

    /// What unfolding and comments may put between words: WSP, CR, LF.
    package var isFoldingWhitespace: Bool { self == 0x20 || self == 0x09 || self == 0x0D || self == 0x0A }

    package var asciiLowercased: UInt8 { self >= 0x41 && self <= 0x5A ? self | 0x20 : self }

    var isControl: Bool { self < 0x20 || self == 0x7F }
}
