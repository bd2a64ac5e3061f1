import MailModel

/// The filter that new messages fall into, and those that a commit has filled.
///
/// Where a row that is changed is written anew as a whole, to write the filter with each commit would cost more than the messages in it. There
/// a commit writes a *part*, a small filter of its own keys, and every now and then the whole filter in place of its parts.
struct TraceWriter: Sendable {
    struct Changes {
        var written: [TraceFilter] = []
        /// Parts that are in the written ones by now.
        var folded: [Place] = []
    }

    struct Place: Sendable {
        var day: Int32
        var bucket: Int64
    }

    private var current: TraceFilter?
    private var isChanged = false
    private var lastBucket: Int64
    private let partsMax: Int
    /// Those of the current filter that stand in the store since it was last written whole.
    private var parts: [Place] = []
    /// What the commit under way has put into the current filter.
    private var keys: [TraceKey] = []
    private var messages: ClosedRange<MessageID>?
    private var changes = Changes()

    /// Keys of a commit from which on the whole filter is little more.
    private static let partKeysMax = 256

    /// - Parameters:
    ///   - newest: The filter to go on with; nil in an empty store.
    ///   - partsMax: How many parts stand for the changes of a filter; 0 to write it whole each time.
    init(newest: TraceFilter?, partsMax: Int) {
        current = newest
        lastBucket = newest?.bucket ?? 0
        self.partsMax = partsMax
    }

    mutating func add(_ message: MessageID, _ keys: [TraceKey]) {
        if current?.hasRoom(for: keys.count, of: message) != true {
            if isChanged || !parts.isEmpty { writeWhole() }
            lastBucket = max(lastBucket + 1, message.value)
            current = TraceFilter(day: message.day, bucket: lastBucket, firstMessage: message, keyCount: keys.count)
        }
        current?.widen(to: message)
        for key in keys { current?.insert(key) }
        isChanged = true
        guard partsMax > 0 else { return }
        self.keys += keys
        messages = messages.map { min($0.lowerBound, message)...max($0.upperBound, message) } ?? message...message
    }

    /// What the commit has to write; afterwards nothing is changed any more.
    mutating func takeChanges() -> Changes {
        if isChanged {
            if parts.count < partsMax, keys.count <= TraceWriter.partKeysMax { writePart() } else { writeWhole() }
        }
        defer { changes = Changes() }
        return changes
    }

    private mutating func writeWhole() {
        if let current { changes.written.append(current) }
        changes.folded += parts
        parts = []
        forgetCommit()
    }

    private mutating func writePart() {
        guard let current, let messages else { return }
        lastBucket = max(lastBucket + 1, messages.lowerBound.value)
        changes.written.append(TraceFilter(day: current.day, bucket: lastBucket, of: messages, keys: keys))
        parts.append(Place(day: current.day, bucket: lastBucket))
        forgetCommit()
    }

    private mutating func forgetCommit() {
        isChanged = false
        keys.removeAll(keepingCapacity: true)
        messages = nil
    }
}
