package import MailModel

/// A warm-up day by day: what was, and what is to come if mail leaves on each day and nobody complains.
package struct WarmUpCalendar: Hashable, Sendable {
    package enum State: String, Codable, CaseIterable, Hashable, Sendable {
        /// Mail left, or something happened.
        case past
        /// Nothing left.
        case unused
        case today
        case paused
        case coming
        /// There is no cap any more.
        case warm
    }

    package struct Entry: Hashable, Sendable {
        /// Since 1970 (UTC).
        package var day: Int64
        package var state: State
        /// Messages; nil where there is no cap, or it is not known any more.
        package var cap: Int?
        /// Messages that left; nil for a day to come.
        package var sent: Int?
        /// Pauses and set-backs with their reasons.
        package var texts: [String]
    }

    package var entries: [Entry]

    private static let pastMax: Int64 = 28
    private static let comingMax: Int64 = 70

    /// `sent`: messages that left, by day.
    package init(_ warmUp: WarmUp, sent: [Int64: Int], at now: Timestamp) {
        let today = WarmUp.day(of: now)
        let known = Dictionary((warmUp.past ?? []).map { ($0.day, $0) }, uniquingKeysWith: { _, last in last })
        let first = min(today, max(WarmUp.day(of: warmUp.createdAt), today - WarmUpCalendar.pastMax))
        entries = (first..<today).map { day in
            let state = known[day] == nil && sent[day] == nil ? State.unused : .past
            return Entry(day: day, state: state, cap: known[day]?.cap, sent: sent[day] ?? 0, texts: known[day]?.texts ?? [])
        }
        entries.append(
            Entry(day: today, state: .today, cap: warmUp.cap(at: now), sent: sent[today] ?? 0, texts: known[today]?.texts ?? []))
        entries += WarmUpCalendar.coming(warmUp, after: today, at: now)
    }

    /// Up to the first day without a cap.
    private static func coming(_ warmUp: WarmUp, after today: Int64, at now: Timestamp) -> [Entry] {
        var warmUp = warmUp
        if !warmUp.isPaused(at: now) { _ = warmUp.used(at: now) }
        var entries: [Entry] = []
        guard !warmUp.isWarm(at: now) else { return [] }
        for day in today + 1...today + comingMax {
            let begin = Timestamp(seconds: day * 86_400)
            let last = begin + .seconds(86_399)
            guard !warmUp.isPaused(at: last) else {
                entries.append(Entry(day: day, state: .paused, cap: nil, sent: nil, texts: []))
                continue
            }
            _ = warmUp.used(at: last)
            let cap = warmUp.cap(at: last)
            entries.append(Entry(day: day, state: cap == nil ? .warm : .coming, cap: cap, sent: nil, texts: []))
            if cap == nil { break }
        }
        return entries
    }
}
