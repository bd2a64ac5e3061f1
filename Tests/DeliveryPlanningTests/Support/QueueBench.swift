import DeliveryPlanning
import MailModel
import OutboundPolicy
import Testing

/// A queue on a clock of its own. Each event returns what the queue ordered, one line for each action, so that a test reads as the
/// conversation it is about:
///
///     #expect(bench.submit("a@one.test") == ["resolve one.test"])
///     #expect(bench.resolved("one.test", "mx1", "mx2") == ["connect c1 to mx1"])
///     #expect(bench.ready(1) == ["attempt c1: m1 r0"])
///
/// Messages are m1, m2 … in the order in which they were submitted, recipients r0, r1 … by position, connections c1, c2 … Times are seconds
/// from the bench's start. Settlements and returns are on disk at once, unless `holdsCommits`.
struct QueueBench {
    static let start = Timestamp(seconds: 1_800_000_000)

    var queue: DeliveryQueue
    var directory: Directory
    var now = QueueBench.start
    var random = SeededGenerator(1)
    var records: [MessageRecord] = []
    /// Attempts that have not ended, by connection.
    var attempts: [Int64: AttemptOrder] = [:]
    var settlements: [SettlementOrder] = []
    /// Recipients of the last message, by position.
    var known: [Int32: RecipientRecord] = [:]
    var holdsCommits = false
    /// What limits and rules asked for.
    var orders: [ShapingOrder] = []
    var uncommitted: [Int] = []
    /// Of the connections, in the order in which they were ordered.
    var lanes: [Int] = []
    var connects: [ConnectionOrder] = []

    /// Routes: `internet` (MX; two connections for a site, three messages on a connection, two recipients in a transaction) and `relay` for
    /// relayed.test. Retries after 100 and 200 seconds, without jitter.
    init(_ change: (inout QueueSettings, inout Directory) -> Void = { _, _ in }) {
        var internet = Route(name: "internet", kind: .mx, createdAt: QueueBench.start)
        internet.connectionsMax = 2
        internet.messagesPerConnectionMax = 3
        internet.recipientsPerTransactionMax = 2
        let relay = Route(
            name: "relay", kind: .smarthost(NextHop(host: "192.0.2.9", port: 587, tls: .encrypt, userName: "u", passwordFile: "relay")),
            createdAt: QueueBench.start, recipientDomains: [DomainName("relayed.test")!])
        var directory = Directory(version: 1, routes: ["internet": internet, "relay": relay])
        var settings = QueueSettings()
        settings.leasedMax = 100
        settings.claimAtLeastEvery = .seconds(86_400)
        settings.retry = RetrySchedule(waits: [.seconds(100), .seconds(200)], jitter: 0)
        change(&settings, &directory)
        self.directory = directory
        queue = DeliveryQueue(settings: settings, directory: directory, owner: 1)
        _ = queue.timePassed(at: now)
        _ = queue.claimed([], owner: 1, nextDueAt: nil, lane: Lane(0), at: now)
    }

    // Events.

    /// A fresh message, accepted on `lane` and on disk.
    mutating func submit(
        _ recipients: String..., from sender: String = "s@home.test", notify: DSNNotify? = nil, lane: Int = 0, bytes: Int = 10,
        isInternal: Bool = false, change: (inout MessageRecord) -> Void = { _ in }
    ) -> [String] {
        submit(all: recipients, from: sender, notify: notify, lane: lane, bytes: bytes, isInternal: isInternal, change: change)
    }

    mutating func submit(
        all recipients: [String], from sender: String = "s@home.test", notify: DSNNotify? = nil, lane: Int = 0, bytes: Int = 10,
        isInternal: Bool = false, change: (inout MessageRecord) -> Void = { _ in }
    ) -> [String] {
        let message = message(recipients, from: sender, notify: notify, bytes: bytes, isInternal: isInternal, change)
        guard queue.reserve(recipients: recipients.count, dueAt: now, at: now) else { return ["no room"] }
        var leased = message
        leased.lease = Lease(owner: queue.owner)
        return did(queue.stored(leased, lane: Lane(lane), at: now))
    }

    /// A message that is known to the bench and stands in the store, to be claimed.
    mutating func message(
        _ recipients: [String], from sender: String = "s@home.test", notify: DSNNotify? = nil, bytes: Int = 10, isInternal: Bool = false,
        _ change: (inout MessageRecord) -> Void = { _ in }
    ) -> NewMessage {
        var record = MessageRecord(
            tenant: .standard, id: MessageID(Int64(records.count + 1)), receivedAt: now, trafficClass: .application, sender: sender,
            principal: "connector:app", reversePath: EmailAddress(sender).map(ReversePath.address) ?? .null, envelopeID: nil,
            dsnReturn: nil,
            body: .sevenBit, isInternationalized: false, headerFrom: "", subject: "", headerMessageID: "", sizeBytes: bytes,
            clientAddress: nil,
            clientName: "", submissionTLS: nil, pool: .normal, onlyRoute: nil, findings: [], expiresAt: now + .seconds(1000),
            warnAt: now + .seconds(250), recipientCount: recipients.count)
        change(&record)
        records.append(record)
        let rows = recipients.enumerated().map { index, text in
            RecipientRecord(
                index: Int32(index), recipient: EnvelopeRecipient(EmailAddress(text)!, notify: notify), isInternal: isInternal, dueAt: now)
        }
        known = Dictionary(uniqueKeysWithValues: rows.map { ($0.index, $0) })
        return NewMessage(record: record, recipients: rows, content: [UInt8](repeating: 65, count: bytes), lease: nil)
    }

    mutating func resolved(
        _ domain: String, _ hosts: String..., site: String? = nil, tls: HostTLS? = nil, wish: TLSWish = .usual
    ) -> [String] {
        let endpoints = hosts.enumerated().map { Endpoint(hostName: $1, address: IPAddress("8.8.8.\($0 + 1)")!, port: 25, tls: tls) }
        return did(queue.resolved(target(domain, wish), .endpoints(endpoints, site: site ?? domain), at: now))
    }

    mutating func resolveFailed(_ domain: String, isPermanent: Bool) -> [String] {
        let failure = DeliveryFailure.local(
            isPermanent ? 550 : 451, EnhancedStatusCode(isPermanent ? 5 : 4, 1, 2), "DNS", scope: .destination, stage: .resolve)
        return did(queue.resolved(target(domain), .failed(failure), at: now))
    }

    private func target(_ domain: String, _ wish: TLSWish = .usual) -> ResolveTarget {
        .mx(DomainName(domain)!, port: 25, allowsSpecialAddresses: false, wish: wish)
    }

    mutating func ready(_ connection: Int64) -> [String] { did(queue.connectionReady(ConnectionID(connection), at: now)) }

    mutating func connectFailed(_ connection: Int64, at stage: DeliveryStage = .connect, code: Int = 451) -> [String] {
        connectFailed(connection, .local(code, EnhancedStatusCode(code / 100, 4, 1), "No answer", scope: .host, stage: stage))
    }

    mutating func connectFailed(_ connection: Int64, _ failure: DeliveryFailure) -> [String] {
        did(queue.connectionFailed(ConnectionID(connection), failure, at: now))
    }

    mutating func closed(_ connection: Int64) -> [String] { did(queue.connectionClosed(ConnectionID(connection), at: now)) }

    /// The attempt of a connection ends; one result for all recipients, or one each.
    mutating func ended(
        _ connection: Int64, _ results: RecipientResult..., isReusable: Bool = true, reportsSuccessItself: Bool = false
    ) -> [String] {
        guard let order = attempts.removeValue(forKey: connection) else { return ["no attempt on c\(connection)"] }
        let all = results.count == 1 ? [RecipientResult](repeating: results[0], count: order.recipients.count) : results
        return did(
            queue.attemptEnded(
                ConnectionID(connection), results: all, isReusable: isReusable, reportsSuccessItself: reportsSuccessItself,
                facts: ConnectionFacts(), at: now, using: &random))
    }

    /// The connection broke before the receiver could have taken the message.
    mutating func lost(_ connection: Int64) -> [String] { ended(connection, .lost, isReusable: false) }

    mutating func pass(_ seconds: Int64) -> [String] {
        now = now + .seconds(seconds)
        return did(queue.timePassed(at: now))
    }

    mutating func change(_ change: (inout Directory) -> Void) -> [String] {
        change(&directory)
        directory.version += 1
        return did(queue.directoryChanged(directory, lane: Lane(0), at: now))
    }

    mutating func act(_ verb: QueueVerb, _ change: (inout QueueFilter) -> Void = { _ in }) -> [String] {
        var filter = QueueFilter()
        change(&filter)
        let (count, actions) = queue.acted(verb, filter, at: now)
        return ["\(count) reached"] + did(actions)
    }

    /// The answer to a claim: recipients of messages that `message` made. `owner`: the run that it was made for; nil for the present one.
    mutating func claimed(_ messages: NewMessage..., nextDueAt: Int64? = nil, attempts: Int = 0, owner: Int64? = nil) -> [String] {
        let claimed = messages.map { message in
            ClaimedMessage(
                record: message.record,
                recipients: message.recipients.map { recipient in
                    var recipient = recipient
                    recipient.attempts = attempts
                    return recipient
                })
        }
        return did(
            queue.claimed(
                claimed, owner: owner ?? queue.owner, nextDueAt: nextDueAt.map { QueueBench.start + .seconds($0) }, lane: Lane(0), at: now))
    }

    /// The answer to a claim: what the last settlement deferred, as the store has it now.
    mutating func claimedAgain() -> [String] {
        guard let order = settlements.last else { return ["nothing was settled"] }
        let recipients = order.settlement.outcomes.filter { $0.newState == .queued }.compactMap { outcome -> RecipientRecord? in
            guard var recipient = known[outcome.index] else { return nil }
            recipient.attempts = outcome.attempts
            recipient.dueAt = outcome.dueAt
            recipient.isWarned = outcome.isWarned
            return recipient
        }
        return did(
            queue.claimed(
                [ClaimedMessage(record: order.record, recipients: recipients)], owner: queue.owner, nextDueAt: nil, lane: Lane(0), at: now))
    }

    /// The machine's addresses are these now.
    mutating func addresses(_ texts: [String]) -> [String] {
        did(queue.addressesChanged(LocalAddresses(addresses: Set(texts.compactMap { IPAddress($0) })), at: now))
    }

    /// Other nodes have these sources now.
    mutating func elsewhere(_ names: Set<String>) -> [String] { did(queue.sourcesChanged(elsewhere: names, at: now)) }

    /// Another node left mail for the sources of the route `internet`.
    mutating func becameDueElsewhere() -> [String] {
        did(queue.becameDue(waitsFor: directory.routes["internet"].map(SourceTable.list) ?? 0, at: now))
    }

    /// The store's answer to a question for the right to probe `relay`.
    mutating func probeAnswered(_ granted: UpstreamStop?) -> [String] { did(queue.probeAnswered("relay", granted, at: now)) }

    mutating func suspend() { queue.suspended() }
    mutating func resume() -> [String] { did(queue.resumed(at: now)) }
    mutating func loseLease(newOwner: Int64) -> [String] { did(queue.leaseLost(newOwner: newOwner, at: now)) }

    mutating func becameDue() -> [String] { did(queue.becameDue(at: now)) }

    mutating func stop() -> [String] { did(queue.stopped(at: now)) }

    /// What was held back by `holdsCommits` comes to the disk.
    mutating func commit() -> [String] {
        let counts = uncommitted
        uncommitted = []
        return counts.flatMap { did(queue.settled(recipients: $0, at: now)) }
    }

    // What came of it.

    mutating func did(_ actions: [QueueAction]) -> [String] {
        var lines: [String] = []
        for action in actions + queue.takeShapingOrders() {
            lines += text(action)
            switch action {
            case .attempt(let order): attempts[order.connection.value] = order
            case .settle(let order):
                settlements.append(order)
                uncommitted.append(order.leased)
            case .giveBack(let ids, _, _, _): uncommitted.append(ids.count)
            case .connect(let order):
                lanes.append(order.lane.index)
                connects.append(order)
            case .shape(let order): orders.append(order)
            case .resolve, .close, .claim, .upstream: break
            }
        }
        if !holdsCommits { lines += commit() }
        #expect(queue.brokenInvariants() == [])
        return lines
    }

    private func text(_ action: QueueAction) -> [String] {
        switch action {
        case .resolve(.mx(let domain, _, _, _)): ["resolve \(domain)"]
        case .resolve(.host(let host, let port)): ["resolve host \(host):\(port)"]
        case .connect(let order):
            [
                "connect c\(order.id.value) to \(order.endpoint.hostName)" + (order.tls == .opportunistic ? "" : " (\(order.tls))")
                    + (order.source.isStandard ? "" : " from \(order.source.name)")
            ]
        case .attempt(let order):
            [
                "attempt c\(order.connection.value): m\(order.record.id.value) "
                    + order.recipients.map { "r\($0.index)" }.joined(separator: " ")
            ]
        case .close(let id, _): ["close c\(id.value)"]
        case .claim(let limit, _, _): ["claim \(limit)"]
        case .giveBack(let ids, let dueAt, let owner, let list):
            [
                "give back " + ids.map { "m\($0.message.value) r\($0.index)" }.joined(separator: " ") + " due \(seconds(dueAt))"
                    + name(ofRun: owner) + (list == 0 ? "" : " for sources elsewhere")
            ]
        case .settle(let order): settleText(order)
        case .upstream(.put(let stop, let version, _)):
            ["stop \(stop.route) for \(stop.cause.rawValue) over \(version), probe at \(seconds(stop.probeAt))"]
        case .upstream(.askProbe(let stop)): ["ask to probe \(stop.route)"]
        case .upstream(.remove(let stop, _)): ["resume \(stop.route)"]
        case .shape: []
        }
    }

    private func settleText(_ order: SettlementOrder) -> [String] {
        let lines = order.settlement.outcomes.map { outcome in
            let due = outcome.newState == .queued ? " due \(seconds(outcome.dueAt)) after \(outcome.attempts)" : ""
            return "m\(order.record.id.value) r\(outcome.index) \(outcome.newState.name)\(due)"
        }
        return lines.map { $0 + name(ofRun: order.settlement.owner) }
            + order.reports.map { report in
                "report \(report.kind.rawValue) " + report.recipients.map(\.recipient.address.description).joined(separator: " ")
            }
    }

    /// Nothing for the run that the bench began with and still has.
    private func name(ofRun owner: Int64?) -> String { owner == queue.owner ? "" : " for run \(owner ?? 0)" }

    private func seconds(_ time: Timestamp) -> Int64 { (time - QueueBench.start).milliseconds / 1000 }
}

extension RecipientResult {
    static let taken = RecipientResult.delivered(SMTPReply(250, nil, "OK"))
    static let refused = RecipientResult.failed(
        .peer(SMTPReply(550, EnhancedStatusCode(5, 1, 1), "No such user"), scope: .recipient, stage: .recipient))
    static let later = RecipientResult.failed(
        .peer(SMTPReply(451, EnhancedStatusCode(4, 7, 1), "Try later"), scope: .recipient, stage: .recipient))
    static let lost = RecipientResult.failed(
        .local(451, EnhancedStatusCode(4, 4, 2), "Connection lost", scope: .host, stage: .mail))
    /// The host refuses every session for good.
    static let hostRefuses = RecipientResult.failed(
        .peer(SMTPReply(554, EnhancedStatusCode(5, 7, 1), "Not you"), scope: .host, stage: .mail))
}
