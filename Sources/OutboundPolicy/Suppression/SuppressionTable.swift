package import MailModel

/// The suppression list as decisions ask it: places of addresses as 64-bit keyed hashes, with the reasons that stand there.
///
/// 10 octets a slot, in parts of a 256th each, so that none of them grows for long. That two of a million addresses share a place has a
/// chance of 3 in 100 million.
package struct SuppressionTable: Sendable {
    package let key: AddressKey
    /// False until all that the store holds is here: nothing is sent as long as that is not known.
    package private(set) var isComplete: Bool
    private var parts: [Part]
    /// Places that hold at least one reason.
    package private(set) var count = 0

    private static let partsMax = 256

    package init(key: AddressKey, isComplete: Bool) {
        self.key = key
        self.isComplete = isComplete
        parts = Array(repeating: Part(), count: SuppressionTable.partsMax)
    }

    package mutating func becameComplete() { isComplete = true }

    package mutating func insert(_ key: SuppressionKey) {
        let place = SuppressionTable.place(key.digest, key.tenant, key.scope)
        if parts[Int(place >> 56)].insert(place, bit: key.reason.bit) { count += 1 }
    }

    package mutating func remove(_ key: SuppressionKey) {
        let place = SuppressionTable.place(key.digest, key.tenant, key.scope)
        if parts[Int(place >> 56)].remove(place, bit: key.reason.bit) { count -= 1 }
    }

    /// The reasons why mail of a stream may not go to an address, with the place of each; the widest place first.
    package func matches(_ address: EmailAddress, _ stream: MailStream) -> [SuppressionMatch] {
        guard count > 0 else { return [] }
        let digest = key.digest(address)
        var matches: [SuppressionMatch] = []
        for scope in stream.scopes {
            let place = SuppressionTable.place(digest, scope == .organisation ? TenantID(0) : stream.tenant, scope)
            let bits = parts[Int(place >> 56)].bits(place)
            guard bits != 0 else { continue }
            for reason in SuppressionReason.allCases where bits & reason.bit != 0 {
                matches.append(SuppressionMatch(scope: scope, reason: reason))
            }
        }
        return matches
    }

    /// Octets that the slots take.
    package var octets: Int { parts.reduce(0) { $0 + $1.octets } }

    /// Never 0, which stands for an empty slot.
    private static func place(_ digest: AddressDigest, _ tenant: TenantID, _ scope: SuppressionScope) -> UInt64 {
        var hash = StableHash()
        switch scope {
        case .organisation: hash.add(0)
        case .tenant: hash.add(1)
        case .list(let name):
            hash.add(2)
            hash.add(name)
        case .stream(let name):
            hash.add(3)
            hash.add(name)
        }
        let place = digest.low ^ mixed(hash.value ^ UInt64(bitPattern: Int64(tenant.value)))
        return place == 0 ? 1 : place
    }

    /// The finaliser of SplitMix64: FNV's upper bits vary little for short texts.
    private static func mixed(_ value: UInt64) -> UInt64 {
        var value = value &+ 0x9E37_79B9_7F4A_7C15
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}

/// Where on the list an address was met, and why it stands there.
package struct SuppressionMatch: Hashable, Sendable {
    package var scope: SuppressionScope
    package var reason: SuppressionReason
}

extension SuppressionReason {
    fileprivate var bit: UInt16 {
        let place: UInt16 =
            switch self {
            case .addressDead: 0
            case .mailboxFull: 1
            case .suspended: 2
            case .temporary: 3
            case .expired: 4
            case .notAccepting: 5
            case .undetermined: 6
            case .complaint: 7
            case .unsubscribe: 8
            case .manual: 9
            case .imported: 10
            }
        return 1 << place
    }
}

/// Open addressing with steps of one; what is removed leaves no trace.
private struct Part: Sendable {
    private var places: [UInt64] = []
    private var reasons: [UInt16] = []
    private var used = 0

    var octets: Int { places.capacity * 8 + reasons.capacity * 2 }

    func bits(_ place: UInt64) -> UInt16 {
        guard !places.isEmpty else { return 0 }
        let slot = self.slot(of: place)
        return places[slot] == place ? reasons[slot] : 0
    }

    /// The place's own slot, or the empty one that it would take.
    private func slot(of place: UInt64) -> Int {
        let mask = places.count - 1
        var slot = Int(truncatingIfNeeded: place) & mask
        while places[slot] != 0, places[slot] != place { slot = (slot + 1) & mask }
        return slot
    }

    /// True where the place is new.
    mutating func insert(_ place: UInt64, bit: UInt16) -> Bool {
        if (used + 1) * 4 > places.count * 3 { grow() }
        let slot = slot(of: place)
        let isNew = places[slot] == 0
        if isNew {
            places[slot] = place
            reasons[slot] = 0
            used += 1
        }
        reasons[slot] |= bit
        return isNew
    }

    /// True where the place holds nothing any more.
    mutating func remove(_ place: UInt64, bit: UInt16) -> Bool {
        guard !places.isEmpty else { return false }
        var hole = slot(of: place)
        guard places[hole] == place else { return false }
        reasons[hole] &= ~bit
        guard reasons[hole] == 0 else { return false }
        let mask = places.count - 1
        var next = (hole + 1) & mask
        // Whoever would be found no longer past the hole moves into it.
        while places[next] != 0 {
            let home = Int(truncatingIfNeeded: places[next]) & mask
            if (next - home) & mask >= (next - hole) & mask {
                places[hole] = places[next]
                reasons[hole] = reasons[next]
                hole = next
            }
            next = (next + 1) & mask
        }
        places[hole] = 0
        reasons[hole] = 0
        used -= 1
        return true
    }

    private mutating func grow() {
        let (oldPlaces, oldReasons) = (places, reasons)
        let size = max(8, places.count * 2)
        places = Array(repeating: 0, count: size)
        reasons = Array(repeating: 0, count: size)
        for (place, bits) in zip(oldPlaces, oldReasons) where place != 0 {
            let slot = slot(of: place)
            places[slot] = place
            reasons[slot] = bits
        }
    }
}
