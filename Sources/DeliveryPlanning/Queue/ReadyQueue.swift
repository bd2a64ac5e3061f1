import DequeModule
import MailModel

/// What is ready at a site, in lanes.
///
/// A higher lane goes before a lower one, which earns a turn for every few that went before it (the slots of Postfix's pre-emptive
/// scheduler), so that it is delayed by a bounded share and never stands still. Within a lane the tenants take turns, and within a tenant
/// the senders: who sends much keeps nobody else waiting.
struct ReadyQueue: Sendable {
    private var transactional = FairLane()
    private var normal = FairLane()
    private var bulk = FairLane()
    /// How many went before what waits in the lane.
    private var owedToNormal = 0
    private var owedToBulk = 0
    /// Put back, or put first: before all others.
    private var first = Deque<Entry>()
    private(set) var count = 0

    /// Of so many turns, a lower lane that waits has one.
    static let slotCost = 5

    var isEmpty: Bool { count == 0 }

    func count(of lane: TrafficLane) -> Int {
        switch lane {
        case .transactional: transactional.count
        case .normal: normal.count
        case .bulk: bulk.count
        }
    }

    /// Of one sender, in one lane.
    func count(of lane: TrafficLane, tenant: TenantID, sender: String) -> Int {
        switch lane {
        case .transactional: transactional.count(tenant, sender)
        case .normal: normal.count(tenant, sender)
        case .bulk: bulk.count(tenant, sender)
        }
    }

    mutating func append(_ entry: Entry, tenant: TenantID, sender: String) {
        count += 1
        switch entry.lane {
        case .transactional: transactional.append(entry, tenant, sender)
        case .normal: normal.append(entry, tenant, sender)
        case .bulk: bulk.append(entry, tenant, sender)
        }
    }

    mutating func prepend(_ entry: Entry) {
        count += 1
        first.prepend(entry)
    }

    /// The entry whose turn it is. `mayGo`: asked for the first of each lane, in order of turns, until one may.
    mutating func next(where mayGo: (Entry) -> Bool) -> Entry? {
        if let entry = first.first {
            guard mayGo(entry) else { return nil }
            count -= 1
            return first.popFirst()
        }
        for lane in order {
            guard let entry = head(of: lane), mayGo(entry) else { continue }
            count -= 1
            return take(lane)
        }
        return nil
    }

    /// As `next`, and leaves it there.
    func peek(where mayGo: (Entry) -> Bool) -> Entry? {
        if let entry = first.first { return mayGo(entry) ? entry : nil }
        for lane in order {
            if let entry = head(of: lane), mayGo(entry) { return entry }
        }
        return nil
    }

    /// Without a question.
    mutating func next() -> Entry? {
        guard count > 0 else { return nil }
        return next { _ in true }
    }

    /// The best lane that waits.
    var best: TrafficLane? {
        if let entry = first.first { return entry.lane }
        return TrafficLane.allCases.first { count(of: $0) > 0 }
    }

    private var order: [TrafficLane] {
        // The usual case, without a list to be made.
        if normal.isEmpty, bulk.isEmpty { return [.transactional] }
        var order: [TrafficLane] = []
        if owedToBulk >= ReadyQueue.slotCost - 1 { order.append(.bulk) }
        if owedToNormal >= ReadyQueue.slotCost - 1 { order.append(.normal) }
        return order + [.transactional, .normal, .bulk]
    }

    private func head(of lane: TrafficLane) -> Entry? {
        switch lane {
        case .transactional: transactional.head
        case .normal: normal.head
        case .bulk: bulk.head
        }
    }

    private mutating func take(_ lane: TrafficLane) -> Entry? {
        switch lane {
        case .transactional:
            owedToNormal = normal.isEmpty ? 0 : owedToNormal + 1
            owedToBulk = bulk.isEmpty ? 0 : owedToBulk + 1
            return transactional.popFirst()
        case .normal:
            owedToNormal = 0
            owedToBulk = bulk.isEmpty ? 0 : owedToBulk + 1
            return normal.popFirst()
        case .bulk:
            owedToBulk = 0
            return bulk.popFirst()
        }
    }

    /// Empties it.
    mutating func takeAll() -> [Entry] {
        var all = Array(first)
        all += transactional.takeAll() + normal.takeAll() + bulk.takeAll()
        self = ReadyQueue()
        return all
    }

    var entries: [Entry] { Array(first) + transactional.entries + normal.entries + bulk.entries }
}

/// One lane: tenants in turn, and each tenant's senders in turn.
private struct FairLane: Sendable {
    private struct Tenant: Sendable {
        var turns = Deque<String>()
        var bySender: [String: Deque<Entry>] = [:]
    }

    /// What came while there was nothing else: the usual case needs no tables.
    private var only: Entry?
    private var turns = Deque<TenantID>()
    private var tenants: [TenantID: Tenant] = [:]
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    mutating func append(_ entry: Entry, _ tenant: TenantID, _ sender: String) {
        count += 1
        guard count > 1 else {
            only = entry
            return
        }
        if tenants[tenant] == nil {
            tenants[tenant] = Tenant()
            turns.append(tenant)
        }
        if tenants[tenant]?.bySender[sender] == nil { tenants[tenant]?.turns.append(sender) }
        tenants[tenant]?.bySender[sender, default: Deque()].append(entry)
    }

    func count(_ tenant: TenantID, _ sender: String) -> Int { tenants[tenant]?.bySender[sender]?.count ?? 0 }

    var head: Entry? {
        if let only { return only }
        guard let tenant = turns.first.flatMap({ tenants[$0] }) else { return nil }
        return tenant.turns.first.flatMap { tenant.bySender[$0]?.first }
    }

    mutating func popFirst() -> Entry? {
        guard count > 0 else { return nil }
        count -= 1
        if let entry = only {
            only = nil
            return entry
        }
        guard let tenant = turns.popFirst(), let sender = tenants[tenant]?.turns.popFirst() else { return nil }
        let entry = tenants[tenant]?.bySender[sender]?.popFirst()
        if tenants[tenant]?.bySender[sender]?.isEmpty == true {
            tenants[tenant]?.bySender[sender] = nil
        } else {
            tenants[tenant]?.turns.append(sender)
        }
        if tenants[tenant]?.turns.isEmpty == true {
            tenants[tenant] = nil
        } else {
            turns.append(tenant)
        }
        return entry
    }

    /// In order of turns.
    mutating func takeAll() -> [Entry] {
        var all: [Entry] = []
        all.reserveCapacity(count)
        while let entry = popFirst() { all.append(entry) }
        return all
    }

    var entries: [Entry] {
        (only.map { [$0] } ?? []) + tenants.values.flatMap { $0.bySender.values.flatMap { Array($0) } }
    }
}
