package import MailModel

/// How much happened in the last `window`, to the millisecond.
///
/// Each addition is kept until it leaves the window. Past `entriesMax` of them neighbours are joined, at the later one's time: what is said
/// then is never too low.
package struct SlidingCount: Sendable, Hashable {
    private struct Entry: Hashable {
        var time: Int64
        var amount: Int
    }

    package static let entriesMax = 20_000

    package let window: Duration
    private var entries: [Entry] = []
    private var head = 0
    private var total = 0

    package init(window: Duration) { self.window = window }

    /// An entry of `window` ago is out.
    package mutating func sum(at now: Timestamp) -> Int {
        let border = now.milliseconds - window.milliseconds
        while head < entries.count, entries[head].time <= border {
            total -= entries[head].amount
            head += 1
        }
        if head > 1024, head * 2 > entries.count {
            entries.removeFirst(head)
            head = 0
        }
        return total
    }

    package mutating func add(_ amount: Int, at now: Timestamp) {
        guard amount > 0 else { return }
        total += amount
        if let last = entries.indices.last, last >= head, entries[last].time == now.milliseconds {
            entries[last].amount += amount
            return
        }
        entries.append(Entry(time: now.milliseconds, amount: amount))
        if entries.count - head > SlidingCount.entriesMax { join() }
    }

    /// When `amount` more fit below or at `limit`; nil where they never do.
    package mutating func free(for amount: Int, limit: Int, at now: Timestamp) -> Timestamp? {
        guard amount <= limit else { return nil }
        var rest = sum(at: now)
        var index = head
        while rest + amount > limit, index < entries.count {
            rest -= entries[index].amount
            index += 1
        }
        return index == head ? now : Timestamp(milliseconds: entries[index - 1].time) + window
    }

    package mutating func reset() {
        entries = []
        head = 0
        total = 0
    }

    private mutating func join() {
        var joined: [Entry] = []
        joined.reserveCapacity((entries.count - head) / 2 + 1)
        var index = head
        while index < entries.count {
            var entry = entries[index]
            if index + 1 < entries.count {
                entry.time = entries[index + 1].time
                entry.amount += entries[index + 1].amount
            }
            joined.append(entry)
            index += 2
        }
        entries = joined
        head = 0
    }
}
