import DeliveryPlanning
import GateCore
import InternetMessage
import MailModel
import OutboundPolicy

/// SplitMix64: the same seed gives the same walk on every machine.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// A store, a network and receivers around the gate's core, on a clock of their own, in one thread.
///
/// What the shell would do is done here, late and in any order, with faults; what the store holds is the truth that promises are checked
/// against.
struct World {
    struct Row {
        var recipient: RecipientRecord
        var owner: Int64 = 0
        /// The list of sources that it waits for; 0 for none.
        var waitsFor: Int32 = 0
        /// What a person asked of it while a run held it: done where that ends, gives it back or defers it.
        var wish: QueueVerb?
        /// How often a receiver took it.
        var arrivals = 0
        /// True where a crash or the loss of the lease fell between the receiver's 250 and our commit: the only excuse for a second arrival.
        var wasUncertain = false
    }

    /// A commit that has not come to the disk yet.
    enum Work {
        case accept(NewMessage)
        case settle(SettlementOrder, notices: [NewMessage])
        case claim(limit: Int, owner: Int64, lateLists: [Int32])
        case giveBack([RecipientID], dueAt: Timestamp, owner: Int64, waitsFor: Int32)
        case renew(askedAt: SteadyTime)
        case shape(ShapingAnswer)
    }

    var random: SeededGenerator
    var now = Timestamp(seconds: 1_800_000_000)
    /// What the node's steady clock and the database's clock agree on.
    var steady = SteadyTime(milliseconds: 0)
    var lease = World.Lease()
    var local = LocalAddresses()
    var core: GateCore
    var directory: Directory
    var records: [MessageID: MessageRecord] = [:]
    var rows: [RecipientID: Row] = [:]
    var works: [Work] = []
    /// Orders that the network has not answered yet.
    var resolving: [ResolveTarget] = []
    var connecting: [ConnectionOrder] = []
    var attempting: [AttemptOrder] = []
    var idle: Set<ConnectionID> = []
    var acceptedCount = 0
    var hasFaults = true
    var incarnation: Int64 = 1
    var problems: [String] = []
    /// Recipients that a person cancelled or held while they were in flight: no further attempt may begin on them.
    var stoppedInFlight: [RecipientID: QueueVerb] = [:]
    /// Percent of messages that are judged spam, or come from a domain that is none.
    var riskyPercent = 0
    var riskyAttempts = 0
    /// What each connection leaves by.
    var ways: [ConnectionID: Way] = [:]
    /// The suppression list that the store holds.
    var suppressed: [SuppressionKey: Suppression] = [:]
    /// What the core ordered, where `keepsHistory`.
    var history: [String] = []
    var keepsHistory = false

    init(seed: UInt64) {
        random = SeededGenerator(state: seed)
        directory = World.startDirectory
        core = World.makeCore(owner: 1, directory: directory, newest: nil, leaseUntil: lease.until)
        local = LocalAddresses(addresses: Set(World.sources.values.flatMap(\.addresses)))
        forgetSuppressions()
        readSuppressions()
        event(.addressesFound(local))
        commitOne()
    }

    static let startDirectory: Directory = {
        let start = Timestamp(seconds: 0)
        var connector = Connector(name: "app")
        connector.networks = [IPNetwork("10.0.0.0/8")!]
        connector.grants = [.any]
        connector.allowsPlaintext = true
        var internet = Route(name: "internet", kind: .mx, createdAt: start)
        internet.connectionsMax = 3
        internet.messagesPerConnectionMax = 5
        internet.recipientsPerTransactionMax = 2
        var relay = Route(
            name: "relay", kind: .smarthost(NextHop(host: "192.0.2.9")), createdAt: start, recipientDomains: [DomainName("relayed.test")!])
        relay.connectionsMax = 2
        relay.sources = relaySources
        var directory = Directory(
            version: 1, connectors: ["app": connector], domains: [DomainName("home.test")!: AcceptedDomain(name: DomainName("home.test")!)],
            routes: ["internet": internet, "relay": relay])
        directory.sources = sources
        return directory
    }()

    static func makeCore(
        owner: Int64, directory: Directory, newest: MessageID?, leaseUntil: SteadyTime = .distantFuture
    ) -> GateCore {
        var settings = GateSettings()
        settings.queue.leasedMax = 100
        settings.queue.connectionsMax = 6
        settings.queue.freshBytesMax = 4000
        settings.expiry = .seconds(6 * 3600)
        settings.warnAfter = .seconds(3600)
        let run = GateRun(owner: owner, node: UInt8(owner & 0xFF), leaseUntil: leaseUntil)
        return GateCore(settings: settings, run: run, directory: directory, newestMessage: newest)
    }

    private static func text(_ action: QueueAction) -> String {
        switch action {
        case .resolve(let target): "resolve \(target)"
        case .connect(let order): "connect \(order.id.value) \(order.endpoint.hostName)"
        case .attempt(let order): "attempt \(order.connection.value) \(order.record.id) \(order.recipients.map(\.index))"
        case .close(let id, _): "close \(id.value)"
        case .settle(let order): "settle \(order.record.id) \(order.settlement.outcomes.map { "\($0.index) \($0.newState)" })"
        case .claim(let limit, _, _): "claim \(limit)"
        case .giveBack(let ids, let dueAt, _, _): "give back \(ids) \(dueAt.milliseconds)"
        case .upstream(let order): "upstream \(order)"
        case .shape(let order): "shape \(order)"
        }
    }

    // MARK: - Events

    mutating func event(_ event: GateEvent) {
        core.steadyTimeIs(steady)
        take(core.handle(event, at: now, using: &random))
    }

    mutating func take(_ actions: [QueueAction]) {
        if keepsHistory { history += actions.map(World.text) }
        for action in actions {
            switch action {
            case .resolve(let target): resolving.append(target)
            case .connect(let order):
                checkSource(order)
                ways[order.id] = Way(route: order.routeName, source: order.source.name)
                connecting.append(order)
            case .attempt(let order):
                checkMayBegin(order)
                checkPool(order)
                idle.remove(order.connection)
                attempting.append(order)
            case .close(let id, _):
                idle.remove(id)
                connecting.removeAll { $0.id == id }
            case .settle(let order): works.append(.settle(order, notices: notices(for: order)))
            case .claim(let limit, let owner, let late): works.append(.claim(limit: limit, owner: owner, lateLists: late))
            case .giveBack(let ids, let dueAt, let owner, let list):
                works.append(.giveBack(ids, dueAt: dueAt, owner: owner, waitsFor: list))
            // No receiver of this world refuses an account: see `UpstreamWorld`.
            case .shape(let order): shape(order)
            case .upstream(let order): problems.append("a route stands still: \(order)")
            }
        }
    }

    /// The store of this world grants whatever is asked; a core that is to be woken is told the time often enough.
    private mutating func shape(_ order: ShapingOrder) {
        switch order {
        case .count(let call): works.append(.shape(.counted(call, granted: call.wanted, freeAt: nil)))
        case .share(let call): works.append(.shape(.shared(call, granted: call.wanted)))
        case .wake, .hold, .warmUp: break
        }
    }

    private mutating func notices(for order: SettlementOrder) -> [NewMessage] {
        if order.record.reversePath == .null, !order.reports.isEmpty { problems.append("a report to the null reverse-path") }
        return order.reports.compactMap { report in
            guard let notice = core.notice(for: order.record, at: now) else { return nil }
            if report.recipients.isEmpty { problems.append("a report on nobody") }
            return NewMessage(record: notice.record, recipients: [notice.recipient], content: [1], lease: notice.lease)
        }
    }

    /// Promise 6: no attempt on what is paused, cancelled, held or suppressed by what is committed.
    private mutating func checkMayBegin(_ order: AttemptOrder) {
        if !core.queue.suppressions.isComplete { problems.append("an attempt before the suppression list is read") }
        for recipient in order.recipients {
            if isSuppressed(recipient.recipient.address, order.record) {
                problems.append("an attempt on \(recipient.recipient.address), which is suppressed")
            }
            let id = RecipientID(tenant: order.record.tenant, message: order.record.id, index: recipient.index)
            guard let row = rows[id] else {
                problems.append("an attempt on \(id), which the store does not hold")
                continue
            }
            if row.recipient.state != .queued { problems.append("an attempt on \(id), which is \(row.recipient.state)") }
            if attempting.contains(where: { $0.record.id == id.message && $0.recipients.contains { $0.index == id.index } }) {
                problems.append("two attempts at a time on \(id)")
            }
            if row.owner != incarnation || lease.isGone { problems.append("an attempt on \(id) without a lease") }
            if directory.pauses.contains(.all) || (directory.pauses.contains(.external) && !recipient.isInternal) {
                problems.append("an attempt on \(id) under a pause")
            }
            if directory.pauses.contains(.sender(order.record.sender)) || directory.pauses.contains(.route(order.routeName)) {
                problems.append("an attempt on \(id) under a pause of its sender or route")
            }
            if stoppedInFlight[id] != nil { problems.append("an attempt on \(id), which was cancelled or held") }
        }
    }

    /// A connector submits a message to one to four recipients.
    mutating func submit() {
        let domains = ["one.test", "two.test", "relayed.test", "home.test", "gone.test"]
        let count = Int.random(in: 1...4, using: &random)
        let recipients = (0..<count).map { index in
            EnvelopeRecipient(EmailAddress("r\(index)@\(domains.randomElement(using: &random)!)")!, notify: notify())
        }
        let isBounce = Int.random(in: 0..<5, using: &random) == 0
        var parameters = MailParameters()
        if Int.random(in: 0..<10, using: &random) == 0 { parameters.futureRelease = .holdFor(seconds: 1800) }
        let envelope = Envelope(
            reversePath: isBounce ? .null : .address(EmailAddress("sender@home.test")!), parameters: parameters, recipients: recipients)
        var facts = MessageFacts()
        facts.hasFrom = true
        facts.from = [EmailAddress("sender@home.test")!]
        let session = SessionFacts(
            principal: .connector("app"), address: IPAddress("10.0.0.1"), helloName: "app", isEncrypted: false, tlsVersion: nil)
        core.steadyTimeIs(steady)
        let decision = core.contentReceived(facts, envelope: envelope, bytes: 500, session: session, scan: scan(), at: now) { _ in nil }
        guard case .accept(let order) = decision else {
            if core.holdsLease { problems.append("a good message was refused") }
            return
        }
        if steady >= lease.until { problems.append("a message was taken under a lease that had lapsed") }
        works.append(
            .accept(
                NewMessage(
                    record: order.record, recipients: order.recipients, content: [UInt8](repeating: 65, count: 500), lease: order.lease)))
    }

    private mutating func notify() -> DSNNotify? {
        [nil, nil, [], .success, [.failure, .delay]].randomElement(using: &random)!
    }

    // MARK: - The store

    /// The oldest gathered work comes to the disk, or (with faults) cannot.
    mutating func commitOne() {
        guard !works.isEmpty else { return }
        let work = works.removeFirst()
        if hasFaults, Int.random(in: 0..<12, using: &random) == 0 {
            failed(work)
            return
        }
        switch work {
        case .accept(let message):
            insert(message)
            event(.stored(message, lane: lane()))
        case .settle(let order, let notices): settle(order, notices)
        case .claim(let limit, let owner, let lateLists): claim(limit, owner: owner, lateLists: lateLists)
        case .giveBack(let ids, let dueAt, let owner, let list):
            for id in ids where rows[id]?.owner == owner {
                if rows[id]?.wish == nil { rows[id]?.waitsFor = list }
                rows[id]?.recipient.dueAt = dueAt
                giveBack(id)
            }
            event(.settled(recipients: ids.count))
        case .renew(let askedAt): renew(askedAt: askedAt)
        case .shape(let answer): event(.shaped(answer))
        }
    }

    private mutating func failed(_ work: Work) {
        switch work {
        // The client is told 4xx.
        case .accept(let message): if message.lease != nil { event(.notStored(recipients: message.recipients.count)) }
        case .claim: event(.claimFailed)
        // What was done is done: it is committed again until it holds.
        case .settle, .giveBack: works.append(work)
        // It is asked for again with the time.
        case .renew: break
        case .shape(.counted(let call, _, _)): event(.shaped(.counted(call, granted: nil, freeAt: nil)))
        case .shape(.shared(let share, _)): event(.shaped(.shared(share, granted: nil)))
        }
    }

    /// The reports go with the outcomes: where none took effect, there is nothing to report.
    private mutating func settle(_ order: SettlementOrder, _ notices: [NewMessage]) {
        let isApplied = apply(order.settlement) > 0
        if isApplied { for notice in notices { insert(notice) } }
        event(.settled(recipients: order.leased))
        for notice in notices {
            if isApplied {
                event(.stored(notice, lane: lane()))
            } else if notice.lease != nil {
                event(.notStored(recipients: notice.recipients.count))
            }
        }
    }

    private mutating func insert(_ message: NewMessage) {
        records[message.record.id] = message.record
        acceptedCount += message.recipients.count
        for recipient in message.recipients {
            let id = RecipientID(tenant: message.record.tenant, message: message.record.id, index: recipient.index)
            if rows[id] != nil { problems.append("the identifier \(id) was given twice") }
            rows[id] = Row(recipient: recipient, owner: message.lease?.owner ?? 0)
        }
    }

    /// Returns how many outcomes took effect.
    private mutating func apply(_ settlement: Settlement) -> Int {
        var applied = 0
        let isOfThisRun = settlement.owner == incarnation && !lease.isGone
        for outcome in settlement.outcomes {
            let id = RecipientID(tenant: settlement.tenant, message: settlement.message, index: outcome.index)
            guard let row = rows[id] else {
                problems.append("\(id) was settled but never stored")
                continue
            }
            if row.recipient.state.isFinal, isOfThisRun {
                problems.append("\(id) was \(row.recipient.state) and became \(outcome.newState)")
            }
            if row.owner != settlement.owner, isOfThisRun { problems.append("\(id) was settled without a lease") }
            // Too late: another node holds it or settled it.
            guard !row.recipient.state.isFinal, row.owner == 0 || row.owner == settlement.owner else {
                lease.lateOutcomes += 1
                continue
            }
            applied += 1
            if outcome.newState == .delivered, row.arrivals == 0 { problems.append("\(id) is called delivered and never arrived") }
            let state = World.settledState(outcome.newState, row)
            if let effect = outcome.note?.effect { took(effect) }
            rows[id]?.recipient.state = state
            rows[id]?.recipient.attempts = outcome.attempts
            rows[id]?.recipient.dueAt = outcome.dueAt
            rows[id]?.recipient.isWarned = outcome.isWarned
            rows[id]?.owner = 0
            rows[id]?.wish = nil
            rows[id]?.waitsFor = state == .queued ? outcome.waitsFor : 0
        }
        return applied
    }

    private static func settledState(_ state: RecipientState, _ row: Row) -> RecipientState {
        guard state == .queued else { return state }
        return row.wishedState ?? (row.recipient.state == .held ? .held : .queued)
    }

    /// No run holds it any more.
    mutating func giveBack(_ id: RecipientID) {
        if let state = rows[id]?.wishedState { rows[id]?.recipient.state = state }
        rows[id]?.wish = nil
        rows[id]?.owner = 0
    }

    private mutating func claim(_ limit: Int, owner: Int64, lateLists: [Int32]) {
        // What waits for a list that the node can send for is due, whatever its time.
        let free: [RecipientID: Row] = rows.filter { $0.value.owner == 0 && $0.value.recipient.state == .queued }.mapValues { row in
            var row = row
            if row.waitsFor != 0, !lateLists.contains(row.waitsFor) { row.recipient.dueAt = min(row.recipient.dueAt, now) }
            return row
        }
        let due = free.filter { $0.value.recipient.dueAt <= now }.sorted {
            ($0.value.recipient.dueAt, $0.key) < ($1.value.recipient.dueAt, $1.key)
        }
        var claimed: [MessageID: [RecipientRecord]] = [:]
        for (id, row) in due.prefix(limit) {
            rows[id]?.owner = owner
            rows[id]?.waitsFor = 0
            claimed[id.message, default: []].append(row.recipient)
        }
        let next = (due.dropFirst(limit).map(\.value) + free.values.filter { $0.recipient.dueAt > now }).map(\.recipient.dueAt).min()
        let messages = claimed.sorted { $0.key < $1.key }.map { ClaimedMessage(record: records[$0.key]!, recipients: $0.value) }
        event(.claimed(messages, owner: owner, nextDueAt: next, lane: lane()))
    }

    private mutating func lane() -> Lane { Lane(Int.random(in: 0..<2, using: &random)) }

    // MARK: - The network

    mutating func answerResolve() {
        guard let index = resolving.indices.randomElement(using: &random) else { return }
        let target = resolving.remove(at: index)
        guard case .mx(let domain, let port, _, _) = target else {
            problems.append("an address of \(target) was asked for")
            return
        }
        let fails = hasFaults && Int.random(in: 0..<6, using: &random) == 0
        if fails {
            event(.resolved(target, .failed(.local(451, EnhancedStatusCode(4, 4, 3), "DNS", scope: .destination, stage: .resolve))))
        } else if domain.text == "gone.test" {
            event(.resolved(target, .failed(.local(550, EnhancedStatusCode(5, 1, 2), "No domain", scope: .destination, stage: .resolve))))
        } else {
            let hosts = ["mx1.\(domain)", "mx2.\(domain)"].map {
                Endpoint(hostName: $0, address: IPAddress("192.0.2.\($0.hasPrefix("mx1") ? 1 : 2)")!, port: port)
            }
            event(.resolved(target, .endpoints(hosts, site: "mx.\(domain)")))
        }
    }

    mutating func answerConnect() {
        guard let index = connecting.indices.randomElement(using: &random) else { return }
        let order = connecting.remove(at: index)
        if hasFaults, Int.random(in: 0..<4, using: &random) == 0 {
            let stage: DeliveryStage = [.connect, .greeting, .startTLS].randomElement(using: &random)!
            event(.connectionFailed(order.id, .local(451, EnhancedStatusCode(4, 4, 1), "No answer", scope: .host, stage: stage)))
        } else {
            idle.insert(order.id)
            event(.connectionReady(order.id))
        }
    }

    mutating func answerAttempt() {
        guard let index = attempting.indices.randomElement(using: &random) else { return }
        let order = attempting.remove(at: index)
        let isBroken = hasFaults && Int.random(in: 0..<6, using: &random) == 0
        let results = order.recipients.map { _ in isBroken ? World.lost : result() }
        for (recipient, result) in zip(order.recipients, results) {
            guard case .delivered = result else { continue }
            arrived(RecipientID(tenant: order.record.tenant, message: order.record.id, index: recipient.index))
        }
        let isReusable = !isBroken && Int.random(in: 0..<8, using: &random) != 0
        if isReusable { idle.insert(order.connection) }
        event(
            .attemptEnded(order.connection, results, isReusable: isReusable, reportsSuccessItself: false, facts: ConnectionFacts()))
    }

    private static let lost = RecipientResult.failed(
        .local(451, EnhancedStatusCode(4, 4, 2), "Connection lost", scope: .host, stage: .data))

    private mutating func result() -> RecipientResult {
        switch Int.random(in: 0..<(hasFaults ? 10 : 100), using: &random) {
        case 0: .failed(.peer(SMTPReply(550, EnhancedStatusCode(5, 1, 1), "No such user"), scope: .recipient, stage: .recipient))
        case 1, 2:
            hasFaults
                ? .failed(.peer(SMTPReply(451, EnhancedStatusCode(4, 7, 1), "Try later"), scope: .recipient, stage: .recipient))
                : .delivered(SMTPReply(250, nil, "OK"))
        default: .delivered(SMTPReply(250, nil, "OK"))
        }
    }

    mutating func arrived(_ id: RecipientID) {
        rows[id]?.arrivals += 1
        if let row = rows[id], row.arrivals > 1, !row.wasUncertain {
            problems.append("\(id) arrived \(row.arrivals) times without a crash")
        }
    }

    mutating func peerCloses() {
        guard let id = idle.sorted(by: { $0.value < $1.value }).randomElement(using: &random) else { return }
        idle.remove(id)
        event(.connectionClosed(id))
    }

    // MARK: - People and accidents

    mutating func passTime(_ duration: Duration) {
        steady = steady + duration
        stepClock(duration)
    }

    /// The calendar's clock is set; no time passes.
    mutating func stepClock(_ duration: Duration) {
        now = now + duration
        askForRenewal()
        event(.timePassed)
    }

    mutating func setPauses(_ pauses: Set<Pause.Scope>) {
        directory.pauses = pauses
        directory.version += 1
        event(.directoryChanged(directory, lane: lane()))
        if pauses.isEmpty { event(.becameDue()) }
    }

    /// What a person might act on: a message that is in flight, or a domain.
    mutating func someFilter() -> QueueFilter {
        var filter = QueueFilter()
        if Bool.random(using: &random), let order = attempting.randomElement(using: &random) {
            filter.message = order.record.id
        } else {
            filter.domain = DomainName("one.test")
        }
        return filter
    }

    /// The store's free rows and the core's leased ones, as the gate's own act does it. At the leased ones the store keeps the wish.
    mutating func act(_ verb: QueueVerb, _ filter: QueueFilter) {
        for (id, row) in rows where row.owner != 0 && isMatch(filter, id) {
            switch (verb, row.wish) {
            case (.hold, nil), (.cancel, _): rows[id]?.wish = verb
            case (.release, .hold): rows[id]?.wish = nil
            default: break
            }
        }
        for (id, row) in rows where row.owner == 0 && isMatch(filter, id) {
            rows[id]?.waitsFor = 0
            switch (verb, row.recipient.state) {
            case (.cancel, .queued), (.cancel, .held): rows[id]?.recipient.state = .cancelled
            case (.hold, .queued): rows[id]?.recipient.state = .held
            case (.release, .held):
                rows[id]?.recipient.state = .queued
                rows[id]?.recipient.dueAt = now
            case (.retry, .queued): rows[id]?.recipient.dueAt = now
            default: break
            }
        }
        noteInFlight(verb, filter)
        take(core.acted(verb, filter, at: now).actions)
        if verb == .release || verb == .retry { event(.becameDue()) }
    }

    private func isMatch(_ filter: QueueFilter, _ id: RecipientID) -> Bool {
        guard let record = records[id.message], let row = rows[id] else { return false }
        return filter.matches(record) && filter.matches(row.recipient)
    }

    private mutating func noteInFlight(_ verb: QueueVerb, _ filter: QueueFilter) {
        if verb == .release {
            for (id, stopped) in stoppedInFlight where stopped == .hold && isMatch(filter, id) { stoppedInFlight[id] = nil }
        }
        guard verb == .cancel || verb == .hold else { return }
        for order in attempting {
            for recipient in order.recipients {
                let id = RecipientID(tenant: order.record.tenant, message: order.record.id, index: recipient.index)
                if isMatch(filter, id), stoppedInFlight[id] != .cancel { stoppedInFlight[id] = verb }
            }
        }
    }

    /// The process dies: what is not on disk is gone, what the network was doing nobody learns.
    mutating func crash() {
        for work in works {
            guard case .settle(let order, _) = work else { continue }
            for outcome in order.settlement.outcomes where outcome.newState == .delivered {
                rows[RecipientID(tenant: order.settlement.tenant, message: order.settlement.message, index: outcome.index)]?.wasUncertain =
                    true
            }
        }
        // A receiver may have taken what was in flight before we could read its reply.
        for order in attempting {
            for recipient in order.recipients where Bool.random(using: &random) {
                let id = RecipientID(tenant: order.record.tenant, message: order.record.id, index: recipient.index)
                rows[id]?.wasUncertain = true
                arrived(id)
            }
        }
        works = []
        resolving = []
        connecting = []
        attempting = []
        idle = []
        incarnation += 1
        lease.begins(at: steady)
        // The next run of the same node gives back at once what the former one held; what another node holds stays with it.
        for id in rows.keys where rows[id]?.owner != World.otherNode { giveBack(id) }
        core = World.makeCore(owner: incarnation, directory: directory, newest: records.keys.max(), leaseUntil: lease.until)
        forgetSuppressions()
        event(.addressesFound(local))
        // A short list is known at once; a long one is read beside everything else.
        if Int.random(in: 0..<4, using: &random) > 0 { readSuppressions() }
        stepClock(.milliseconds(Int64.random(in: -5000...5000, using: &random)))
    }

    // MARK: - Checks

    /// Promise 2 and the machine's own invariants, after each event.
    mutating func check() {
        problems += core.queue.brokenInvariants()
        if rows.count != acceptedCount { problems.append("\(acceptedCount) recipients accepted, \(rows.count) accounted for") }
    }

    var openRecipients: Int { rows.values.count { $0.recipient.state == .queued } }
}

extension World.Row {
    var wishedState: RecipientState? {
        switch wish {
        case .cancel: .cancelled
        case .hold: .held
        default: nil
        }
    }
}
