import DeliveryPlanning
import MailModel
import OutboundPolicy

/// A receiver with limits that nobody is told of.
struct HiddenReceiver {
    /// Connections at a time; one more is greeted with 421.
    var connectionsMax = Int.max
    /// Messages in any minute; one more is answered with 421.
    var perMinute = Int.max
    /// From a connection to its greeting, and of a transaction.
    var latency = Duration.milliseconds(100)
    var isDown = false
    /// Whether it wants nothing from an egress source.
    var refuses: (String) -> Bool = { _ in false }
    private var taken: [Timestamp] = []
    private var head = 0

    init(_ change: (inout HiddenReceiver) -> Void = { _ in }) { change(&self) }

    mutating func takes(at now: Timestamp) -> Bool {
        while head < taken.count, taken[head] + .seconds(60) <= now { head += 1 }
        if head > 10_000 {
            taken.removeFirst(head)
            head = 0
        }
        guard taken.count - head < perMinute else { return false }
        if perMinute < Int.max { taken.append(now) }
        return true
    }
}

/// A queue, a store and one receiver on a clock of their own: what is submitted is attempted when the queue says so, as fast as the
/// receiver answers. Every attempt is written down.
struct ShapedWorld {
    struct Attempt {
        var at: Timestamp
        var message: Int64
        var sender: String
        var recipients: Int
        var connection: Int64
        /// Of the egress source.
        var source: String
    }

    private enum Event {
        case ready(ConnectionID)
        case refused(ConnectionID)
        case ended(AttemptOrder, taken: Bool)
        case answered(ShapingAnswer, incarnation: Int64)
        case wake
        case tick
        case act(Int)
    }

    static let start = Timestamp(seconds: 1_800_000_000)

    var queue: DeliveryQueue
    var directory: Directory
    var settings: QueueSettings
    var receiver: HiddenReceiver
    private(set) var now = ShapedWorld.start
    private(set) var attempts: [Attempt] = []
    /// When each message was submitted.
    private(set) var submittedAt: [Int64: Timestamp] = [:]
    private(set) var deferrals = 0
    private(set) var refusedConnections = 0
    private(set) var delivered = 0
    private(set) var opened: [Timestamp] = []
    private(set) var open: Set<Int64> = []
    private(set) var openPeak = 0
    var counters: any WindowCounters = SimulatedCounters()
    private var random = SeededGenerator(7)
    private var events = SimulatedHeap<Event>()
    private var rows = SimulatedHeap<ClaimedMessage>()
    private var leased: [MessageID: ClaimedMessage] = [:]
    private var owner: Int64 = 1
    private var lastMessage: Int64 = 0
    private var acts: [(inout ShapedWorld) -> Void] = []
    private var windows: [String: Duration] = [:]
    var tickLength = Duration.seconds(1)
    var broken: [String] = []
    private var ticks = 0
    /// Which source a connection leaves from.
    private var origins: [Int64: String] = [:]

    init(
        _ policies: [ShapingPolicy] = [], receiver: HiddenReceiver = HiddenReceiver(),
        _ change: (inout QueueSettings, inout Directory) -> Void = { _, _ in }
    ) {
        var route = Route(name: "relay", kind: .smarthost(NextHop(host: "192.0.2.9", port: 25)), createdAt: ShapedWorld.start)
        route.connectionsMax = 20
        var directory = Directory(version: 1, routes: ["relay": route])
        for policy in policies { directory.shaping[policy.name] = policy }
        var settings = QueueSettings()
        settings.claimAtLeastEvery = .seconds(5)
        settings.retry = RetrySchedule(waits: [.seconds(60)], jitter: 0.1)
        change(&settings, &directory)
        self.directory = directory
        self.settings = settings
        self.receiver = receiver
        queue = DeliveryQueue(settings: settings, directory: directory, owner: 1)
        events.put(.tick, at: now)
    }

    static func policy(_ limits: ShapingLimits) -> ShapingPolicy { policy("limit", limits) }

    static func policy(_ name: String, _ limits: ShapingLimits, _ scope: ShapingScope = ShapingScope()) -> ShapingPolicy {
        ShapingPolicy(name: name, scope: scope, limits: limits, createdAt: start)
    }

    // MARK: - What people do

    /// One message; at once in memory where there is room, as the gate does it.
    mutating func submit(
        _ trafficClass: TrafficClass = .application, from sender: String = "app@home.test", tenant: TenantID = .standard,
        to domain: String = "one.test", recipients: Int = 1
    ) {
        let message = message(trafficClass, sender, tenant, domain, recipients)
        guard queue.reserve(recipients: recipients, dueAt: now, lane: TrafficLane(message.record), at: now) else {
            rows.put(message, at: now)
            take(queue.becameDue(at: now))
            return
        }
        leased[message.record.id] = message
        take(
            queue.stored(
                NewMessage(record: message.record, recipients: message.recipients, content: [1], lease: Lease(owner: owner)), lane: Lane(0),
                at: now))
    }

    /// Many messages that stand in the store.
    mutating func store(
        _ count: Int, _ trafficClass: TrafficClass, from sender: String, tenant: TenantID = .standard, to domain: String = "one.test"
    ) {
        for _ in 0..<count { rows.put(message(trafficClass, sender, tenant, domain, 1), at: now) }
        take(queue.becameDue(at: now))
    }

    private mutating func message(
        _ trafficClass: TrafficClass, _ sender: String, _ tenant: TenantID, _ domain: String, _ recipients: Int
    ) -> ClaimedMessage {
        lastMessage += 1
        submittedAt[lastMessage] = now
        let record = MessageRecord(
            tenant: tenant, id: MessageID(lastMessage), receivedAt: now, trafficClass: trafficClass, sender: sender,
            principal: "connector:app", reversePath: .null, envelopeID: nil, dsnReturn: nil, body: .sevenBit, isInternationalized: false,
            headerFrom: "", subject: "", headerMessageID: "", sizeBytes: 1, clientAddress: nil, clientName: "", submissionTLS: nil,
            pool: .normal, onlyRoute: nil, findings: [], expiresAt: now + .seconds(30 * 86_400), warnAt: nil, recipientCount: recipients)
        let recipients = (0..<recipients).map { index in
            RecipientRecord(
                index: Int32(index), recipient: EnvelopeRecipient(EmailAddress("r\(index)@\(domain)")!), isInternal: false, dueAt: now)
        }
        return ClaimedMessage(record: record, recipients: recipients)
    }

    /// Something that happens later.
    mutating func at(_ seconds: Double, _ act: @escaping (inout ShapedWorld) -> Void) {
        acts.append(act)
        events.put(.act(acts.count - 1), at: ShapedWorld.start + .milliseconds(Int64(seconds * 1000)))
    }

    /// The process dies and starts again at once: what was in memory is in the store; what was granted counts as used.
    mutating func restart() {
        counters.end(owner, windows: windows, at: now)
        for message in leased.values { rows.put(message, at: now) }
        leased = [:]
        open = []
        owner += 1
        queue = DeliveryQueue(settings: settings, directory: directory, owner: owner)
        take(queue.timePassed(at: now))
    }

    // MARK: - Time

    mutating func run(seconds: Double) {
        let end = ShapedWorld.start + .milliseconds(Int64(seconds * 1000))
        while let next = events.first, next <= end, let (time, event) = events.take() {
            now = max(now, time)
            happen(event)
        }
        now = end
    }

    private mutating func happen(_ event: Event) {
        switch event {
        case .tick:
            take(queue.timePassed(at: now))
            ticks += 1
            if broken.count < 5, ticks % 100 == 0 { broken += queue.brokenInvariants() }
            events.put(.tick, at: now + tickLength)
        case .wake: take(queue.shapingDue(at: now))
        case .act(let index):
            let act = acts[index]
            act(&self)
        case .answered(let answer, let incarnation): if incarnation == owner { take(queue.shaped(answer, at: now)) }
        case .ready(let id): if open.contains(id.value) { take(queue.connectionReady(id, at: now)) }
        case .refused(let id):
            let reply = SMTPReply(421, EnhancedStatusCode(4, 7, 0), "Too many connections")
            let failure =
                receiver.isDown
                ? DeliveryFailure.local(451, EnhancedStatusCode(4, 4, 1), "No answer", scope: .host, stage: .connect)
                : DeliveryFailure.peer(reply, scope: .host, stage: .greeting)
            take(queue.connectionFailed(id, failure, at: now))
        case .ended(let order, let taken): ended(order, taken: taken)
        }
    }

    private mutating func ended(_ order: AttemptOrder, taken: Bool) {
        guard open.contains(order.connection.value) else { return }
        let result =
            taken
            ? RecipientResult.delivered(SMTPReply(250, nil, "OK"))
            : .failed(.peer(SMTPReply(421, EnhancedStatusCode(4, 7, 0), "Too many messages, slow down"), scope: .host, stage: .mail))
        if taken { delivered += 1 } else { deferrals += 1 }
        if !taken { open.remove(order.connection.value) }
        take(
            queue.attemptEnded(
                order.connection, results: order.recipients.map { _ in result }, isReusable: taken, reportsSuccessItself: true,
                facts: ConnectionFacts(), at: now, using: &random))
    }

    // MARK: - What the shell does

    mutating func take(_ actions: [QueueAction]) {
        for action in actions + queue.takeShapingOrders() {
            switch action {
            case .connect(let order): connect(order)
            case .attempt(let order): attempt(order)
            case .close(let id, _): open.remove(id.value)
            case .settle(let order): settle(order)
            case .giveBack(let ids, let dueAt, let owner, _):
                guard owner == self.owner else { continue }
                put(back: ids, dueAt: dueAt)
                take(queue.settled(recipients: ids.count, at: now))
            case .claim(let limit, _, _): claim(limit)
            case .shape(.count(let call)):
                windows[call.counter.name] = call.counter.window
                events.put(.answered(counters.answer(call, at: now), incarnation: owner), at: now + .milliseconds(2))
            case .shape(.share(let share)):
                events.put(.answered(.shared(share, granted: share.wanted), incarnation: owner), at: now + .milliseconds(2))
            case .shape(.wake(let time)): events.put(.wake, at: max(time, now + .milliseconds(1)))
            case .shape(.warmUp(let change)):
                // The directory has it, as after a commit.
                directory.version += 1
                directory.warmUps[change.warmUp.name] = change.warmUp
                let changed = directory
                acts.append { $0.take($0.queue.directoryChanged(changed, lane: Lane(0), at: $0.now)) }
                events.put(.act(acts.count - 1), at: now + .milliseconds(50))
            case .shape(.hold), .resolve, .upstream: break
            }
        }
    }

    private mutating func connect(_ order: ConnectionOrder) {
        origins[order.id.value] = order.source.name
        opened.append(now)
        if receiver.isDown || open.count >= receiver.connectionsMax {
            refusedConnections += 1
            events.put(.refused(order.id), at: now + receiver.latency)
        } else {
            open.insert(order.id.value)
            openPeak = max(openPeak, open.count)
            events.put(.ready(order.id), at: now + receiver.latency)
        }
    }

    private mutating func attempt(_ order: AttemptOrder) {
        attempts.append(
            Attempt(
                at: now, message: order.record.id.value, sender: order.record.sender, recipients: order.recipients.count,
                connection: owner << 32 | order.connection.value, source: origins[order.connection.value] ?? ""))
        let taken = receiver.takes(at: now) && !receiver.refuses(origins[order.connection.value] ?? "")
        events.put(.ended(order, taken: taken), at: now + receiver.latency)
    }

    private mutating func settle(_ order: SettlementOrder) {
        let id = order.settlement.message
        let queued = order.settlement.outcomes.filter { $0.newState == .queued }
        let isCounted = order.settlement.owner == owner
        if isCounted, !queued.isEmpty {
            put(back: queued.map { RecipientID(tenant: order.settlement.tenant, message: id, index: $0.index) }, dueAt: queued[0].dueAt)
        }
        let final = Set(order.settlement.outcomes.filter { $0.newState != .queued }.map(\.index))
        leased[id]?.recipients.removeAll { final.contains($0.index) }
        if leased[id]?.recipients.isEmpty == true { leased[id] = nil }
        take(queue.settled(recipients: order.leased, at: now))
    }

    private mutating func put(back ids: [RecipientID], dueAt: Timestamp) {
        guard let id = ids.first?.message, let message = leased[id] else { return }
        let indices = Set(ids.map(\.index))
        let back = ClaimedMessage(record: message.record, recipients: message.recipients.filter { indices.contains($0.index) })
        leased[id]?.recipients.removeAll { indices.contains($0.index) }
        if leased[id]?.recipients.isEmpty == true { leased[id] = nil }
        rows.put(back, at: dueAt)
    }

    private mutating func claim(_ limit: Int) {
        var claimed: [ClaimedMessage] = []
        while claimed.count < limit, let due = rows.first, due <= now, let (_, message) = rows.take() {
            claimed.append(message)
            leased[message.record.id, default: ClaimedMessage(record: message.record, recipients: [])].recipients += message.recipients
        }
        take(queue.claimed(claimed, owner: owner, nextDueAt: rows.first, lane: Lane(0), at: now))
    }

    // MARK: - What came of it

    /// The most recipients or messages that began in any window of that length.
    func most(in window: Duration, from begin: Double = 0, of weight: (Attempt) -> Int = { _ in 1 }) -> Int {
        var (head, sum, most) = (0, 0, 0)
        for attempt in attempts where attempt.at >= ShapedWorld.start + .seconds(Int64(begin)) {
            sum += weight(attempt)
            while attempts[head].at + window <= attempt.at || attempts[head].at < ShapedWorld.start + .seconds(Int64(begin)) {
                if attempts[head].at >= ShapedWorld.start + .seconds(Int64(begin)) { sum -= weight(attempts[head]) }
                head += 1
            }
            most = max(most, sum)
        }
        return most
    }

    func begun(from: Double, to: Double) -> Int {
        let range = (ShapedWorld.start + .milliseconds(Int64(from * 1000)))..<(ShapedWorld.start + .milliseconds(Int64(to * 1000)))
        return attempts.reduce(0) { $0 + (range.contains($1.at) ? 1 : 0) }
    }

    /// Seconds from submission to the first attempt, sorted.
    func waits(of sender: String) -> [Double] {
        var seen: Set<Int64> = []
        return attempts.compactMap { attempt in
            guard attempt.sender == sender, seen.insert(attempt.message).inserted, let since = submittedAt[attempt.message] else {
                return nil
            }
            return Double((attempt.at - since).milliseconds) / 1000
        }.sorted()
    }
}
