/// An IPv4 or IPv6 address. An IPv4-mapped IPv6 address (`::ffff:a.b.c.d`) is read as the IPv4 address it carries, so that a rule
/// written for one cannot be passed by the other.
package enum IPAddress: Hashable, Sendable, CustomStringConvertible, Codable {
    case v4(UInt32)
    case v6(UInt64, UInt64)

    package var isV6: Bool {
        if case .v6 = self { true } else { false }
    }

    /// 32 or 128.
    package var bitCount: Int { isV6 ? 128 : 32 }

    /// Reads 4 or 16 octets in network order; nil for any other count.
    package init?(octets: some Collection<UInt8>) {
        switch octets.count {
        case 4: self = .v4(octets.reduce(0) { $0 << 8 | UInt32($1) })
        case 16:
            let high = octets.prefix(8).reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
            let low = octets.suffix(8).reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
            self = high == 0 && low >> 32 == 0xFFFF ? .v4(UInt32(truncatingIfNeeded: low)) : .v6(high, low)
        default: return nil
        }
    }

    /// Reads dotted quads and RFC 4291 §2.2 text; nil for anything else. No zone, no port, no brackets.
    package init?(_ text: some StringProtocol) {
        guard let address = text.contains(":") ? IPAddress.readV6(String(text)) : IPAddress.readV4(text) else { return nil }
        self = address
    }

    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let address = IPAddress(text) else {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "not an IP address: \(text)"))
        }
        self = address
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    private static func readV4(_ text: some StringProtocol) -> IPAddress? {
        let parts = text.utf8.split(separator: 0x2E, omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var value: UInt32 = 0
        for part in parts {
            // A leading zero is octal to some readers and decimal to others; neither is taken.
            guard (1...3).contains(part.count), part.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), part.count == 1 || part.first != 0x30
            else { return nil }
            let octet = part.reduce(0) { $0 * 10 + UInt32($1 - 0x30) }
            guard octet <= 255 else { return nil }
            value = value << 8 | octet
        }
        return .v4(value)
    }

    private static func readV6(_ text: String) -> IPAddress? {
        let halves = text.split(separator: "::", maxSplits: 2, omittingEmptySubsequences: false)
        guard halves.count <= 2 else { return nil }
        guard let head = readGroups(halves[0], isLast: halves.count == 1),
            let tail = halves.count == 2 ? readGroups(halves[1], isLast: true) : []
        else { return nil }
        let missing = 8 - head.count - tail.count
        guard halves.count == 2 ? missing >= 1 : missing == 0 else { return nil }
        let groups = head + [UInt16](repeating: 0, count: missing) + tail
        return IPAddress(octets: groups.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] })
    }

    private static func readGroups(_ text: some StringProtocol, isLast: Bool) -> [UInt16]? {
        guard !text.isEmpty else { return [] }
        var groups: [UInt16] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if isLast, index == parts.count - 1, part.contains(".") {
                guard case .v4(let value)? = readV4(part) else { return nil }
                groups += [UInt16(value >> 16), UInt16(value & 0xFFFF)]
            } else {
                guard (1...4).contains(part.utf8.count), part.utf8.allSatisfy(isHexDigit), let group = UInt16(part, radix: 16) else {
                    return nil
                }
                groups.append(group)
            }
        }
        return groups.count <= 8 ? groups : nil
    }

    /// Octets in network order: 4 or 16.
    package var octets: [UInt8] {
        switch self {
        case .v4(let value): (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }
        case .v6(let high, let low):
            (0..<8).map { UInt8(truncatingIfNeeded: high >> (56 - 8 * $0)) }
                + (0..<8).map { UInt8(truncatingIfNeeded: low >> (56 - 8 * $0)) }
        }
    }

    /// Canonical text (RFC 5952).
    package var description: String {
        switch self {
        case .v4(let value):
            return String(capacity: 15) { text in
                for shift in stride(from: 24, through: 0, by: -8) {
                    text.put(decimal: Int(value >> UInt32(shift) & 255))
                    if shift > 0 { text.put(0x2E) }
                }
            }
        case .v6(let high, let low):
            let groups = (0..<4).map { high >> (48 - 16 * $0) & 0xFFFF } + (0..<4).map { low >> (48 - 16 * $0) & 0xFFFF }
            var bestStart = 0
            var bestCount = 0
            var start = 0
            while start < 8 {
                var end = start
                while end < 8, groups[end] == 0 { end += 1 }
                if end - start > bestCount { (bestStart, bestCount) = (start, end - start) }
                start = end + 1
            }
            let text = groups.map { String($0, radix: 16) }
            guard bestCount >= 2 else { return text.joined(separator: ":") }
            return text[..<bestStart].joined(separator: ":") + "::" + text[(bestStart + bestCount)...].joined(separator: ":")
        }
    }
}

private func isHexDigit(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
}

/// A block of addresses in CIDR form: `192.0.2.0/24`, `2001:db8::/32`; a bare address is a block of one.
package struct IPNetwork: Hashable, Sendable, CustomStringConvertible, Codable {
    package let base: IPAddress
    /// 0…32 or 0…128.
    package let prefixLength: Int

    /// Nil where the text is no block, or has bits set right of the prefix (most often a slip: `10.0.0.1/8`).
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let base = IPAddress(parts[0]) else { return nil }
        if parts.count == 2 {
            guard parts[1].utf8.count <= 3, parts[1].utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let length = Int(parts[1]),
                length <= base.bitCount
            else { return nil }
            prefixLength = length
        } else {
            prefixLength = base.bitCount
        }
        self.base = base
        guard IPNetwork.masked(base, prefixLength) == base else { return nil }
    }

    /// The block that an interface's address and its mask describe; nil where they are of two families, or the mask has holes.
    package init?(_ address: IPAddress, mask: IPAddress) {
        let bits = mask.octets.reduce(into: [Bool]()) { bits, octet in bits += (0..<8).map { octet >> (7 - $0) & 1 == 1 } }
        let length = bits.prefix { $0 }.count
        guard address.isV6 == mask.isV6, !bits.dropFirst(length).contains(true) else { return nil }
        base = IPNetwork.masked(address, length)
        prefixLength = length
    }

    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let network = IPNetwork(text) else {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "not an IP range: \(text)"))
        }
        self = network
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    package func contains(_ address: IPAddress) -> Bool {
        address.isV6 == base.isV6 && IPNetwork.masked(address, prefixLength) == base
    }

    package var description: String { "\(base)/\(prefixLength)" }

    private static func masked(_ address: IPAddress, _ length: Int) -> IPAddress {
        switch address {
        case .v4(let value): .v4(length == 0 ? 0 : value & (~0 << UInt32(32 - length)))
        case .v6(let high, let low):
            .v6(
                length == 0 ? 0 : length >= 64 ? high : high & (~0 << UInt64(64 - length)),
                length <= 64 ? 0 : low & (~0 << UInt64(128 - length)))
        }
    }
}

extension IPAddress {
    /// 0.0.0.0 and ::, which stand for any address.
    package var isUnspecified: Bool { octets.allSatisfy { $0 == 0 } }

    /// 127.0.0.0/8, ::1, and the former as IPv4-mapped.
    package var isLoopback: Bool {
        switch self {
        case .v4(let value): value >> 24 == 127
        case .v6(let high, let low): high == 0 && (low == 1 || low >> 32 == 0xFFFF && low >> 24 & 0xFF == 127)
        }
    }

    /// Loopback, private, link-local, shared, multicast, documentation and other blocks that no public mail host can have
    /// (IANA special-purpose registries; RFC 6890, RFC 4193, RFC 6598).
    package var isSpecialPurpose: Bool { IPAddress.specialPurpose.contains { $0.contains(self) } }

    private static let specialPurpose: [IPNetwork] = [
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
        "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3", "::/127", "64:ff9b:1::/48", "100::/64",
        "2001:2::/48", "2001:db8::/32", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
    ].compactMap { IPNetwork($0) }
}
