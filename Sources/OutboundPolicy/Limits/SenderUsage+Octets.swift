/// What the store keeps of a sender's use: a version, the verdicts, then each bucket as the distance from the one before, its length and
/// the amounts that are not zero. Numbers are of variable length, seven bits an octet, lowest first.
extension SenderUsage {
    private static let version: UInt64 = 1
    private static let lengths: [Int64] = [1, 60, 1440]

    package var octets: [UInt8] {
        var writer = VariableNumbers.Writer()
        writer.octets.reserveCapacity(8 + buckets.count * 8)
        writer.write(SenderUsage.version)
        writer.write(UInt64(verdicts))
        writer.write(UInt64(verdictCount))
        writer.write(UInt64(buckets.count))
        var last: Int64 = 0
        for bucket in buckets {
            writer.write(UInt64(max(0, bucket.start - last)))
            last = bucket.start
            writer.write(UInt64(SenderUsage.lengths.firstIndex(of: bucket.length) ?? 0))
            writer.write(bucket.amounts.kinds)
            for kind in UsageKind.allCases where bucket.amounts[kind] > 0 { writer.write(UInt64(bucket.amounts[kind])) }
        }
        return writer.octets
    }

    /// Nil where they were not written by this program: what was used is then unknown.
    package init?(octets: [UInt8]) {
        guard let usage = octets.withUnsafeBytes({ SenderUsage(octets: $0) }) else { return nil }
        self = usage
    }

    /// The same from where the store has them.
    package init?(octets: UnsafeRawBufferPointer) {
        var reader = VariableNumbers.Reader(octets)
        guard reader.read() == SenderUsage.version, let verdicts = reader.read().flatMap(UInt32.init(exactly:)),
            let verdictCount = reader.read(), verdictCount <= UInt64(SenderUsage.verdictsMax), let count = reader.read(),
            count <= UInt64(octets.count)
        else { return nil }
        var buckets: [Bucket] = []
        buckets.reserveCapacity(Int(count))
        var last: Int64 = 0
        for _ in 0..<count {
            guard let bucket = SenderUsage.bucket(&reader, after: last) else { return nil }
            buckets.append(bucket)
            last = bucket.start
        }
        guard reader.isAtEnd else { return nil }
        self.init(buckets: buckets, verdicts: verdicts, verdictCount: Int(verdictCount))
    }

    private static func bucket(_ reader: inout VariableNumbers.Reader, after last: Int64) -> Bucket? {
        guard let distance = reader.read(), distance < 1 << 40, let length = reader.read(), length < UInt64(lengths.count),
            let kinds = reader.read(), kinds < 1 << UInt64(UsageKind.allCases.count)
        else { return nil }
        var amounts = UsageAmounts()
        for kind in UsageKind.allCases where kinds & 1 << UInt64(kind.rawValue) != 0 {
            guard let amount = reader.read().flatMap(Int32.init(exactly:)) else { return nil }
            amounts[kind] = Int(amount)
        }
        return Bucket(start: last + Int64(distance), length: lengths[Int(length)], amounts: amounts)
    }
}

/// Numbers of seven bits an octet.
enum VariableNumbers {
    struct Writer {
        var octets: [UInt8] = []

        mutating func write(_ value: UInt64) {
            var rest = value
            while rest >= 0x80 {
                octets.append(UInt8(rest & 0x7F) | 0x80)
                rest >>= 7
            }
            octets.append(UInt8(rest))
        }
    }

    /// Valid as long as the octets are.
    struct Reader {
        private let octets: UnsafeRawBufferPointer
        private var place = 0

        init(_ octets: UnsafeRawBufferPointer) { self.octets = octets }

        var isAtEnd: Bool { place == octets.count }

        /// Nil at the end, and for a number of more than 64 bits.
        mutating func read() -> UInt64? {
            var value: UInt64 = 0
            for shift in stride(from: UInt64(0), to: 64, by: 7) {
                guard place < octets.count else { return nil }
                let octet = octets[place]
                place += 1
                value |= UInt64(octet & 0x7F) << shift
                if octet & 0x80 == 0 { return value }
            }
            return nil
        }
    }
}
