/// An address as a keyed hash: SipHash-2-4 with 128 bits (Aumasson and Bernstein), which nobody can make, or hold guesses against, without
/// the key.
package struct AddressDigest: Hashable, Comparable, Sendable {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// 32 lower-case hexadecimal digits.
    package init?(_ text: some StringProtocol) {
        guard text.utf8.count == 32, text.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }),
            let high = UInt64(text.prefix(16), radix: 16), let low = UInt64(text.suffix(16), radix: 16)
        else { return nil }
        self.init(high: high, low: low)
    }

    package var text: String {
        func digits(_ value: UInt64) -> String {
            let digits = String(value, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }
        return digits(high) + digits(low)
    }

    package static func < (one: AddressDigest, other: AddressDigest) -> Bool { (one.high, one.low) < (other.high, other.low) }
}

/// The secret under which a gate's addresses are hashed: the same on all of its nodes.
package struct AddressKey: Hashable, Sendable {
    private let first: UInt64
    private let second: UInt64

    /// The first 16 octets count; nil where there are fewer.
    package init?(_ octets: [UInt8]) {
        guard octets.count >= 16 else { return nil }
        func word(_ start: Int) -> UInt64 { (0..<8).reduce(0) { $0 | UInt64(octets[start + $1]) << (8 * UInt64($1)) } }
        self.init(word(0), word(8))
    }

    package init(_ first: UInt64, _ second: UInt64) {
        self.first = first
        self.second = second
    }

    /// Of the address in the form in which it is compared, `EmailAddress.suppressionKey`.
    package func digest(_ address: EmailAddress) -> AddressDigest {
        var text = address.suppressionKey
        return text.withUTF8 { digest(UnsafeRawBufferPointer($0)) }
    }

    package func digest(_ octets: UnsafeRawBufferPointer) -> AddressDigest {
        var state = SipState(first, second)
        let whole = octets.count & ~7
        for start in stride(from: 0, to: whole, by: 8) {
            state.take(UInt64(littleEndian: octets.loadUnaligned(fromByteOffset: start, as: UInt64.self)))
        }
        var last = UInt64(truncatingIfNeeded: octets.count) << 56
        for (place, octet) in octets[whole...].enumerated() { last |= UInt64(octet) << (8 * UInt64(place)) }
        state.take(last)
        return state.conclude()
    }
}

private struct SipState {
    private var v0: UInt64
    private var v1: UInt64
    private var v2: UInt64
    private var v3: UInt64

    init(_ first: UInt64, _ second: UInt64) {
        v0 = first ^ 0x736F_6D65_7073_6575
        v1 = second ^ 0x646F_7261_6E64_6F6D ^ 0xEE
        v2 = first ^ 0x6C79_6765_6E65_7261
        v3 = second ^ 0x7465_6462_7974_6573
    }

    mutating func take(_ word: UInt64) {
        v3 ^= word
        round()
        round()
        v0 ^= word
    }

    mutating func conclude() -> AddressDigest {
        v2 ^= 0xEE
        for _ in 0..<4 { round() }
        let low = v0 ^ v1 ^ v2 ^ v3
        v1 ^= 0xDD
        for _ in 0..<4 { round() }
        return AddressDigest(high: v0 ^ v1 ^ v2 ^ v3, low: low)
    }

    private mutating func round() {
        v0 &+= v1
        v1 = v1 << 13 | v1 >> 51
        v1 ^= v0
        v0 = v0 << 32 | v0 >> 32
        v2 &+= v3
        v3 = v3 << 16 | v3 >> 48
        v3 ^= v2
        v0 &+= v3
        v3 = v3 << 21 | v3 >> 43
        v3 ^= v0
        v2 &+= v1
        v1 = v1 << 17 | v1 >> 47
        v1 ^= v2
        v2 = v2 << 32 | v2 >> 32
    }
}
