/// The 64-bit FNV-1a hash (RFC 9923): the same on every machine and in every run, where Swift's own is not.
package struct StableHash: Sendable {
    package private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    package init() {}

    package mutating func add(_ octet: UInt8) { value = (value ^ UInt64(octet)) &* 0x0000_0100_0000_01B3 }

    /// The text and its end, so that "ab" and "c" differ from "a" and "bc".
    package mutating func add(_ text: String) {
        for octet in text.utf8 { add(octet) }
        add(0xFF)
    }
}
