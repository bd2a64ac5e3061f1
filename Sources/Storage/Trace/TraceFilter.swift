import MailModel

/// Which of some hundreds of consecutive messages may have a sender, recipient or Message-ID: a Bloom filter over their keys, with
/// the range of their identifiers.
///
/// The keys of a mail trace come in no order, so an index on each of them would write a page for every message and cost more than
/// all else in the commit. Here a commit writes the one filter that its messages fall into, or a small one of its own that is later made one with
/// others (`TraceWriter`), and a search reads the filters newest first and then only the rows of those that match: some 1,300 filters of
/// 3.5 KiB, and five needless ranges, for a million messages.
struct TraceFilter: Sendable {
    /// The day of all its messages.
    let day: Int32
    /// Rises from filter to filter.
    let bucket: Int64
    private(set) var lowest: Int64
    private(set) var highest: Int64
    private(set) var keyCount: Int
    private(set) var bits: [UInt8]

    /// With 28,672 bits and seven probes, one search in 200 matches a full filter by chance.
    static let keyCountMax = 2560
    private static let byteCount = 3584
    private static let probeCount: UInt64 = 7

    /// For a message (or refusal) with this many keys. A message with more keys than a filter takes gets a larger one for itself.
    init(day: Int32, bucket: Int64, firstMessage: MessageID, keyCount: Int) {
        self.day = day
        self.bucket = bucket
        lowest = firstMessage.value
        highest = firstMessage.value
        self.keyCount = 0
        let size = keyCount <= TraceFilter.keyCountMax ? TraceFilter.byteCount : keyCount + keyCount / 2
        bits = [UInt8](repeating: 0, count: size)
    }

    /// For so many keys and no more.
    init(day: Int32, bucket: Int64, of messages: ClosedRange<MessageID>, keys: [TraceKey]) {
        self.day = day
        self.bucket = bucket
        lowest = messages.lowerBound.value
        highest = messages.upperBound.value
        keyCount = 0
        bits = [UInt8](repeating: 0, count: max(8, keys.count + keys.count / 2))
        for key in keys { insert(key) }
    }

    /// As the store kept it.
    init(day: Int32, bucket: Int64, lowest: Int64, highest: Int64, keyCount: Int, bits: [UInt8]) {
        self.day = day
        self.bucket = bucket
        self.lowest = lowest
        self.highest = highest
        self.keyCount = keyCount
        self.bits = bits
    }

    func hasRoom(for keyCount: Int, of message: MessageID) -> Bool {
        message.day == day && self.keyCount + keyCount <= TraceFilter.keyCountMax && bits.count == TraceFilter.byteCount
    }

    mutating func widen(to message: MessageID) {
        lowest = min(lowest, message.value)
        highest = max(highest, message.value)
    }

    mutating func insert(_ key: TraceKey) {
        keyCount += 1
        bits.withUnsafeMutableBytes { bytes in
            key.forEachProbe(bitCount: bytes.count * 8, probeCount: TraceFilter.probeCount) { bytes[$0 >> 3] |= 1 << UInt8($0 & 7) }
        }
    }

    static func mayContain(_ key: TraceKey, in bits: UnsafeRawBufferPointer) -> Bool {
        guard !bits.isEmpty else { return true }
        var isThere = true
        key.forEachProbe(bitCount: bits.count * 8, probeCount: probeCount) { position in
            if bits[position >> 3] & (1 << UInt8(position & 7)) == 0 { isThere = false }
        }
        return isThere
    }
}

/// A stable hash of a sender, recipient or Message-ID, without case. Stored in filters: never change what it yields.
struct TraceKey: Hashable, Sendable {
    let hash: UInt64

    /// An account, a connector, or a reverse-path.
    static func sender(_ text: String) -> TraceKey { TraceKey(kind: 1, text) }
    static func recipient(_ text: String) -> TraceKey { TraceKey(kind: 2, text) }
    static func headerMessageID(_ text: String) -> TraceKey { TraceKey(kind: 3, text) }

    private init(kind: UInt64, _ text: String) {
        var value = TraceKey.fold(kind: kind, text.utf8)
        if value == nil { value = TraceKey.fold(kind: kind, text.lowercased().utf8, allowsNonASCII: true) }
        // The finisher of MurmurHash3: FNV alone mixes the last octets badly into the high bits.
        var mixed = value ?? 0
        mixed = (mixed ^ mixed >> 33) &* 0xFF51_AFD7_ED55_8CCD
        mixed = (mixed ^ mixed >> 33) &* 0xC4CE_B9FE_1A85_EC53
        hash = mixed ^ mixed >> 33
    }

    /// FNV-1a over lower-case octets; nil where the text needs more than ASCII folding.
    private static func fold(kind: UInt64, _ bytes: String.UTF8View, allowsNonASCII: Bool = false) -> UInt64? {
        var value: UInt64 = 0xCBF2_9CE4_8422_2325 ^ kind
        for byte in bytes {
            if byte >= 0x80, !allowsNonASCII { return nil }
            value = (value ^ UInt64(byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte)) &* 0x100_0000_01B3
        }
        return value
    }

    fileprivate func forEachProbe(bitCount: Int, probeCount: UInt64, _ body: (Int) -> Void) {
        let stride = hash >> 32 | 1
        for probe in 0..<probeCount {
            let point = (hash &+ probe &* stride) & 0xFFFF_FFFF
            body(Int((point &* UInt64(bitCount)) >> 32))
        }
    }
}
