import MailModel

/// Something that all nodes count together over a window of a minute or more, as the store counts it.
package struct ShapingCounter: Hashable, Sendable {
    /// Unique for what is counted and its window.
    package var name: String
    package var window: Duration
    /// In any window.
    package var limit: Int
}

/// To be asked of the store: what was used since the last time, and the next portion. Everything of an earlier portion goes back with it.
package struct ShapingCall: Hashable, Sendable {
    package var counter: ShapingCounter
    package var used: Int
    package var wanted: Int
    package var owner: Int64
}

/// This node's portion of a window.
struct Portion: Hashable, Sendable {
    let counter: ShapingCounter
    private(set) var left = 0
    private(set) var used = 0
    private var lastTaken = Timestamp(milliseconds: 0)
    private(set) var isAsking = false
    /// The store had nothing to give before then.
    private var freeAt: Timestamp?

    init(_ counter: ShapingCounter) { self.counter = counter }

    /// What is taken back unused after so long, and what was used is settled.
    private static let rest = Duration.seconds(2)
    private static let retry = Duration.seconds(1)

    /// Nil: `count` may be taken. Otherwise when to look again.
    func wait(for count: Int, at now: Timestamp) -> Timestamp? {
        if left >= count, !isAsking { return nil }
        return max(freeAt ?? now + Portion.retry, now + .milliseconds(1))
    }

    /// The next call for `count`; nil where one is under way, or it is too early.
    mutating func ask(for count: Int, owner: Int64, at now: Timestamp) -> ShapingCall? {
        guard left < count, !isAsking, freeAt.map({ $0 <= now }) ?? true else { return nil }
        return call(wanted: max(count, min(1000, counter.limit / 60)), owner: owner)
    }

    /// What is not needed at this moment goes back. `isLast`: at once, since nothing will be counted here any more.
    mutating func settle(owner: Int64, isLast: Bool = false, at now: Timestamp) -> ShapingCall? {
        guard used > 0 || left > 0, isLast || !isAsking && (lastTaken + Portion.rest <= now || lastTaken > now) else { return nil }
        return call(wanted: 0, owner: owner)
    }

    private mutating func call(wanted: Int, owner: Int64) -> ShapingCall {
        let call = ShapingCall(counter: counter, used: used, wanted: wanted, owner: owner)
        (used, left, isAsking, freeAt) = (0, 0, true, nil)
        return call
    }

    mutating func take(_ count: Int, at now: Timestamp) {
        left -= count
        used += count
        lastTaken = now
    }

    /// The store's answer. `granted`: nil where it gave none, and has not counted what was used either.
    mutating func answered(_ call: ShapingCall, granted: Int?, freeAt next: Timestamp?, at now: Timestamp) {
        isAsking = false
        lastTaken = now
        guard let granted else {
            used += call.used
            freeAt = now + Portion.retry
            return
        }
        left = granted
        freeAt = granted < call.wanted ? min(max(next ?? now + Portion.retry, now + .milliseconds(100)), now + .seconds(60)) : nil
    }

    /// Nothing of it is left to be settled.
    var isUnused: Bool { used == 0 && left == 0 && !isAsking }

    /// The run is another by now: the store has taken the portion of the former one for used.
    mutating func lost() { self = Portion(counter) }
}
