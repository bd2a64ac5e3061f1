import OutboundPolicy

/// The sessions of one loop that wait for a scan.
struct WaitingScans {
    private struct Waiting {
        var since: ContinuousClock.Instant
        var completion: (ScanOutcome) -> Void
    }

    private var lastTicket: Int64 = 0
    private var waiting: [Int64: Waiting] = [:]

    mutating func keep(_ completion: @escaping (ScanOutcome) -> Void) -> Int64 {
        lastTicket += 1
        waiting[lastTicket] = Waiting(since: .now, completion: completion)
        return lastTicket
    }

    /// Nil where it does not wait any more.
    mutating func take(_ ticket: Int64) -> ((ScanOutcome) -> Void)? { waiting.removeValue(forKey: ticket)?.completion }

    mutating func takeAll(since: ContinuousClock.Instant) -> [(ScanOutcome) -> Void] {
        let late = waiting.filter { $0.value.since < since }
        for ticket in late.keys { waiting[ticket] = nil }
        return late.sorted { $0.key < $1.key }.map(\.value.completion)
    }
}
