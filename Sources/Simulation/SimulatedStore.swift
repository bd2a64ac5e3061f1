import DeliveryPlanning
import HeapModule
import MailModel
import OutboundPolicy

/// What the store holds, in memory: the truth that promises are checked against.
struct SimulatedStore: Sendable {
    struct Row: Sendable {
        var recipient: RecipientRecord
        /// The run that holds it; 0 for none.
        var owner: Int64 = 0
        var arrivals = 0
        /// A crash fell between the receiver's 250 and our commit: the only excuse for a second arrival.
        var wasUncertain = false
    }

    private struct Due: Comparable {
        var at: Timestamp
        var id: RecipientID
        static func < (left: Due, right: Due) -> Bool { (left.at, left.id) < (right.at, right.id) }
    }

    private(set) var rows: [RecipientID: Row] = [:]
    private(set) var records: [MessageID: MessageRecord] = [:]
    private var due = Heap<Due>()
    private var counters: [String: WindowCount] = [:]
    private var usages: [UsageHolder: SenderUsage] = [:]
    private(set) var accepted = 0
    private(set) var counts: [RecipientState: Int] = [:]
    private(set) var problems: [String] = []

    var queued: Int { counts[.queued] ?? 0 }
    /// Of recipients that no run holds; nil for none.
    var nextDueAt: Timestamp? { due.min?.at }

    private mutating func problem(_ text: String) { if problems.count < 100 { problems.append(text) } }

    static func id(_ record: MessageRecord, _ index: Int32) -> RecipientID {
        RecipientID(tenant: record.tenant, message: record.id, index: index)
    }

    mutating func insert(_ message: NewMessage) {
        records[message.record.id] = message.record
        for recipient in message.recipients {
            let id = SimulatedStore.id(message.record, recipient.index)
            if rows[id] != nil { problem("the identifier \(id) was given twice") }
            rows[id] = Row(recipient: recipient, owner: message.lease?.owner ?? 0)
            accepted += 1
            counts[recipient.state, default: 0] += 1
            if message.lease == nil { due.insert(Due(at: recipient.dueAt, id: id)) }
        }
    }

    /// Grants what a message claims of the limits, all of it or nothing. The second is true where a limit is exceeded.
    mutating func claim(_ claims: [UsageClaim], at now: Timestamp) -> (answer: ClaimAnswer, isExceeded: Bool) {
        var tried = usages
        var answer = ClaimAnswer(holdings: [], releaseAt: now, slowedBy: nil, firstTime: 0)
        for claim in claims {
            var usage = tried[claim.holder] ?? SenderUsage()
            switch usage.claim(claim, at: now) {
            case .exceeded:
                let holding = ClaimAnswer.Holding(holder: claim.holder, usage: usage, known: [], warnings: [])
                return (ClaimAnswer(holdings: [holding], releaseAt: nil, slowedBy: nil, firstTime: 0), true)
            case .granted(_, _, let warnings):
                tried[claim.holder] = usage
                answer.holdings.append(
                    ClaimAnswer.Holding(holder: claim.holder, usage: usage, known: claim.recipients, warnings: warnings))
            }
        }
        usages = tried
        return (answer, false)
    }

    /// Recipients that are due, held by the run from now on.
    mutating func claim(_ limit: Int, owner: Int64, at now: Timestamp) -> [ClaimedMessage] {
        var claimed: [MessageID: [RecipientRecord]] = [:]
        var order: [MessageID] = []
        var count = 0
        while count < limit, let next = due.min, next.at <= now {
            due.removeMin()
            guard let row = rows[next.id], row.owner == 0, row.recipient.state == .queued, row.recipient.dueAt == next.at else { continue }
            rows[next.id]?.owner = owner
            if claimed[next.id.message] == nil { order.append(next.id.message) }
            claimed[next.id.message, default: []].append(row.recipient)
            count += 1
        }
        return order.compactMap { id in records[id].map { ClaimedMessage(record: $0, recipients: claimed[id] ?? []) } }
    }

    mutating func giveBack(_ ids: [RecipientID], dueAt: Timestamp, owner: Int64) {
        for id in ids where rows[id]?.owner == owner {
            rows[id]?.recipient.dueAt = dueAt
            free(id)
        }
    }

    private mutating func free(_ id: RecipientID) {
        rows[id]?.owner = 0
        guard let row = rows[id], row.recipient.state == .queued else { return }
        due.insert(Due(at: row.recipient.dueAt, id: id))
    }

    /// A run is over: what it held is free.
    mutating func freeAll(of owner: Int64) {
        for id in rows.keys.filter({ rows[$0]?.owner == owner }).sorted() { free(id) }
        for name in counters.keys { counters[name]?.lost(owner) }
    }

    /// How many outcomes took effect.
    mutating func settle(_ settlement: Settlement) -> Int {
        var applied = 0
        for outcome in settlement.outcomes {
            let id = RecipientID(tenant: settlement.tenant, message: settlement.message, index: outcome.index)
            guard let row = rows[id] else {
                problem("\(id) was settled but never stored")
                continue
            }
            // Of a run that is over.
            guard row.owner == settlement.owner else { continue }
            if row.recipient.state.isFinal { problem("\(id) was \(row.recipient.state) and became \(outcome.newState)") }
            if outcome.newState == .delivered, row.arrivals == 0 { problem("\(id) is called delivered and never arrived") }
            counts[row.recipient.state, default: 0] -= 1
            counts[outcome.newState, default: 0] += 1
            rows[id]?.recipient.state = outcome.newState
            rows[id]?.recipient.attempts = outcome.attempts
            rows[id]?.recipient.dueAt = outcome.dueAt
            rows[id]?.recipient.isWarned = outcome.isWarned
            if let reply = outcome.reply { rows[id]?.recipient.lastReply = reply }
            free(id)
            applied += 1
        }
        return applied
    }

    /// The receiver said 250.
    mutating func arrived(_ id: RecipientID) {
        rows[id]?.arrivals += 1
        if let row = rows[id], row.arrivals > 1, !row.wasUncertain { problem("\(id) arrived \(row.arrivals) times without a crash") }
    }

    mutating func becameUncertain(_ id: RecipientID) { rows[id]?.wasUncertain = true }

    mutating func count(_ call: ShapingCall, at now: Timestamp) -> (granted: Int, freeAt: Timestamp?) {
        counters[call.counter.name, default: WindowCount(window: call.counter.window)].call(call, at: now)
    }

    /// What can be said of all rows at any time.
    mutating func check() {
        let sum = counts.values.reduce(0, +)
        if sum != accepted || rows.count != accepted { problem("\(accepted) recipients accepted, \(sum) accounted for") }
    }
}

/// One counter as the real store keeps it: what is granted counts as used until it is settled, and what was used counts in sums of a
/// sixtieth of the window until the whole sum is out of it.
private struct WindowCount: Sendable {
    let window: Duration
    private var sums: [(at: Timestamp, amount: Int)] = []
    private var granted: [Int64: Int] = [:]

    init(window: Duration) { self.window = window }

    private var length: Int64 { max(1000, window.milliseconds / 60) }

    mutating func call(_ call: ShapingCall, at now: Timestamp) -> (granted: Int, freeAt: Timestamp?) {
        let bucket = Timestamp(milliseconds: now.milliseconds / length * length)
        if call.used > 0 {
            if sums.last?.at == bucket { sums[sums.count - 1].amount += call.used } else { sums.append((bucket, call.used)) }
        }
        let oldest = Timestamp(milliseconds: (now - window).milliseconds / length * length)
        sums.removeAll { $0.at < oldest }
        granted[call.owner] = nil
        let used = sums.reduce(0) { $0 + $1.amount } + granted.values.reduce(0, +)
        let portion = max(0, min(call.wanted, call.counter.limit - used))
        if portion > 0 { granted[call.owner] = portion }
        return (portion, sums.first.map { $0.at + .milliseconds(length) + window })
    }

    /// The run is over: its portion counts as used.
    mutating func lost(_ owner: Int64) {
        guard let amount = granted.removeValue(forKey: owner), let last = sums.last else { return }
        sums[sums.count - 1] = (last.at, last.amount + amount)
    }
}
