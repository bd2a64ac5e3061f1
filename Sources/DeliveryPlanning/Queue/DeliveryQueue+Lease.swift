package import MailModel

// The run in whose name the store holds what is in memory: other nodes may take over what it holds once its lease has lapsed.
extension DeliveryQueue {
    /// It is not known that the lease holds: nothing begins and nothing is claimed. What is in flight goes on, and is settled.
    package mutating func suspended() { isSuspended = true }

    /// The lease holds again, and nobody took anything over meanwhile: what waited goes on.
    package mutating func resumed(at now: Timestamp) -> [QueueAction] {
        guard isSuspended else { return [] }
        isSuspended = false
        return serveAll(at: now)
    }

    /// What waits goes on.
    mutating func serveAll(at now: Timestamp) -> [QueueAction] {
        guard mayBegin else { return [] }
        var actions: [QueueAction] = []
        let waiting = sites.filter { !$0.value.ready.isEmpty }.keys.sorted {
            ($0.route, $0.site, $0.source) < ($1.route, $1.site, $1.source)
        }
        for (index, key) in waiting.enumerated() { actions += serve(key, lane: Lane(index), at: now) }
        return actions + serveStarving(at: now) + claimIfRoom(at: now)
    }

    /// Another node took over what the run held, and this one goes on as a new run. What was not in flight is forgotten: it is in the store,
    /// and perhaps another node's by now. What is in flight ends, and is settled in the name of the run that began it.
    package mutating func leaseLost(newOwner: Int64, at now: Timestamp) -> [QueueAction] {
        owner = newOwner
        shaping.lost(owner: newOwner)
        let released = releaseProbes()
        forgetWaiting()
        scheduled.becameDue(at: Timestamp(milliseconds: 0))
        for key in sites.keys { dropIfUnused(key) }
        return released + claimIfRoom(at: now)
    }

    private mutating func forgetWaiting() {
        for id in messages.keys.sorted() {
            let waiting = messages[id]?.recipients.filter { !$0.isInFlight }.map(\.record.index) ?? []
            _ = unlease(id, waiting)
        }
        forgetPlaces()
    }

    /// Empties the lists of what waits, whose members are no longer in memory.
    mutating func forgetPlaces() {
        resolving = resolving.mapValues { _ in [] }
        for key in sites.keys { _ = sites[key]?.ready.takeAll() }
    }

    /// Returns recipients that came in the name of a run that is over; of no effect on what another run has taken.
    mutating func giveBackForeign(_ ids: [RecipientID], owner: Int64, dueAt: Timestamp) -> [QueueAction] {
        guard !ids.isEmpty else { return [] }
        unsettledCount += ids.count
        scheduled.becameDue(at: dueAt)
        return [.giveBack(ids, dueAt: dueAt, owner: owner, waitsFor: 0)]
    }
}
