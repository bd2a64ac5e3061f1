import DeliveryPlanning
import GateCore
import MailModel
import OutboundPolicy

/// Nodes on one store, one route with an account, and a next host that may refuse it; on a clock of its own, without faults.
///
/// Every attempt and every session that reaches the host is counted: that is what a persistent error costs it.
struct UpstreamWorld {
    /// What the host does to a session and to a message.
    struct Host {
        var signIn: SMTPReply?
        /// By the recipient's local part; nil takes the message.
        var message: @Sendable (String) -> RecipientResult = { _ in .delivered(SMTPReply(250, nil, "OK")) }
        /// Connections that it takes at a time; further ones are answered 432.
        var connectionsMax = Int.max
    }

    struct Row {
        var recipient: RecipientRecord
        var owner: Int64 = 0
        var deferrals = 0
    }

    static let start = Timestamp(seconds: 1_800_000_000)
    static let routeName = "office"

    var host = Host()
    var now = UpstreamWorld.start
    var nodes: [GateCore] = []
    var directory: Directory
    var settings = GateSettings()
    var rows: [RecipientID: Row] = [:]
    var records: [MessageID: MessageRecord] = [:]
    var conditions: [AlertCondition] = []
    var random = SeededGenerator(state: 11)
    /// Sessions that were opened, and messages that were begun on them.
    var sessions = 0
    var attempts = 0
    /// The most connections at a time, since it was last set.
    var connectionsPeak = 0
    /// Probes under way, and the most at a time.
    var probing = 0
    var probingPeak = 0
    private var open: Set<String> = []
    private var actions: [(node: Int, action: QueueAction)] = []
    private var read = 0
    private var lastMessage: Int64 = 0
    /// The network answers only when it is told to.
    var isFrozen = false
    private var frozen: [(node: Int, action: QueueAction)] = []
    /// Nodes that have not heard of the last changes of the directory.
    var isDeaf: Set<Int> = []

    init(nodes count: Int = 1, _ change: (inout GateSettings) -> Void = { _ in }) {
        let hop = NextHop(host: "192.0.2.9", port: 587, tls: .encrypt, userName: "scanner@example.org", passwordFile: "office")
        let route = Route(name: UpstreamWorld.routeName, kind: .smarthost(hop), createdAt: UpstreamWorld.start)
        directory = Directory(version: 1, routes: [route.name: route])
        settings.queue.leasedMax = 500
        change(&settings)
        for index in 0..<count { nodes.append(core(owner: Int64(index + 1))) }
    }

    private func core(owner: Int64) -> GateCore {
        GateCore(
            settings: settings, run: GateRun(owner: owner, node: UInt8(owner & 0xFF), leaseUntil: .distantFuture), directory: directory,
            newestMessage: nil)
    }

    var route: Route {
        get { directory.routes[UpstreamWorld.routeName]! }
        set { directory.routes[UpstreamWorld.routeName] = newValue }
    }
    var stop: UpstreamStop? { directory.upstreamStops[UpstreamWorld.routeName] }
    func count(_ state: RecipientState) -> Int { rows.values.count { $0.recipient.state == state } }

    // MARK: - What happens

    /// Messages to one recipient each, accepted on the nodes in turn.
    mutating func submit(_ count: Int, to name: String = "r", expiry: Duration = .seconds(5 * 86_400)) {
        for _ in 0..<count {
            lastMessage += 1
            let id = MessageID(lastMessage)
            let record = MessageRecord(
                tenant: .standard, id: id, receivedAt: now, trafficClass: .application, sender: "connector:app", principal: "connector:app",
                reversePath: .address(EmailAddress("app@example.org")!), envelopeID: nil, dsnReturn: nil, body: .sevenBit,
                isInternationalized: false, headerFrom: "", subject: "", headerMessageID: "", sizeBytes: 1, clientAddress: nil,
                clientName: "", submissionTLS: nil, pool: .normal, onlyRoute: nil, findings: [], expiresAt: now + expiry, warnAt: nil,
                recipientCount: 1)
            let recipient = RecipientRecord(
                index: 0, recipient: EnvelopeRecipient(EmailAddress("\(name)@example.net")!), isInternal: false, dueAt: now)
            records[id] = record
            rows[RecipientID(tenant: .standard, message: id, index: 0)] = Row(recipient: recipient)
        }
        tellAll(.becameDue())
    }

    /// Time passes in steps of five minutes.
    mutating func pass(_ duration: Duration) {
        let end = now + duration
        while now < end {
            now = min(end, now + .seconds(300))
            tellAll(.timePassed)
        }
    }

    mutating func tellAll(_ event: GateEvent) {
        for index in nodes.indices { tell(index, event) }
        settle()
    }

    private mutating func tell(_ node: Int, _ event: GateEvent) {
        nodes[node].steadyTimeIs(SteadyTime(milliseconds: 0))
        actions += nodes[node].handle(event, at: now, using: &random).map { (node, $0) }
    }

    /// The node's process dies and starts again as a new run; its sessions break.
    mutating func restart(_ node: Int) {
        let old = nodes[node].run.owner
        for id in rows.keys where rows[id]?.owner == old { rows[id]?.owner = 0 }
        open = open.filter { !$0.hasPrefix("\(node)/") }
        frozen.removeAll { $0.node == node }
        nodes[node] = core(owner: old + 100)
        tell(node, .timePassed)
        settle()
    }

    /// An administrator says that the cause is mended, as the command does.
    mutating func probe() {
        guard var stop else { return }
        stop.probeAt = min(stop.probeAt, now)
        stop.probe = nil
        write(stop, as: UpstreamWorld.routeName)
        lookAtOnce()
    }

    /// What the removal of a stop, and the command, do to the queue.
    private mutating func lookAtOnce() {
        for id in rows.keys where rows[id]?.owner == 0 && (rows[id]?.recipient.dueAt ?? now) <= now + UpstreamWaits.lookMax {
            rows[id]?.recipient.dueAt = now
        }
        tellAll(.becameDue())
    }

    mutating func thaw() {
        isFrozen = false
        actions += frozen
        frozen = []
        settle()
    }

    /// Carries out what was ordered, until nothing is left to do.
    private mutating func settle() {
        while read < actions.count {
            let (node, action) = actions[read]
            read += 1
            perform(action, node)
        }
        actions.removeAll(keepingCapacity: true)
        read = 0
    }

    private mutating func perform(_ action: QueueAction, _ node: Int) {
        switch action {
        case .resolve: break
        case .connect, .attempt:
            if isFrozen { frozen.append((node, action)) } else { reach(action, node) }
        case .close(let id, _): open.remove("\(node)/\(id.value)")
        case .claim(let limit, let owner, _): claim(limit, owner, node)
        case .giveBack(let ids, let dueAt, let owner, _):
            for id in ids where rows[id]?.owner == owner {
                rows[id]?.owner = 0
                rows[id]?.recipient.dueAt = dueAt
            }
            tell(node, .settled(recipients: ids.count))
        case .settle(let order): apply(order, node)
        case .upstream(let order): keep(order, node)
        // No limits are set here, and time passes often enough.
        case .shape: break
        }
    }

    // MARK: - The host

    private mutating func reach(_ action: QueueAction, _ node: Int) {
        switch action {
        case .connect(let order):
            sessions += 1
            if let reply = host.signIn {
                return tell(node, .connectionFailed(order.id, .peer(reply, scope: .host, stage: .auth)))
            }
            if open.count >= host.connectionsMax {
                let reply = SMTPReply(432, EnhancedStatusCode(4, 3, 2), "Concurrent connections limit exceeded.")
                return tell(node, .connectionFailed(order.id, .peer(reply, scope: .host, stage: .auth)))
            }
            open.insert("\(node)/\(order.id.value)")
            connectionsPeak = max(connectionsPeak, open.count)
            tell(node, .connectionReady(order.id))
        case .attempt(let order):
            attempts += 1
            let results = order.recipients.map { recipient in host.message(recipient.recipient.address.localPart) }
            let facts = ConnectionFacts(host: "smtp.office365.com")
            tell(node, .attemptEnded(order.connection, results, isReusable: true, reportsSuccessItself: false, facts: facts))
        default: break
        }
    }

    // MARK: - The store

    private mutating func claim(_ limit: Int, _ owner: Int64, _ node: Int) {
        let free = rows.filter { $0.value.owner == 0 && $0.value.recipient.state == .queued }
        let due = free.filter { $0.value.recipient.dueAt <= now }.sorted {
            ($0.value.recipient.dueAt, $0.key) < ($1.value.recipient.dueAt, $1.key)
        }
        var claimed: [ClaimedMessage] = []
        for (id, row) in due.prefix(limit) {
            rows[id]?.owner = owner
            claimed.append(ClaimedMessage(record: records[id.message]!, recipients: [row.recipient]))
        }
        let next = (due.dropFirst(limit).map(\.value) + free.values.filter { $0.recipient.dueAt > now }).map(\.recipient.dueAt).min()
        tell(node, .claimed(claimed, owner: owner, nextDueAt: next, lane: Lane(0)))
    }

    private mutating func apply(_ order: SettlementOrder, _ node: Int) {
        for outcome in order.settlement.outcomes {
            let id = RecipientID(tenant: .standard, message: order.settlement.message, index: outcome.index)
            guard rows[id]?.owner == order.settlement.owner else { continue }
            if outcome.newState == .queued { rows[id]?.deferrals += 1 }
            rows[id]?.recipient.state = outcome.newState
            rows[id]?.recipient.attempts = outcome.attempts
            rows[id]?.recipient.dueAt = outcome.dueAt
            rows[id]?.recipient.isWarned = outcome.isWarned
            if let reply = outcome.reply { rows[id]?.recipient.lastReply = reply }
            rows[id]?.owner = 0
        }
        tell(node, .settled(recipients: order.leased))
    }

    private mutating func keep(_ order: UpstreamOrder, _ node: Int) {
        switch order {
        case .put(let stop, let expecting, let condition):
            let current = directory.upstreamStops[stop.route]?.version ?? 0
            guard current == expecting else { return tell(node, .upstreamStored(route: stop.route, version: current, lane: Lane(0))) }
            if stop.probe == nil, directory.upstreamStops[stop.route]?.probe != nil { probing -= 1 }
            write(stop, as: stop.route)
            tell(node, .upstreamStored(route: stop.route, version: directory.version, lane: Lane(0)))
            if let condition { conditions.append(condition) }
        case .askProbe(let stop):
            guard directory.upstreamStops[stop.route]?.version == stop.version else {
                return tell(node, .probeAnswered(route: stop.route, nil))
            }
            probing += 1
            probingPeak = max(probingPeak, probing)
            write(stop, as: stop.route)
            tell(node, .probeAnswered(route: stop.route, directory.upstreamStops[stop.route]))
        case .remove(let stop, let condition):
            if directory.upstreamStops[stop.route]?.probe != nil { probing -= 1 }
            write(nil, as: stop.route)
            tell(node, .upstreamStored(route: stop.route, version: directory.version, lane: Lane(0)))
            conditions.append(condition)
            lookAtOnce()
        }
    }

    private mutating func write(_ stop: UpstreamStop?, as route: String) {
        directory.version += 1
        directory.upstreamStops[route] = stop
        directory.upstreamStops[route]?.version = directory.version
        for index in nodes.indices where !isDeaf.contains(index) { tell(index, .directoryChanged(directory, lane: Lane(0))) }
    }

    /// What those that were deaf hear in the end.
    mutating func hear() {
        isDeaf = []
        tellAll(.directoryChanged(directory, lane: Lane(0)))
    }
}
