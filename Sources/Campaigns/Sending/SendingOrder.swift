/// The order in which people get a campaign: shuffled, so that no domain comes in a block, and the same each time for one seed.
package enum SendingOrder {
    /// Its place; never below zero.
    package static func place(of address: String, seed: Int64) -> Int64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325 ^ UInt64(bitPattern: seed)
        for octet in address.utf8 { hash = (hash ^ UInt64(octet)) &* 0x0000_0100_0000_01B3 }
        // SplitMix64's end: the last octets, which addresses of a domain have in common, do not stand together.
        hash = (hash ^ hash >> 30) &* 0xBF58_476D_1CE4_E5B9
        hash = (hash ^ hash >> 27) &* 0x94D0_49BB_1331_11EB
        return Int64(bitPattern: (hash ^ hash >> 31) >> 1)
    }
}
