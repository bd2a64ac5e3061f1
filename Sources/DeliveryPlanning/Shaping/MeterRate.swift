import MailModel
import OutboundPolicy

/// One rate of a meter: spaced in memory, and over a minute or more counted by the store.
struct MeterRate: Sendable {
    let rate: ShapingRate
    private var spacing: Spacing?
    /// Of everything; nil for windows of a second.
    private var all: Portion?
    /// Of everything but transactional mail, which has a share of the window to itself.
    private var others: Portion?

    init(_ rate: ShapingRate, meter: String, _ conditions: MeterConditions, notBefore: Timestamp?) {
        self.rate = rate
        let milliseconds = rate.period.milliseconds
        let isLong = rate.period != .second
        // A message with its recipients goes at once; the window holds them.
        if !(rate.unit == .recipients && isLong) {
            let shape = ShapingRateShape(amount: rate.amount, burst: rate.burstSize, milliseconds: milliseconds)
            spacing = Spacing(shape, nodes: isLong ? 1 : conditions.nodes, notBefore: notBefore)
        }
        guard isLong else { return }
        func counter(_ suffix: String, _ limit: Int) -> ShapingCounter {
            let name = "shaping/\(meter)/\(rate.unit.rawValue)-per-\(rate.period.rawValue)\(suffix)"
            return ShapingCounter(name: name, window: .milliseconds(milliseconds), limit: limit)
        }
        all = Portion(counter("", rate.amount))
        guard rate.unit != .connections, conditions.transactionalShare > 0 else { return }
        let kept = Int((Double(rate.amount) * conditions.transactionalShare).rounded(.up))
        if rate.amount - kept > 0 { others = Portion(counter("/other", rate.amount - kept)) }
    }

    /// What a message of so many recipients counts here.
    func count(_ recipients: Int) -> Int { rate.unit == .recipients ? recipients : 1 }

    /// `now` where so many may go.
    mutating func wait(
        _ lane: TrafficLane, _ count: Int, at now: Timestamp, _ conditions: MeterConditions, _ orders: inout [ShapingOrder]
    ) -> Timestamp {
        var until = spacing?.freeAt(count, at: now) ?? now
        func look(_ portion: inout Portion?) {
            guard portion != nil else { return }
            if let call = portion?.ask(for: count, owner: conditions.owner, at: now) { orders.append(.count(call)) }
            if let time = portion?.wait(for: count, at: now) { until = max(until, time) }
        }
        look(&all)
        if lane != .transactional { look(&others) }
        return until
    }

    mutating func take(_ lane: TrafficLane, _ count: Int, at now: Timestamp) {
        spacing?.take(count, at: now)
        all?.take(count, at: now)
        if lane != .transactional { others?.take(count, at: now) }
    }

    /// False where the call was not for this rate.
    mutating func answered(_ call: ShapingCall, granted: Int?, freeAt: Timestamp?, at now: Timestamp) -> Bool {
        if all?.counter == call.counter {
            all?.answered(call, granted: granted, freeAt: freeAt, at: now)
            return true
        }
        guard others?.counter == call.counter else { return false }
        others?.answered(call, granted: granted, freeAt: freeAt, at: now)
        return true
    }

    /// There are more or fewer nodes: each has another part of a second.
    mutating func conditionsChanged(_ conditions: MeterConditions, at now: Timestamp) {
        guard rate.period == .second else { return }
        let shape = ShapingRateShape(amount: rate.amount, burst: rate.burstSize, milliseconds: rate.period.milliseconds)
        spacing = Spacing(shape, nodes: conditions.nodes, notBefore: now)
    }

    mutating func settle(owner: Int64, isLast: Bool, at now: Timestamp, _ orders: inout [ShapingOrder]) {
        if let call = all?.settle(owner: owner, isLast: isLast, at: now) { orders.append(.count(call)) }
        if let call = others?.settle(owner: owner, isLast: isLast, at: now) { orders.append(.count(call)) }
    }

    mutating func lost() {
        all?.lost()
        others?.lost()
    }

    func isIdle(at now: Timestamp) -> Bool {
        (spacing?.isIdle(at: now) ?? true) && (all?.isUnused ?? true) && (others?.isUnused ?? true)
    }
}
