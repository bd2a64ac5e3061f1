/// What a node remembers of what the store holds: how much each holder used, and whom it is known to write to.
///
/// Bounded: of two halves the older is forgotten when the younger is full, so what was asked for lately stays. What is not here is no
/// reason to refuse; the store knows better.
package struct UsageMemory: Sendable {
    package struct Entry: Sendable {
        package var usage = SenderUsage()
        /// Recipients that the store's history has; not all of them.
        package var known: Set<RecipientMark> = []
    }

    private var young: [UsageHolder: Entry] = [:]
    private var old: [UsageHolder: Entry] = [:]
    private var youngMarks = 0
    private let holdersMax: Int
    private let marksMax: Int

    /// - Parameters:
    ///   - holdersMax: In each half; about 300 octets each.
    ///   - marksMax: In each half, over all holders; about 12 octets each.
    package init(holdersMax: Int = 50_000, marksMax: Int = 2_000_000) {
        self.holdersMax = holdersMax
        self.marksMax = marksMax
    }

    package var count: Int { young.count + old.count }

    /// What is remembered; empty for nothing.
    package subscript(holder: UsageHolder) -> Entry {
        young[holder] ?? old[holder] ?? Entry()
    }

    /// The store's word; nil for a use that is known by now. `marks`: recipients that it knows by now.
    package mutating func learned(_ usage: SenderUsage?, of holder: UsageHolder, known marks: [RecipientMark]) {
        if young[holder] == nil {
            makeRoom()
            let entry = old.removeValue(forKey: holder) ?? Entry()
            youngMarks += entry.known.count
            young[holder] = entry
        }
        guard let place = young.index(forKey: holder) else { return }
        if let usage { young.values[place].usage = usage }
        for mark in marks where young.values[place].known.insert(mark).inserted { youngMarks += 1 }
    }

    private mutating func makeRoom() {
        guard young.count >= holdersMax || youngMarks >= marksMax else { return }
        old = young
        young = [:]
        youngMarks = 0
    }
}
