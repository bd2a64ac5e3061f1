/// What must come to the store however often that takes, each piece under a ticket.
struct UnstoredWork<Kept: Sendable>: Sendable {
    private var lastTicket: Int64 = 0
    private var kept: [Int64: Kept] = [:]
    /// Those that the store would not take; tried again at the next tick.
    private var waiting: [Int64] = []
    /// Since the last one that it took.
    private var isFailing = false

    /// Pieces that are not on disk yet.
    var count: Int { kept.count }

    mutating func keep(_ piece: Kept) -> Int64 {
        lastTicket += 1
        kept[lastTicket] = piece
        return lastTicket
    }

    subscript(ticket: Int64) -> Kept? { kept[ticket] }

    /// The store has it.
    mutating func stored(_ ticket: Int64) -> Kept? {
        isFailing = false
        return kept.removeValue(forKey: ticket)
    }

    /// It is not to be tried again.
    mutating func drop(_ ticket: Int64) { kept[ticket] = nil }

    /// The store had no room for it.
    mutating func refused(_ ticket: Int64) { waiting.append(ticket) }

    /// True where it is the first failure since the last success: then there is something to say.
    mutating func failed(_ ticket: Int64) -> Bool {
        defer { isFailing = true }
        waiting.append(ticket)
        return !isFailing
    }

    /// Those to be tried again now.
    mutating func takeWaiting() -> [(ticket: Int64, piece: Kept)] {
        defer { waiting = [] }
        return waiting.compactMap { ticket in kept[ticket].map { (ticket, $0) } }
    }
}
