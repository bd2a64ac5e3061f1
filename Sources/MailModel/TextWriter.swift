/// Writes short texts octet by octet: several times cheaper than string interpolation, for those that every message needs.
package struct TextWriter: ~Copyable {
    private let memory: UnsafeMutableBufferPointer<UInt8>
    private(set) var count = 0

    fileprivate init(_ memory: UnsafeMutableBufferPointer<UInt8>) { self.memory = memory }

    /// There must be room: see the capacity that was asked for.
    package mutating func put(_ byte: UInt8) {
        memory[count] = byte
        count += 1
    }

    package mutating func put(_ text: some Sequence<UInt8>) {
        for byte in text { put(byte) }
    }

    /// A number from 0 on, with zeros before it up to `width` digits.
    package mutating func put(decimal value: Int, width: Int = 1) {
        precondition(value >= 0)
        var digits = 1
        var power = 10
        while digits < width || digits < 19 && power <= value {
            digits += 1
            power &*= 10
        }
        var rest = value
        for position in stride(from: digits - 1, through: 0, by: -1) {
            memory[count + position] = 0x30 + UInt8(rest % 10)
            rest /= 10
        }
        count += digits
    }
}

extension String {
    /// What `body` writes, in UTF-8; `capacity`: octets that it needs at most.
    package init(capacity: Int, _ body: (inout TextWriter) -> Void) {
        self.init(unsafeUninitializedCapacity: capacity) { memory in
            var writer = TextWriter(memory)
            body(&writer)
            return writer.count
        }
    }
}
