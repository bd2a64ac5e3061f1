package import MailModel
package import OutboundPolicy

/// Of the connections to a destination that all nodes together may have, those that this node wants.
package struct ShapingShare: Hashable, Sendable {
    package var meter: String
    /// In all, not in addition.
    package var wanted: Int
    package var limit: Int
    package var owner: Int64
}

/// What the shell asks the store for; answered by `ShapingAnswer`.
package enum ShapingOrder: Hashable, Sendable {
    /// Answered by `counted`.
    case count(ShapingCall)
    /// Answered by `shared`.
    case share(ShapingShare)
    /// Call again then: something that waits may go on.
    case wake(Timestamp)
    /// Write down that something waits, so that every node knows.
    case hold(DeliveryHold)
    /// Write down what a warm-up has come to; where the store has another version by now, do it again with that.
    case warmUp(WarmUpChange)
}

package enum ShapingAnswer: Hashable, Sendable {
    /// `granted`: nil where the store gave no answer. `freeAt`: when there may be more.
    case counted(ShapingCall, granted: Int?, freeAt: Timestamp?)
    case shared(ShapingShare, granted: Int?)
}

/// How things are counted at this moment.
struct MeterConditions: Sendable {
    var owner: Int64
    /// Nodes that live and use the same store, this one included.
    var nodes = 1
    var isShared = false
    /// Of each window's amount, kept for transactional mail: 0…0.9.
    var transactionalShare = 0.1
    var day = OrganisationDay.utc
}

/// What one policy counts in one place.
struct Meter: Sendable {
    let name: String
    let policy: ShapingPolicy
    private(set) var connections = 0
    private var share = 0
    private var isAskingShare = false
    private var shareFreeAt = Timestamp(milliseconds: 0)
    private var lastOpened = Timestamp(milliseconds: 0)
    private var rates: [MeterRate]

    init(_ name: String, _ policy: ShapingPolicy, _ conditions: MeterConditions, notBefore: Timestamp?) {
        self.name = name
        self.policy = policy
        rates = policy.limits.rates.map { MeterRate($0, meter: name, conditions, notBefore: notBefore) }
    }

    private func wait(_ what: String, until: Timestamp) -> ShapingWait {
        ShapingWait(reason: "shaping policy \(policy.name): \(what)", until: until)
    }

    // MARK: - Messages

    /// What keeps a message of so many recipients back; nil where it may begin. Asks for portions that are used up.
    mutating func wait(
        _ lane: TrafficLane, recipients: Int, at now: Timestamp, _ conditions: MeterConditions, _ orders: inout [ShapingOrder]
    ) -> ShapingWait? {
        var longest: ShapingWait?
        let open = SendingHours.opening(of: policy.limits.hours, at: now, in: conditions.day)
        if open > now { longest = wait("only \(policy.limits.hours.map(\.description).joined(separator: "; "))", until: open) }
        for index in rates.indices where rates[index].rate.unit != .connections {
            let until = rates[index].wait(lane, rates[index].count(recipients), at: now, conditions, &orders)
            if until > now { longest = ShapingWait.later(longest, wait(rates[index].rate.description, until: until)) }
        }
        return longest
    }

    mutating func begin(_ lane: TrafficLane, recipients: Int, at now: Timestamp) {
        for index in rates.indices where rates[index].rate.unit != .connections {
            rates[index].take(lane, rates[index].count(recipients), at: now)
        }
    }

    // MARK: - Connections

    mutating func waitToOpen(at now: Timestamp, _ conditions: MeterConditions, _ orders: inout [ShapingOrder]) -> ShapingWait? {
        var longest: ShapingWait?
        if let limit = policy.limits.connections {
            if connections >= limit {
                longest = wait("\(limit) connections", until: now + .seconds(1))
            } else if conditions.isShared, connections >= share {
                longest = wait("\(limit) connections of all nodes", until: max(shareFreeAt, now + .seconds(1)))
                if !isAskingShare, shareFreeAt <= now {
                    isAskingShare = true
                    orders.append(.share(ShapingShare(meter: name, wanted: connections + 1, limit: limit, owner: conditions.owner)))
                }
            }
        }
        for index in rates.indices where rates[index].rate.unit == .connections {
            let until = rates[index].wait(.transactional, 1, at: now, conditions, &orders)
            if until > now { longest = ShapingWait.later(longest, wait("new \(rates[index].rate)", until: until)) }
        }
        return longest
    }

    mutating func opened(at now: Timestamp) {
        connections += 1
        lastOpened = now
        for index in rates.indices where rates[index].rate.unit == .connections { rates[index].take(.transactional, 1, at: now) }
    }

    mutating func closed() { connections = max(0, connections - 1) }

    /// After the policy was changed: the connections are still there.
    mutating func has(connections: Int) { self.connections = connections }

    // MARK: - The store

    mutating func answered(_ call: ShapingCall, granted: Int?, freeAt: Timestamp?, at now: Timestamp) {
        for index in rates.indices where rates[index].answered(call, granted: granted, freeAt: freeAt, at: now) { return }
    }

    mutating func answered(_ call: ShapingShare, granted: Int?, at now: Timestamp) {
        isAskingShare = false
        share = granted ?? share
        shareFreeAt = (granted ?? 0) < call.wanted ? now + .seconds(2) : now
    }

    /// Portions and shares that are not needed go back.
    mutating func settle(isLast: Bool = false, at now: Timestamp, _ conditions: MeterConditions, _ orders: inout [ShapingOrder]) {
        for index in rates.indices { rates[index].settle(owner: conditions.owner, isLast: isLast, at: now, &orders) }
        if conditions.isShared, !isAskingShare, share > connections, lastOpened + .seconds(5) <= now, let limit = policy.limits.connections
        {
            isAskingShare = true
            share = connections
            orders.append(.share(ShapingShare(meter: name, wanted: connections, limit: limit, owner: conditions.owner)))
        }
    }

    mutating func conditionsChanged(_ conditions: MeterConditions, at now: Timestamp) {
        for index in rates.indices { rates[index].conditionsChanged(conditions, at: now) }
    }

    /// The run is another one.
    mutating func lost() {
        share = 0
        isAskingShare = false
        for index in rates.indices { rates[index].lost() }
    }

    /// What a message has to itself at least, in milliseconds: for guesses of when mail that waits may go.
    var spacingMilliseconds: Int64 {
        rates.filter { $0.rate.unit == .messages }.map { $0.rate.period.milliseconds / Int64($0.rate.amount) }.max() ?? 0
    }

    func isIdle(at now: Timestamp) -> Bool { connections == 0 && share == 0 && !isAskingShare && rates.allSatisfy { $0.isIdle(at: now) } }
}
