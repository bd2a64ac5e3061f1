import DeliveryPlanning
package import MailModel
import OutboundPolicy

/// A run as the store has registered it: what it may do, and for how long without another word from the store.
package struct GateRun: Hashable, Sendable {
    /// Unique for each start of each node; never 0.
    package var owner: Int64
    /// 0…255, unique among the runs that live.
    package var node: UInt8
    /// From then on others may take over what it holds; `distantFuture` where nobody else uses the store.
    package var leaseUntil: SteadyTime

    package init(owner: Int64, node: UInt8, leaseUntil: SteadyTime) {
        precondition(owner != 0)
        self.owner = owner
        self.node = node
        self.leaseUntil = leaseUntil
    }
}

// Whether this node may act at all: only while it knows that nobody else can have taken over what it holds.
extension GateCore {
    /// The steady clock's time, to be told before each question and event: a lease that lapsed meanwhile stops everything that would begin.
    package mutating func steadyTimeIs(_ now: SteadyTime) {
        steadyNow = max(steadyNow, now)
        if !holdsLease { queue.suspended() }
    }

    /// False from a margin before the lease lapses until it is renewed.
    package var holdsLease: Bool { steadyNow < actsUntil }

    /// The store has renewed the lease. `until` counts from when that was asked for, not from when the answer came.
    mutating func leaseRenewed(until: SteadyTime, at now: Timestamp) -> [QueueAction] {
        run.leaseUntil = max(run.leaseUntil, until)
        return holdsLease ? queue.resumed(at: now) : []
    }

    /// The lease was over, and what this run held may be another node's; the store has registered a new run.
    mutating func leaseLost(_ new: GateRun, newestMessage: MessageID?, at now: Timestamp) -> [QueueAction] {
        run = new
        sessions.lost()
        identifiers.becomeNode(new.node, notBefore: newestMessage)
        if !holdsLease { queue.suspended() }
        let actions = queue.leaseLost(newOwner: new.owner, at: now)
        return holdsLease ? actions + queue.resumed(at: now) : actions
    }
}
