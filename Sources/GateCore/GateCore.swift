package import DeliveryPlanning
package import InternetMessage
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
    private var connections: ConnectionGuard
    private var signIns: SignInGuard
    var identifiers: MessageIDSource
    package internal(set) var queue: DeliveryQueue
    package internal(set) var run: GateRun {
        didSet { actsUntil = run.leaseUntil - settings.leaseMargin }
    }
    /// A margin before the lease lapses. Kept, since each question and event asks for it.
    var actsUntil: SteadyTime
    /// As it was last told.
    var steadyNow = SteadyTime(milliseconds: 0)
    package private(set) var isStopping = false
    /// The limits of the directory.
    package internal(set) var policies: PolicyTable
    var usages = UsageMemory()
    var errors: ErrorWatch
    package internal(set) var restrictions: [RestrictedEntity: Restriction] = [:]
    /// By principal.
    package internal(set) var throttles: [String: SubmissionThrottle] = [:]
    var acts: [PolicyAct] = []
    /// Connections that have signed in, by account.
    private var sessions: [EmailAddress: Int] = [:]

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
        restrictions = directory.restrictions
        throttles = directory.throttles
        tellQueue(at: Timestamp(milliseconds: 0))
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

    /// A session wants to go on as this account. Nil: it does, and `sessionEnded` must follow. A reply: the account has enough of them here.
    package mutating func sessionBegan(as account: EmailAddress) -> SMTPReply? {
        let most = policies.service?.connectionsPerSender ?? 0
        guard most == 0 || sessions[account, default: 0] < most else {
            return SMTPReply(
                432, EnhancedStatusCode(4, 3, 2),
                "Concurrent connections limit exceeded: \(account) has \(most) connections; close one, or try again later")
        }
        sessions[account, default: 0] += 1
        return nil
    }

    package mutating func sessionEnded(as account: EmailAddress) {
        guard let count = sessions[account] else { return }
        sessions[account] = count > 1 ? count - 1 : nil
    }

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
        }
    }

    package func connector(address: IPAddress?, certificateFingerprint: String?) -> Submitter? {
        directory.connector(address: address, certificateFingerprint: certificateFingerprint).map { Submitter($0) }
    }
}

/// What a session is known by when it gives an envelope.
package struct SessionFacts: Sendable {
    package var principal: Submitter.Principal?
    package var address: IPAddress?
    /// The EHLO name.
    package var helloName: String
    package var isEncrypted: Bool
    package var tlsVersion: String?
    /// True where the listener itself says who may come without TLS: HTTP.
    package var mayBePlaintext: Bool

    package init(
        principal: Submitter.Principal?, address: IPAddress?, helloName: String, isEncrypted: Bool, tlsVersion: String?,
        mayBePlaintext: Bool = false
    ) {
        self.mayBePlaintext = mayBePlaintext
        self.principal = principal
        self.address = address
        self.helloName = helloName
        self.isEncrypted = isEncrypted
        self.tlsVersion = tlsVersion
    }
}

/// What is to be stored for a message that may come in. The content still needs its fields: the identifier stands in Received.
package struct AcceptanceOrder: Sendable {
    package var record: MessageRecord
    package var recipients: [RecipientRecord]
    /// Where the message is attempted at once from memory; then `stored` or `notStored` must follow.
    package var lease: Lease?
    package var submitter: Submitter
    /// What it uses of limits: for the store to grant in the commit that keeps it.
    package var claims: [UsageClaim] = []
}

// Second and third decision point: envelope and content.
extension GateCore {
    /// MAIL FROM.
    package mutating func senderGiven(
        _ reversePath: ReversePath, _ parameters: MailParameters, session: SessionFacts, at now: Timestamp
    ) -> Verdict {
        if let reply = refusalWhileClosed { return .refuse(reply, [Finding(rule: "store.closed", matched: "", explanation: reply.text)]) }
        let submitter = session.principal.flatMap { self.submitter($0) }
        let verdict = settings.rules.sender(
            reversePath, parameters, submitter: submitter, isEncrypted: session.isEncrypted || session.mayBePlaintext,
            peer: session.address,
            at: now)
        guard let submitter else { return verdict }
        if let refusal = refusal(of: submitter, sender: knownSender(submitter), isExternal: false, at: now) { return refusal }
        noteErrors(of: verdict, submitter, at: now)
        return verdict
    }

    /// Send As denied is an error that programs repeat.
    mutating func noteErrors(of verdict: Verdict, _ submitter: Submitter, at now: Timestamp) {
        guard case .refuse(let reply, let findings) = verdict else { return }
        let rule = findings.first?.rule ?? ""
        if rule.hasPrefix("send-as.") { erred(.sendAs, submitter, example: reply.text, at: now) }
        if rule == "submission.account-expired" { erred(.account, submitter, example: reply.text, at: now) }
    }

    private var refusalWhileClosed: SMTPReply? {
        if isStopping { return SMTPReply(421, EnhancedStatusCode(4, 3, 2), "This server is stopping; try again in a minute") }
        if !holdsLease {
            return SMTPReply(
                451, EnhancedStatusCode(4, 3, 2), "This server has had no answer from its database for too long; try again in a minute")
        }
        guard case .closed(let reason) = storeCondition else { return nil }
        return SMTPReply(452, EnhancedStatusCode(4, 3, 1), "\(reason); try again later")
    }

    /// Memory for content that is about to come. Nil: granted, and `contentReleased` must follow.
    package mutating func contentReserved(_ bytes: Int) -> SMTPReply? {
        if let reply = refusalWhileClosed { return reply }
        return connections.contentReserved(bytes)
            ? nil : SMTPReply(452, EnhancedStatusCode(4, 3, 1), "Too much mail is coming in at this moment; try again in a minute")
    }

    package mutating func contentReleased(_ bytes: Int) { connections.contentReleased(bytes) }

    package enum ContentDecision: Sendable {
        case accept(AcceptanceOrder)
        case refuse(SMTPReply, [Finding])

        /// `verdict` refuses.
        init(_ verdict: Verdict) {
            guard case .refuse(let reply, let findings) = verdict else { preconditionFailure("not a refusal") }
            self = .refuse(reply, findings)
        }
    }

    /// End of data. `bytes`: the size of the content as it came. `fieldAddress`: the address in a header field that a connector trusts.
    /// `firstTime`: where the store was asked before, how many recipients it found to be new to the sender. `verdict`: of scanning.
    package mutating func contentReceived(
        _ facts: MessageFacts, envelope: Envelope, bytes: Int, session: SessionFacts, firstTime: Int = 0,
        verdict: ContentVerdict? = nil, at now: Timestamp, fieldAddress: (String) -> EmailAddress?
    ) -> ContentDecision {
        if let reply = refusalWhileClosed {
            return .refuse(reply, [Finding(rule: "store.closed", matched: "", explanation: reply.text)])
        }
        guard var submitter = session.principal.flatMap({ submitter($0) }) else {
            let text = "The account or connector of this session was removed or disabled"
            return .refuse(
                SMTPReply(550, EnhancedStatusCode(5, 7, 1), text),
                [Finding(rule: "submission.disabled", matched: session.principal?.description ?? "", explanation: text)])
        }
        let ruling = settings.rules.content(facts, submitter: submitter)
        noteErrors(of: ruling, submitter, at: now)
        guard case .accept(let findings) = ruling else { return ContentDecision(ruling) }
        let sender = settings.rules.senderName(submitter, reversePath: envelope.reversePath, facts: facts, fieldAddress: fieldAddress)
        submitter.trafficClass = policies.grants.trafficClass(submitter.trafficClass, of: sender, at: now)
        var arrival = Arrival(
            facts: facts, envelope: envelope, bytes: bytes, session: session, submitter: submitter, sender: sender, verdict: verdict,
            findings: findings)
        if let refusal = expandGroups(&arrival) { return ContentDecision(refusal) }
        return counted(arrival, firstTime: firstTime, at: now)
    }

    /// A message whose content is fit to be taken.
    struct Arrival {
        var facts: MessageFacts
        var envelope: Envelope
        var bytes: Int
        var session: SessionFacts
        var submitter: Submitter
        var sender: String
        var verdict: ContentVerdict?
        var findings: [Finding]
        /// True where a person has to release it.
        var isHeld = false
        var claims: [UsageClaim] = []
        /// When it may go out, by what is remembered.
        var releaseAt: Timestamp?
    }

    mutating func acceptance(of arrival: Arrival, at now: Timestamp) -> AcceptanceOrder {
        let (envelope, facts, session, submitter) = (arrival.envelope, arrival.facts, arrival.session, arrival.submitter)
        let dueAt = max(now, envelope.parameters.futureRelease?.time(from: now) ?? now, arrival.releaseAt ?? now)
        let recipients = envelope.recipients.enumerated().map { index, recipient in
            RecipientRecord(
                index: Int32(index), recipient: recipient, isInternal: directory.acceptedDomain(of: recipient.address) != nil,
                state: arrival.isHeld ? .held : .queued, dueAt: dueAt)
        }
        let record = MessageRecord(
            tenant: submitter.tenant, id: identifiers.next(at: now), receivedAt: now, trafficClass: submitter.trafficClass,
            sender: arrival.sender, principal: submitter.principal.description, reversePath: envelope.reversePath,
            envelopeID: envelope.parameters.envelopeID, dsnReturn: envelope.parameters.dsnReturn,
            body: facts.hasEightBitHeader || facts.hasEightBitBody ? .eightBit : .sevenBit,
            isInternationalized: envelope.parameters.isInternationalized && needsSMTPUTF8(envelope, facts),
            headerFrom: facts.headerFromText, subject: facts.subject, headerMessageID: facts.messageID, sizeBytes: arrival.bytes,
            clientAddress: session.address, clientName: session.helloName, submissionTLS: session.tlsVersion, pool: "normal",
            onlyRoute: submitter.onlyRoute, findings: arrival.findings, expiresAt: dueAt + settings.expiry,
            warnAt: settings.warnAfter.map { dueAt + $0 }, recipientCount: recipients.count)
        let isLeased = !arrival.isHeld && queue.reserve(recipients: recipients.count, dueAt: dueAt, at: now)
        return AcceptanceOrder(
            record: record, recipients: recipients, lease: isLeased ? lease : nil, submitter: submitter, claims: arrival.claims)
    }

    /// SMTPUTF8 may be asked for by a client that does not need it; the next host should not have to have it then.
    private func needsSMTPUTF8(_ envelope: Envelope, _ facts: MessageFacts) -> Bool {
        facts.hasEightBitHeader || (envelope.reversePath.address?.isInternationalized ?? false)
            || envelope.recipients.contains { $0.address.isInternationalized }
    }

    private var lease: Lease { Lease(owner: run.owner) }

    /// An identifier for something that is traced without being accepted: a refusal.
    package mutating func nextIdentifier(at now: Timestamp) -> MessageID { identifiers.next(at: now) }
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
    case attemptEnded(ConnectionID, [RecipientResult], isReusable: Bool, reportsSuccessItself: Bool, facts: ConnectionFacts)
    case settled(recipients: Int)
    case directoryChanged(Directory, lane: Lane)
    /// The machine's addresses, as they are now.
    case addressesFound(LocalAddresses)
    /// Names of the egress sources that other living nodes use.
    case sourcesElsewhere(Set<String>)
    case leaseRenewed(until: SteadyTime)
    /// Others may have taken over what this run held; the store has registered it anew.
    case leaseLost(GateRun, newestMessage: MessageID?)
    /// A stop, or its end, stands in the store since this version of the directory.
    case upstreamStored(route: String, version: Int64, lane: Lane)
    /// The stop as the store has it now, with the right to probe; nil where this node did not get it.
    case probeAnswered(route: String, UpstreamStop?)
    /// Something in the store became due. `waitsFor`: only for the list of sources of this number, which another node left; 0 for any.
    case becameDue(waitsFor: Int32 = 0)
    case timePassed
    case stopping
}

// Delivery: events in, actions out.
extension GateCore {
    package mutating func handle(
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
        case .attemptEnded(let id, let results, let isReusable, let reportsSuccessItself, let facts):
            return queue.attemptEnded(
                id, results: results, isReusable: isReusable, reportsSuccessItself: reportsSuccessItself, facts: facts, at: now,
                using: &random)
        case .settled(let recipients): return queue.settled(recipients: recipients, at: now)
        case .directoryChanged(let directory, let lane):
            // Whoever read it first may tell of it last.
            guard directory.version >= self.directory.version else { return [] }
            self.directory = directory
            policiesChanged(at: now)
            return queue.directoryChanged(directory, lane: lane, at: now)
        case .addressesFound(let local): return queue.addressesChanged(local, at: now)
        case .sourcesElsewhere(let names): return queue.sourcesChanged(elsewhere: names, at: now)
        case .leaseRenewed(let until): return leaseRenewed(until: until, at: now)
        case .leaseLost(let new, let newest): return leaseLost(new, newestMessage: newest, at: now)
        case .upstreamStored(let route, let version, let lane): return queue.upstreamStored(route, version: version, lane: lane, at: now)
        case .probeAnswered(let route, let granted): return queue.probeAnswered(route, granted, at: now)
        case .becameDue(let list): return queue.becameDue(waitsFor: list, at: now)
        case .timePassed:
            tellQueue(at: now)
            return isStopping ? [] : queue.timePassed(at: now)
        case .stopping:
            isStopping = true
            return queue.stopped(at: now)
        }
    }

    /// A person holds or cancels what is in memory; the store's own rows are the caller's to change.
    package mutating func acted(_ verb: QueueVerb, _ filter: QueueFilter, at now: Timestamp) -> (count: Int, actions: [QueueAction]) {
        queue.acted(verb, filter, at: now)
    }

    /// The message that carries a report to the sender, without its content yet. The caller composes it, commits it with the settlement,
    /// and says `stored` afterwards where it has a lease.
    package mutating func notice(for record: MessageRecord, at now: Timestamp) -> AcceptedNotice? {
        guard let sender = record.reversePath.address else { return nil }
        let recipient = RecipientRecord(
            index: 0, recipient: EnvelopeRecipient(sender, notify: []), isInternal: directory.acceptedDomain(of: sender) != nil, dueAt: now)
        let notice = MessageRecord(
            tenant: record.tenant, id: identifiers.next(at: now), receivedAt: now, trafficClass: .notice, sender: "postern",
            principal: "postern", reversePath: .null, envelopeID: nil, dsnReturn: nil, body: .sevenBit,
            isInternationalized: sender.isInternationalized, headerFrom: "", subject: "", headerMessageID: "", sizeBytes: 0,
            clientAddress: nil, clientName: "", submissionTLS: nil, pool: "normal", onlyRoute: record.onlyRoute,
            findings: [Finding(rule: "notice.report", matched: record.id.description, explanation: "A report on message \(record.id).")],
            expiresAt: now + settings.expiry, warnAt: nil, recipientCount: 1)
        let isLeased = !isStopping && queue.reserve(recipients: 1, dueAt: now, at: now)
        return AcceptedNotice(record: notice, recipient: recipient, lease: isLeased ? lease : nil)
    }
}

/// A report that is about to be composed.
package struct AcceptedNotice: Sendable {
    package var record: MessageRecord
    package var recipient: RecipientRecord
    package var lease: Lease?
}
