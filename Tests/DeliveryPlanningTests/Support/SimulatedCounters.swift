import DeliveryPlanning
import MailModel

/// What grants portions of sliding windows.
protocol WindowCounters {
    mutating func answer(_ call: ShapingCall, at now: Timestamp) -> ShapingAnswer
    /// A run is over, and another of the next number begins: what the old one may have used counts as used.
    mutating func end(_ owner: Int64, windows: [String: Duration], at now: Timestamp)
}

/// The store's sliding windows, kept as the store keeps them: sums over a sixtieth of the window, and portions that runs hold.
struct SimulatedCounters: WindowCounters {
    private struct Counter {
        var sums: [Int64: Int] = [:]
        var portions: [Int64: Int] = [:]
    }

    private var counters: [String: Counter] = [:]
    private(set) var calls = 0

    mutating func answer(_ call: ShapingCall, at now: Timestamp) -> ShapingAnswer {
        calls += 1
        let window = call.counter.window.milliseconds
        let length = max(1000, window / 60)
        var counter = counters[call.counter.name, default: Counter()]
        counter.portions[call.owner] = nil
        let bucket = now.milliseconds / length
        if call.used > 0 { counter.sums[bucket, default: 0] += call.used }
        let oldest = (now.milliseconds - window) / length
        counter.sums = counter.sums.filter { $0.key >= oldest }
        let used = counter.sums.values.reduce(0, +) + counter.portions.values.reduce(0, +)
        let granted = max(0, min(call.wanted, call.counter.limit - used))
        if granted > 0 { counter.portions[call.owner] = granted }
        counters[call.counter.name] = counter
        let next = counter.sums.keys.min().map { Timestamp(milliseconds: ($0 + 1) * length + window) }
        return .counted(call, granted: granted, freeAt: next)
    }

    /// What a run that is over may have used counts as used.
    mutating func end(_ owner: Int64, windows: [String: Duration], at now: Timestamp) {
        for name in counters.keys {
            guard let portion = counters[name]?.portions.removeValue(forKey: owner), let window = windows[name] else { continue }
            counters[name]?.sums[now.milliseconds / max(1000, window.milliseconds / 60), default: 0] += portion
        }
    }
}

/// The smallest first.
struct SimulatedHeap<Element> {
    private var items: [(at: Int64, turn: Int64, element: Element)] = []
    private var turn: Int64 = 0
    var isEmpty: Bool { items.isEmpty }
    var count: Int { items.count }
    var first: Timestamp? { items.first.map { Timestamp(milliseconds: $0.at) } }

    mutating func put(_ element: Element, at time: Timestamp) {
        turn += 1
        items.append((time.milliseconds, turn, element))
        var child = items.count - 1
        while child > 0, isBefore(child, (child - 1) / 2) {
            items.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func take() -> (at: Timestamp, element: Element)? {
        guard let top = items.first else { return nil }
        let last = items.removeLast()
        if !items.isEmpty {
            items[0] = last
            var parent = 0
            while true {
                let (left, right) = (2 * parent + 1, 2 * parent + 2)
                var least = parent
                if left < items.count, isBefore(left, least) { least = left }
                if right < items.count, isBefore(right, least) { least = right }
                if least == parent { break }
                items.swapAt(parent, least)
                parent = least
            }
        }
        return (Timestamp(milliseconds: top.at), top.element)
    }

    private func isBefore(_ one: Int, _ other: Int) -> Bool { (items[one].at, items[one].turn) < (items[other].at, items[other].turn) }
}
