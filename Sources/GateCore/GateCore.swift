package import DeliveryPlanning
import InternetMessage
package import MailModel
package import OutboundPolicy

/// The composition of the gate's decisions: one synchronous machine, without I/O, clock, randomness or tasks of its own.
///
/// Submission asks it at three points (connection and sign-in, envelope, content); delivery is driven by `handle(_:at:using:)`. The
/// services keep it behind one lock and do what it returns; the simulator calls it on a clock of its own.
package struct GateCore: Sendable {
    package private(set) var settings: GateSettings {
        didSet { actsUntil = run.leaseUntil - settings.leaseMargin }
    }
    package internal(set) var directory: Directory
    package var storeCondition = StoreCondition.open
    var connections: ConnectionGuard
    private var signIns: SignInGuard
    var identifiers: MessageIDSource
    package internal(set) var queue: DeliveryQueue
    var reportPace = ReportPace()
    package internal(set) var run: GateRun {
        didSet { actsUntil = run.leaseUntil - settings.leaseMargin }
    }
    /// A margin before the lease lapses. Kept, since each question and event asks for it.
    var actsUntil: SteadyTime
    /// As it was last told.
    var steadyNow = SteadyTime(milliseconds: 0)
    package private(set) var isStopping = false
    /// Nodes that use the store, this one included, as far as known.
    private var livingRuns = 1
    /// The limits of the directory.
    package internal(set) var policies: PolicyTable
    var usages = UsageMemory()
    var errors: ErrorWatch
    package internal(set) var restrictions: [RestrictedEntity: Restriction] = [:]
    /// By principal.
    package internal(set) var throttles: [String: SubmissionThrottle] = [:]
    /// Rates of what comes back that have reached a threshold, by whose mail it is.
    var rates: [RateStanding.Key: RateFinding] = [:]
    var acts: [PolicyAct] = []
    /// Connections that have signed in, by account.
    var sessions: SessionShares

    /// `newestMessage`: the greatest identifier in the store, so that none is given twice. `local`: the machine's addresses.
    package init(
        settings: GateSettings, run: GateRun, directory: Directory, newestMessage: MessageID?, builtInReceiver: Endpoint? = nil,
        local: LocalAddresses = LocalAddresses()
    ) {
        self.settings = settings
        self.run = run
        actsUntil = run.leaseUntil - settings.leaseMargin
        connections = ConnectionGuard(limits: settings.connections)
        signIns = SignInGuard(limits: settings.signIns)
        identifiers = MessageIDSource(node: run.node, notBefore: newestMessage)
        queue = DeliveryQueue(settings: settings.queue, directory: directory, owner: run.owner, local: local)
        queue.builtInReceiver = builtInReceiver
        self.directory = directory
        policies = PolicyTable(directory, zone: settings.zone)
        errors = ErrorWatch(limits: settings.errors)
        sessions = SessionShares(isShared: settings.isShared)
        restrictions = directory.restrictions
        throttles = directory.throttles
        tellQueue(at: Timestamp(milliseconds: 0))
        tellShaping(at: Timestamp(milliseconds: 0))
    }

    /// New bounds and times, from now on; what was decided stays.
    package mutating func settingsChanged(_ new: GateSettings, at now: Timestamp) -> [QueueAction] {
        settings = new
        connections.limits = new.connections
        errors.limits = new.errors
        return queue.settingsChanged(new.queue, at: now)
    }
}

// First decision point: connection and sign-in.
extension GateCore {
    package var connectionCount: Int { connections.connectionCount }
    package var contentBytes: Int { connections.contentBytes }

    /// Nil: greet, and `connectionClosed` must follow. A reply: say it and close.
    package mutating func connectionOpened(from address: IPAddress?) -> SMTPReply? {
        guard !isStopping else { return SMTPReply(421, EnhancedStatusCode(4, 3, 2), "This server is stopping; try again in a minute") }
        return connections.connectionOpened(from: address)
    }

    package mutating func connectionClosed(from address: IPAddress?) {
        connections.connectionClosed(from: address)
    }

    /// What signing in needs to be checked against.
    package enum SignInStart: Sendable {
        case refuse(SMTPReply)
        /// The account whose password has to be checked, slowly; nil where there is none, which must take as long.
        case check(Account?)
    }

    package func signInBegan(name: String, from address: IPAddress?, at now: Timestamp) -> SignInStart {
        let key = name.lowercased()
        if let reply = signIns.signInBegan(name: key, from: address, at: now) { return .refuse(reply) }
        return .check(directory.accounts[key].flatMap { $0.isDisabled ? nil : $0 })
    }

    package mutating func signInSucceeded(name: String, from address: IPAddress?, at now: Timestamp) {
        signIns.signInSucceeded(name: name.lowercased(), from: address, at: now)
    }

    /// A session wants to go on as this account.
    package enum SessionStart: Hashable, Sendable {
        /// It does, and `sessionEnded` must follow.
        case began
        /// The account has enough of them.
        case refused(SMTPReply)
        /// The store has to say whether it may; `sessionAnswered` must follow.
        case ask(SessionShares.Wish)
    }

    package mutating func sessionBegan(as account: EmailAddress) -> SessionStart {
        let most = policies.service?.connectionsPerSender ?? 0
        return switch sessions.began(account, limit: most) {
        case .began: .began
        case .full: .refused(tooManySessions(account, most))
        case .ask(let wish): .ask(wish)
        }
    }

    /// `granted`: of connections of all nodes, those that are this node's from now on; nil where the store did not answer, which `unknown`
    /// says. Nil: the session has begun.
    package mutating func sessionAnswered(_ wish: SessionShares.Wish, granted: Int?, unknown: SMTPReply) -> SMTPReply? {
        if sessions.answered(wish, granted: granted) { return nil }
        return granted == nil ? unknown : tooManySessions(wish.account, wish.limit)
    }

    private func tooManySessions(_ account: EmailAddress, _ most: Int) -> SMTPReply {
        SMTPReply(
            432, EnhancedStatusCode(4, 3, 2),
            "Concurrent connections limit exceeded: \(account) has \(most) connections; close one, or try again later")
    }

    package mutating func sessionEnded(as account: EmailAddress) { sessions.ended(account) }

    /// What has to be given back to the other nodes, or asked for again; each is to be answered as the others are.
    package mutating func sessionWishes() -> [SessionShares.Wish] { holdsLease ? sessions.wishes(at: steadyNow) : [] }

    /// Returns how long to wait before the failure is answered.
    package mutating func signInFailed(name: String, from address: IPAddress?, at now: Timestamp) -> Duration {
        signIns.signInFailed(name: name.lowercased(), from: address, at: now)
    }

    /// The submitter as the directory has it now; nil where the account or connector is gone or disabled since the session began.
    package func submitter(_ principal: Submitter.Principal) -> Submitter? {
        switch principal {
        case .account(let address):
            directory.accounts[address.key].flatMap { $0.isDisabled ? nil : Submitter($0) }
        case .connector(let name):
            directory.connectors[name].flatMap { $0.isDisabled ? nil : Submitter($0) }
        case .key(let name):
            directory.apiKeys[name].flatMap { $0.isDisabled ? nil : Submitter($0) }
        case .campaign(let name):
            directory.campaigns[name].flatMap { $0.isSending ? Submitter($0) : nil }
        case .group(let address):
            directory.groups[address].map { Submitter($0) }
        case .list(let name):
            directory.lists[name].flatMap { list in
                guard let pages = list.pages, pages.takesSignUps, let from = Mailbox(pages.from) else { return nil }
                return Submitter(list, from: from.address)
            }
        }
    }

    package func connector(address: IPAddress?, certificateFingerprint: String?) -> Submitter? {
        directory.connector(address: address, certificateFingerprint: certificateFingerprint).map { Submitter($0) }
    }
}

/// What happened to mail that is on its way out.
package enum GateEvent: Sendable {
    case stored(NewMessage, lane: Lane)
    case notStored(recipients: Int)
    /// `owner`: the run that the claim was made for.
    case claimed([ClaimedMessage], owner: Int64, nextDueAt: Timestamp?, lane: Lane)
    case claimFailed
    case resolved(ResolveTarget, Resolution)
    case connectionReady(ConnectionID)
    case connectionFailed(ConnectionID, DeliveryFailure)
    case connectionClosed(ConnectionID)
    /// An MX host to which no mail goes in plaintext any more.
    case tlsRemembered(host: String)
    /// `notes`: on the content that was attempted.
    case attemptEnded(
        ConnectionID, [RecipientResult], isReusable: Bool, reportsSuccessItself: Bool, facts: ConnectionFacts, notes: [Finding] = [])
    case settled(recipients: Int)
    case directoryChanged(Directory, lane: Lane)
    /// The machine's addresses, as they are now.
    case addressesFound(LocalAddresses)
    /// Names of the egress sources that other living nodes use.
    case sourcesElsewhere(Set<String>)
    /// The runs that live by now, as the store knows them.
    case runsChanged(living: Set<Int64>)
    case leaseRenewed(until: SteadyTime)
    /// Others may have taken over what this run held; the store has registered it anew.
    case leaseLost(GateRun, newestMessage: MessageID?)
    /// All of the suppression list is known by now.
    case suppressionsComplete
    /// A stop, or its end, stands in the store since this version of the directory.
    case upstreamStored(route: String, version: Int64, lane: Lane)
    /// The stop as the store has it now, with the right to probe; nil where this node did not get it.
    case probeAnswered(route: String, UpstreamStop?)
    /// Something in the store became due. `waitsFor`: only for the list of sources of this number, which another node left; 0 for any.
    case becameDue(waitsFor: Int32 = 0)
    case timePassed
    /// The store's answer to what limits asked of it.
    case shaped(ShapingAnswer)
    /// The time that limits asked to be called at.
    case shapingDue
    case stopping
}

// Delivery: events in, actions out.
extension GateCore {
    package mutating func handle(
        _ event: GateEvent, at now: Timestamp, using random: inout some RandomNumberGenerator
    ) -> [QueueAction] {
        let actions = handled(event, at: now, using: &random)
        let asked = queue.takeShapingOrders()
        return asked.isEmpty ? actions : actions + asked
    }

    private mutating func handled(
        _ event: GateEvent, at now: Timestamp, using random: inout some RandomNumberGenerator
    ) -> [QueueAction] {
        switch event {
        case .stored(let message, let lane): return queue.stored(message, lane: lane, at: now)
        case .notStored(let recipients):
            queue.notStored(recipients: recipients)
            return []
        case .claimed(let messages, let owner, let nextDueAt, let lane):
            return queue.claimed(messages, owner: owner, nextDueAt: nextDueAt, lane: lane, at: now)
        case .claimFailed:
            queue.claimFailed()
            return []
        case .resolved(let target, let resolution): return queue.resolved(target, resolution, at: now)
        case .connectionReady(let id): return queue.connectionReady(id, at: now)
        case .connectionFailed(let id, let failure): return queue.connectionFailed(id, failure, at: now)
        case .connectionClosed(let id): return queue.connectionClosed(id, at: now)
        case .tlsRemembered(let host):
            queue.rememberTLS(of: host)
            return []
        case .attemptEnded(let id, let results, let isReusable, let reportsSuccessItself, let facts, let notes):
            return queue.attemptEnded(
                id, results: results, isReusable: isReusable, reportsSuccessItself: reportsSuccessItself, facts: facts, notes: notes,
                at: now, using: &random)
        case .settled(let recipients): return queue.settled(recipients: recipients, at: now)
        case .directoryChanged(let directory, let lane):
            // Whoever read it first may tell of it last.
            guard directory.version >= self.directory.version else { return [] }
            self.directory = directory
            policiesChanged(at: now)
            tellShaping(at: now)
            return queue.directoryChanged(directory, lane: lane, at: now)
        case .addressesFound(let local): return queue.addressesChanged(local, at: now)
        case .sourcesElsewhere(let names): return queue.sourcesChanged(elsewhere: names, at: now)
        case .runsChanged(let living):
            livingRuns = max(1, living.count)
            tellShaping(at: now)
            return queue.runsChanged(living: living)
        case .leaseRenewed(let until): return leaseRenewed(until: until, at: now)
        case .suppressionsComplete: return queue.suppressionsComplete(at: now)
        case .leaseLost(let new, let newest): return leaseLost(new, newestMessage: newest, at: now)
        case .upstreamStored(let route, let version, let lane): return queue.upstreamStored(route, version: version, lane: lane, at: now)
        case .probeAnswered(let route, let granted): return queue.probeAnswered(route, granted, at: now)
        case .becameDue(let list): return queue.becameDue(waitsFor: list, at: now)
        case .shaped(let answer): return queue.shaped(answer, at: now)
        case .shapingDue: return isStopping ? [] : queue.shapingDue(at: now)
        case .timePassed:
            tellQueue(at: now)
            return isStopping ? [] : queue.timePassed(at: now)
        case .stopping:
            isStopping = true
            return queue.stopped(at: now)
        }
    }

    private mutating func tellShaping(at now: Timestamp) {
        queue.shapingConditions(nodes: livingRuns, isShared: settings.isShared, day: policies.day, at: now)
    }

    /// A person holds or cancels what is in memory; the store's own rows are the caller's to change.
    package mutating func acted(_ verb: QueueVerb, _ filter: QueueFilter, at now: Timestamp) -> (count: Int, actions: [QueueAction]) {
        let (count, actions) = queue.acted(verb, filter, at: now)
        return (count, actions + queue.takeShapingOrders())
    }

    /// The message that carries a report to the sender, without its content yet. The caller composes it, commits it with the settlement,
    /// and says `stored` afterwards where it has a lease.
    package mutating func notice(for record: MessageRecord, at now: Timestamp) -> AcceptedNotice? {
        guard let sender = record.reversePath.address else { return nil }
        var recipient = RecipientRecord(
            index: 0, recipient: EnvelopeRecipient(sender, notify: []), isInternal: directory.acceptedDomain(of: sender) != nil, dueAt: now)
        let way = reportWay(to: recipient, onlyRoute: record.onlyRoute, at: now)
        recipient.dueAt = way.dueAt
        let finding = Finding(
            rule: "notice.report", matched: record.id.description, explanation: "A report on message \(record.id).")
        let notice = MessageRecord(
            tenant: record.tenant, id: identifiers.next(at: now), receivedAt: now, trafficClass: .notice, sender: "postern",
            principal: "postern", reversePath: .null, envelopeID: nil, dsnReturn: nil, body: .sevenBit,
            isInternationalized: sender.isInternationalized, headerFrom: "", subject: "", headerMessageID: "", sizeBytes: 0,
            clientAddress: nil, clientName: "", submissionTLS: nil, pool: way.pool, onlyRoute: record.onlyRoute,
            findings: [finding] + [way.finding].compactMap { $0 }, expiresAt: way.dueAt + settings.expiry, warnAt: nil, recipientCount: 1)
        let isLeased = !isStopping && queue.reserve(recipients: 1, dueAt: way.dueAt, at: now)
        return AcceptedNotice(record: notice, recipient: recipient, lease: isLeased ? lease : nil)
    }
}

/// A report that is about to be composed.
package struct AcceptedNotice: Sendable {
    package var record: MessageRecord
    package var recipient: RecipientRecord
    package var lease: Lease?
}
