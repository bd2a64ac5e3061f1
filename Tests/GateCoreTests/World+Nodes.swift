import DeliveryPlanning
import GateCore
import MailModel

/// The lease of the node's run in the store, and a second node that takes over when it lapses.
extension World {
    struct Lease {
        static let length = Duration.seconds(30)

        /// By the database's clock.
        var until = SteadyTime(milliseconds: 0) + length
        /// True once another node took over what the run held.
        var isGone = false
        var askedAt = SteadyTime(milliseconds: 0)
        var losses = 0
        /// Recipients that were in flight, or whose outcome was not on disk, when the lease was lost: they alone may arrive twice.
        var uncertain = 0
        /// Outcomes that came when another node held the recipient or had settled it.
        var lateOutcomes = 0

        mutating func begins(at time: SteadyTime) {
            until = time + Lease.length
            isGone = false
            askedAt = time
        }
    }

    static let otherNode: Int64 = 1_000_000

    /// As the shell does it: each third of the lease, one at a time.
    mutating func askForRenewal() {
        guard steady - lease.askedAt >= .seconds(10), !works.contains(where: { if case .renew = $0 { true } else { false } }) else {
            return
        }
        lease.askedAt = steady
        works.append(.renew(askedAt: steady))
    }

    /// The renewal comes to the store. A run that was taken over begins anew under the next name.
    mutating func renew(askedAt: SteadyTime) {
        let isGone = lease.isGone
        lease.begins(at: steady)
        guard isGone else { return event(.leaseRenewed(until: askedAt + Lease.length)) }
        incarnation += 1
        let run = GateRun(owner: incarnation, node: UInt8(incarnation & 0xFF), leaseUntil: askedAt + Lease.length)
        event(.leaseLost(run, newestMessage: records.keys.max()))
    }

    // MARK: - The other node

    /// Gives back what the run held, once its lease has lapsed, and what runs hold that nobody knows.
    mutating func otherNodeTakesOver() {
        if steady >= lease.until, !lease.isGone {
            lease.isGone = true
            lease.losses += 1
            for id in uncertainRecipients where rows[id]?.owner == incarnation {
                rows[id]?.wasUncertain = true
                lease.uncertain += 1
            }
        }
        for (id, row) in rows where row.owner != World.otherNode && row.owner != 0 && (row.owner != incarnation || lease.isGone) {
            giveBack(id)
        }
    }

    /// In flight, or taken by the receiver with an outcome that is not on disk.
    private var uncertainRecipients: [RecipientID] {
        var ids: [RecipientID] = []
        for order in attempting {
            ids += order.recipients.map { RecipientID(tenant: order.record.tenant, message: order.record.id, index: $0.index) }
        }
        for work in works {
            guard case .settle(let order, _) = work else { continue }
            ids += order.settlement.outcomes.map {
                RecipientID(tenant: order.settlement.tenant, message: order.settlement.message, index: $0.index)
            }
        }
        return ids
    }

    mutating func otherNodeClaims() {
        let free = rows.filter { $0.value.owner == 0 && $0.value.recipient.state == .queued && $0.value.recipient.dueAt <= now }
        for id in free.keys.sorted().prefix(5) {
            rows[id]?.owner = World.otherNode
            rows[id]?.waitsFor = 0
        }
    }

    /// It delivers, defers or gives back one of the recipients that it holds.
    mutating func otherNodeSettles() {
        guard let id = rows.filter({ $0.value.owner == World.otherNode }).keys.sorted().randomElement(using: &random) else { return }
        switch Int.random(in: 0..<3, using: &random) {
        case 0:
            rows[id]?.recipient.state = .delivered
            rows[id]?.wish = nil
            arrived(id)
        case 1:
            rows[id]?.recipient.attempts += 1
            rows[id]?.recipient.dueAt = now + .seconds(900)
        default: break
        }
        giveBack(id)
    }

    /// It gives everything back, as a clean stop does.
    mutating func otherNodeStops() {
        for (id, row) in rows where row.owner == World.otherNode { giveBack(id) }
    }
}
