import MailModel

/// A word, or a name beside the words, that a message must have.
struct TraceTerm: Hashable {
    var word: String
    /// True where the word may go on.
    var isBeginning = false
}

/// The messages that have words, by the index that the digests keep.
struct TraceWordIndex<Connection: StoreConnection> {
    private let connection: Connection
    private let words: Connection.Statement
    private let days: Connection.Statement

    /// Rows and messages of one word on one day that are read; one that has more says too little.
    private static var rowsMax: Int { 20_000 }
    private static var messagesMax: Int { 500_000 }

    init(_ connection: Connection) throws {
        self.connection = connection
        words = try connection.prepareLong(DigestStatements.wordsOfDay)
        days = try connection.prepare(DigestStatements.segmentDays)
    }

    func newestDay(upTo day: Int32) throws -> Int32? {
        days.begin().bind(Int64(day) + 1)
        defer { days.end() }
        guard try days.step(), let found = days.readOptionalInt64() else { return nil }
        return Int32(clamping: found)
    }

    /// Newest first: those that have one term of each group. Nil where all groups are too common. More than have them in one row.
    func messages(onDay day: Int32, havingAll groups: [[TraceTerm]], from low: MessageID, to high: MessageID) throws -> [MessageID]? {
        var found: Set<MessageID>?
        // Long words are rare.
        for group in groups.sorted(by: { TraceWordIndex.length($0) > TraceWordIndex.length($1) }) {
            if let found, found.isEmpty { return [] }
            guard let next = try messages(onDay: day, havingOneOf: group, from: low, to: high) else { continue }
            found = found?.intersection(next) ?? next
        }
        return found?.sorted(by: >)
    }

    private static func length(_ group: [TraceTerm]) -> Int { group.map(\.word.utf8.count).min() ?? 0 }

    private func messages(
        onDay day: Int32, havingOneOf group: [TraceTerm], from low: MessageID, to high: MessageID
    ) throws -> Set<MessageID>? {
        var found: Set<MessageID> = []
        var rows = 0
        defer { words.end() }
        for term in group {
            words.begin().bind(day).bind(term.word).bind(term.isBeginning ? term.word + "\u{10FFFF}" : term.word)
            while try words.step() {
                rows += 1
                TracePostings.read(words.readBytes()) { if low <= $0, $0 <= high { found.insert($0) } }
                if rows > TraceWordIndex.rowsMax || found.count > TraceWordIndex.messagesMax { return nil }
            }
        }
        return found
    }
}
