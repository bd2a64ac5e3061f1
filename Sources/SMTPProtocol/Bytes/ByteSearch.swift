import Glibc

/// The octets that the grammar names.
enum ASCII {
    static let null: UInt8 = 0x00
    static let lineFeed: UInt8 = 0x0A
    static let carriageReturn: UInt8 = 0x0D
    static let space: UInt8 = 0x20
    static let quote: UInt8 = 0x22
    static let plus: UInt8 = 0x2B
    static let hyphen: UInt8 = 0x2D
    static let dot: UInt8 = 0x2E
    static let colon: UInt8 = 0x3A
    static let semicolon: UInt8 = 0x3B
    static let less: UInt8 = 0x3C
    static let equals: UInt8 = 0x3D
    static let greater: UInt8 = 0x3E
    static let at: UInt8 = 0x40
    static let backslash: UInt8 = 0x5C
    static let delete: UInt8 = 0x7F

    static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
    static func isLetter(_ byte: UInt8) -> Bool { byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A }
    static func isControl(_ byte: UInt8) -> Bool { byte < 0x20 || byte == delete }
    static func uppercased(_ byte: UInt8) -> UInt8 { byte >= 0x61 && byte <= 0x7A ? byte &- 32 : byte }
    static func lowercased(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5A ? byte &+ 32 : byte }
}

extension UnsafeRawBufferPointer {
    /// Offset of the first `byte` at or after `start` and before `end`; nil where there is none. 0 ≤ start, end ≤ count.
    @inline(__always)
    func firstOffset(of byte: UInt8, from start: Int, to end: Int) -> Int? {
        guard start < end, let base = baseAddress, let found = memchr(base + start, Int32(byte), end - start) else { return nil }
        return UnsafeRawPointer(found) - base
    }

    /// How many octets equal `byte`.
    func count(of byte: UInt8) -> Int {
        var count = 0
        var position = 0
        while let found = firstOffset(of: byte, from: position, to: self.count) {
            count += 1
            position = found + 1
        }
        return count
    }

    /// True where an octet has its high bit set; reads eight at a time.
    var containsNonASCII: Bool {
        var position = 0
        while position &+ 8 <= count {
            if loadUnaligned(fromByteOffset: position, as: UInt64.self) & 0x8080_8080_8080_8080 != 0 { return true }
            position &+= 8
        }
        while position < count {
            if self[position] >= 0x80 { return true }
            position &+= 1
        }
        return false
    }

    /// The octets in `range`, which must lie within the buffer.
    @inline(__always)
    func slice(_ range: Range<Int>) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: self[range]) }
}

/// Reads 1…20 decimal digits. `.overflow` is a number that is well written but too large for `Int`.
enum DecimalNumber: Equatable {
    case value(Int)
    case overflow
    case malformed

    init(_ digits: some Collection<UInt8>) {
        guard (1...20).contains(digits.count), digits.allSatisfy(ASCII.isDigit) else {
            self = .malformed
            return
        }
        var total = 0
        for digit in digits {
            let (product, overflowed) = total.multipliedReportingOverflow(by: 10)
            let (sum, carried) = product.addingReportingOverflow(Int(digit - 0x30))
            guard !overflowed, !carried else {
                self = .overflow
                return
            }
            total = sum
        }
        self = .value(total)
    }
}
