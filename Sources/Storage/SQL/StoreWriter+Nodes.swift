import DeliveryPlanning
import Foundation
import MailModel

/// Runs of nodes: registered, renewed, taken over, ended. What a run that is over held goes back to the queue with it.
extension StoreWriter {
    /// How long the store remembers a run that is over.
    private static var keptAfterEnd: Duration { .seconds(7 * 86_400) }

    /// `previous`: a run that is known to be over, whatever its lease says. Where one process has the store for itself, all others are.
    func register(_ run: NodeRun, previous: Int64?) throws -> StoreWorkResult {
        guard run.owner != 0 else { throw StoreError.rejected("a run without a name") }
        let now = try connection.clock(run.at)
        if let lock = dialect.lockRuns { try connection.execute(lock) }
        var released = 0
        if !dialect.isShared {
            for other in try StoreReads.runs(connection) where other.endedAt == nil && other.owner != run.owner {
                released += try end(other.owner, as: .replaced, at: now)
            }
        } else if let previous {
            released += try end(previous, as: .replaced, at: now)
        }
        released += try takeOver(at: now).recipients
        try prepare(NodeStatements.forget).bind(run.owner).bind(run.name).bind((now - StoreWriter.keptAfterEnd).milliseconds).send()
        let living = try StoreReads.runs(connection).filter { $0.endedAt == nil }
        if let taken = living.first(where: { $0.node == run.node }) { return .numberTaken(by: taken.name, node: taken.node) }
        let numbers = Set(living.map(\.node))
        guard let node = run.node ?? (1...255).first(where: { !numbers.contains($0) }) else {
            throw StoreError.rejected("all 255 numbers of nodes are taken")
        }
        try prepare(NodeStatements.insert).bind(run.owner).bind(node).bind(run.name).bind(run.version)
            .bind(run.addresses.joined(separator: " ")).bind(run.sources.joined(separator: " ")).bind(now.milliseconds)
            .bind(now.milliseconds).bind((now + run.lease).milliseconds).send()
        try noteRuns()
        return .registered(
            RegisteredRun(
                owner: run.owner, node: node, open: try openRecipients(), released: released,
                newestMessage: try StoreReads.newestMessage(connection)))
    }

    private func openRecipients() throws -> Int {
        let ledger = try StoreReads.ledger(connection)
        let pending = ledgerChanges.totals.filter { $0.key.counter == 0 || $0.key.counter == 1 }.reduce(0) { $0 + $1.value }
        return ledger.queued + ledger.held + Int(pending)
    }

    /// A run that is over by now begins anew as `successor`, in the same commit.
    func renew(_ run: NodeRun, successor: Int64) throws -> StoreWorkResult {
        let now = try connection.clock(run.at)
        let known = try prepare(NodeStatements.sources).bind(run.owner)
        let sources = run.sources.joined(separator: " ")
        let isSame = try known.step() && known.readText() == sources
        known.end()
        if !isSame { try noteRuns() }
        let renewed = try prepare(NodeStatements.renew).bind(run.version).bind(run.addresses.joined(separator: " "))
            .bind(sources).bind(now.milliseconds).bind((now + run.lease).milliseconds).bind(run.owner).run()
        if renewed == 1 { return .renewed }
        var new = run
        new.owner = successor
        return try register(new, previous: nil)
    }

    /// Ends the runs whose leases have lapsed, and gives back what they held, and what is held by runs that nobody knows: works that were
    /// on their way when their run was taken over.
    func takeOver(at now: Timestamp) throws -> (runs: [TakenRun], recipients: Int) {
        let lapsed = try prepare(NodeStatements.endLapsed).bind(now.milliseconds).bind(now.milliseconds)
        var runs: [(owner: Int64, run: TakenRun)] = []
        while try lapsed.step() {
            runs.append((lapsed.readInt64(), TakenRun(node: UInt8(clamping: lapsed.readInt64()), name: lapsed.readText(), recipients: 0)))
        }
        if !runs.isEmpty { try noteRuns() }
        var recipients = 0
        for index in runs.indices {
            runs[index].run.recipients = try giveBackAll(of: runs[index].owner, at: now)
            try endCounting(of: runs[index].owner, at: now)
            recipients += runs[index].run.recipients
        }
        let isLiving = try prepare(NodeStatements.isLiving)
        for owner in try StoreReads.leaseOwners(connection) {
            let isKnown = try isLiving.begin().bind(owner).step()
            isLiving.end()
            if !isKnown { recipients += try giveBackAll(of: owner, at: now) }
        }
        return (runs.map(\.run), recipients)
    }

    func takeOver(by owner: Int64, at given: Timestamp) throws -> StoreWorkResult {
        let now = try connection.clock(given)
        let taken = try takeOver(at: now)
        if taken.recipients > 0 { try tell(.becameDue(), from: owner, at: now) }
        return .tookOver(taken.runs, recipients: taken.recipients)
    }

    /// Where others share the store, one of them may have sent it meanwhile: then it is named although it is final.
    func noteInterrupted(_ recipients: [RecipientID], at now: Timestamp) throws -> Int {
        let finding = Finding(
            rule: "interrupted.attempt", matched: "",
            explanation: "The process died while it was being sent. The receiver may have taken it by then, and gets it twice.")
        var count = 0
        for id in recipients {
            let isKnown =
                try prepare(NodeStatements.numberInterruption).bind(id.message.day).bind(id.message.value).bind(id.index)
                .bind(id.tenant.value).bind(dialect.isShared ? RecipientState.allCases.count : RecipientState.held.rawValue).run() == 1
            guard isKnown else { continue }
            try insertEvent("interrupted", of: id, at: now, reply: nil, [finding])
            count += 1
        }
        return count
    }

    /// A clean stop. Returns how many recipients were given back.
    func leave(_ owner: Int64, at given: Timestamp) throws -> Int {
        let now = try connection.clock(given)
        let released = try end(owner, as: .stopped, at: now)
        // Also what it had returned just before: those who take it need not wait for their next look.
        try tell(.becameDue(), from: owner, at: now)
        return released
    }

    private func end(_ owner: Int64, as ending: NodeRow.State, at now: Timestamp) throws -> Int {
        try prepare(NodeStatements.end).bind(now.milliseconds).bind(ending.rawValue).bind(now.milliseconds).bind(owner).send()
        try endCounting(of: owner, at: now)
        try noteRuns()
        return try giveBackAll(of: owner, at: now)
    }

    /// Which sources are to be had may be another matter now.
    private func noteRuns() throws {
        try prepare(NodeStatements.runsChanged).send()
        noteNews()
    }

    /// Where a person asked for another end meanwhile, it comes now.
    private func giveBackAll(of owner: Int64, at now: Timestamp) throws -> Int {
        let wished = try concludeWishes(of: owner, at: now)
        return try wished + prepare(WriteStatements.releaseOwner).bind(owner).run()
    }
}
