import MailModel

/// The filter that new messages fall into, and those that a commit has filled.
struct TraceWriter: Sendable {
    private var current: TraceFilter?
    private var full: [TraceFilter] = []
    private var isChanged = false
    private var lastBucket: Int64

    /// `newest`: the filter to go on with; nil in an empty store.
    init(newest: TraceFilter?) {
        current = newest
        lastBucket = newest?.bucket ?? 0
    }

    mutating func add(_ message: MessageID, _ keys: [TraceKey]) {
        if current?.hasRoom(for: keys.count, of: message) != true {
            if isChanged, let current { full.append(current) }
            lastBucket = max(lastBucket + 1, message.value)
            current = TraceFilter(day: message.day, bucket: lastBucket, firstMessage: message, keyCount: keys.count)
        }
        current?.widen(to: message)
        for key in keys { current?.insert(key) }
        isChanged = true
    }

    /// What the commit has to write; afterwards nothing is changed any more.
    mutating func takeChanged() -> [TraceFilter] {
        defer {
            full = []
            isChanged = false
        }
        guard isChanged, let current else { return full }
        return full + [current]
    }
}
