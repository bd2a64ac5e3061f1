/// SplitMix64: chance that is the same each time.
struct SeedRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }

    /// 0…count-1; small numbers are likelier.
    mutating func low(_ count: Int) -> Int { min(number(count), number(count)) }
    mutating func number(_ count: Int) -> Int { Int(next() % UInt64(max(1, count))) }
    mutating func isOne(in count: Int) -> Bool { number(count) == 0 }
    mutating func one<Element>(of list: [Element]) -> Element { list[number(list.count)] }
}
