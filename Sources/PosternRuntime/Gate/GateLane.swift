import Delivery
import DeliveryPlanning
import GateCore
import MailAuthentication
import MailModel
import NIOCore
import NIOPosix
import OutboundPolicy
import SMTPProtocol
import Storage
import Submission
import Synchronization

/// What the lanes share besides the engine.
struct GateTools: Sendable {
    var committer: Committer
    var reader: StoreReader
    var pool: NIOThreadPool
    var signers: SignerCache
    var passwords: PasswordChecker
    /// The password for the next host of a route, by its name.
    var readPassword: @Sendable (HopPassword, String) -> String?
    var tokens: TokenKeeper
    var tlsKeeper: TLSKeeper
    var arrivals: ArrivalChecks
    var scans: ScanDesk
    var copies: ReviewCopies
    var campaignCopies: CampaignCopies
    var campaignStops: CampaignStops
    var groups: GroupDistribution
    /// For providers' APIs.
    var web: OutboundHTTP
    var counters: GateCounters
    var flights: FlightBook
    var hostName: DomainName
}

/// One event loop's part of the gate: the sessions' and the deliveries' port to it.
///
/// `@unchecked`: `delivery` and the waiting sessions are touched on the event loop alone; `waiting` has its own lock, since the writer
/// thread answers.
final class GateLane: @unchecked Sendable, SubmissionPort, DeliveryPort {
    let lane: Lane
    let eventLoop: any EventLoop
    private let engine: GateEngine
    let tools: GateTools
    private let refusals: RefusalListener
    private var refusalBudget = RefusalBudget()
    private let acceptances: AcceptanceListener
    private(set) var delivery: DeliveryLane?
    private var waitingScans = WaitingScans()

    init(lane: Lane, eventLoop: any EventLoop, engine: GateEngine, tools: GateTools, delivery options: DeliveryOptions) {
        self.lane = lane
        self.eventLoop = eventLoop
        self.engine = engine
        self.tools = tools
        refusals = RefusalListener()
        acceptances = AcceptanceListener()
        delivery = DeliveryLane(eventLoop: eventLoop, settings: options, port: self)
        acceptances.lane.withLock { $0 = self }
    }

    /// Runs on the loop: at once where the caller is on it.
    func perform(_ actions: [QueueAction], first: (() -> Void)?) {
        if eventLoop.inEventLoop {
            first?()
            deliver(actions)
        } else {
            let first = UncheckedTransfer(first)
            eventLoop.execute {
                first.value?()
                self.deliver(actions)
            }
        }
    }

    private func deliver(_ actions: [QueueAction]) {
        for action in actions {
            switch action {
            case .connect(let order): delivery?.connect(order)
            case .attempt(let order):
                tools.counters.attemptBegan()
                tools.flights.began(order.recipients.map { order.record.recipient($0.index) })
                delivery?.attempt(order)
            case .close(let id, _): delivery?.close(id)
            case .resolve, .settle, .claim, .giveBack, .upstream, .shape: preconditionFailure("not a lane's to do")
            }
        }
    }

    func saw(_ observation: TLSObservation) { tools.tlsKeeper.saw(observation) }

    func remembersTLS(of host: String) -> Bool? { tools.tlsKeeper.remembersTLS(of: host) }

    func askForTLS(of host: String, completion: @escaping (Bool?) -> Void) {
        let completion = UncheckedTransfer(completion)
        tools.reader.read(
            { try $0.verifiedTLS(host) },
            completion: { result in
                let keeper = self.tools.tlsKeeper
                let isRemembered: Bool? =
                    switch result {
                    case .success(let verifiedAt): keeper.isRemembered(host, verifiedAt: verifiedAt)
                    case .failure: nil
                    }
                self.eventLoop.execute { completion.value(isRemembered) }
            })
    }

    // MARK: - Submission

    func decide<Decision>(_ body: (inout GateCore, Timestamp) -> Decision) -> Decision { engine.decide(body) }

    /// Clients that wait for the store since before then are told to come again. What the store makes of their messages after all is
    /// cancelled at once: the client has it, and sends it again (where it does so with an idempotency key, the first one counts and goes on).
    func giveUpWaiting(since: ContinuousClock.Instant) {
        eventLoop.execute {
            for completion in self.acceptances.giveUp(since: since) { completion(.failed(GateLane.unanswered)) }
        }
    }

    private static let unanswered = SMTPReply(451, EnhancedStatusCode(4, 3, 0), "The store does not answer; try again later")

    func accept(_ message: NewMessage, completion: @escaping (AcceptanceAnswer) -> Void) {
        let ticket = acceptances.keep(message, completion)
        if !tools.committer.enqueue(.accept(message), ticket: ticket, listener: acceptances) {
            acceptances.forget(ticket)
            notStored(message)
            completion(.failed(GateLane.busy))
        }
    }

    private static let busy = SMTPReply(452, EnhancedStatusCode(4, 3, 1), "The store cannot keep up at this moment; try again in a minute")

    private func notStored(_ message: NewMessage) {
        if message.lease != nil { _ = engine.handle([.notStored(recipients: message.recipients.count)]) }
    }

    /// A group of messages came to the disk, or did not. On the writer thread: what is stored enters the queue in the order of commits, and
    /// the loop is woken once for all replies and all deliveries.
    fileprivate func committed(_ waiting: [WaitingAcceptance], _ results: [Result<StoreWorkResult, any Error>]) {
        var events: [GateEvent] = []
        var replies: [AcceptanceAnswer] = []
        learn(results)
        for (waiting, result) in zip(waiting, results) {
            let recipients = waiting.message.recipients.count
            switch result {
            case .success(.repeated(let first, let isSameRequest)):
                if waiting.message.lease != nil { events.append(.notStored(recipients: recipients)) }
                replies.append(.repeated(first, isSameRequest: isSameRequest))
            case .success(.exceeded(_, let answer)):
                if waiting.message.lease != nil { events.append(.notStored(recipients: recipients)) }
                replies.append(.exceeded(firstTime: answer.firstTime))
            // Of a campaign's copy nobody asks again: it counts, and goes on.
            case .success where waiting.completion == nil && waiting.message.idempotency == nil && waiting.message.copy == nil:
                if waiting.message.lease != nil { events.append(.notStored(recipients: recipients)) }
                engine.cancelUnanswered(waiting.message)
                replies.append(.failed(GateLane.unanswered))
            case .success(let result):
                tools.counters.accepted(recipients: recipients)
                events += stored(waiting.message, result)
                tools.copies.stored(waiting.message)
                replies.append(.stored)
            case .failure(let error):
                if waiting.message.lease != nil { events.append(.notStored(recipients: recipients)) }
                replies.append(.failed(GateLane.refusal(for: error)))
            }
        }
        let actions = engine.handle(events)
        engine.perform(actions, first: (self, { for (waiting, reply) in zip(waiting, replies) { waiting.completion?(reply) } }))
    }

    /// What the store says of limits, in one question for the whole group.
    private func learn(_ results: [Result<StoreWorkResult, any Error>]) {
        let answers = results.compactMap { result -> ClaimAnswer? in
            switch result {
            case .success(.granted(let answer)), .success(.exceeded(_, let answer)): answer.holdings.isEmpty ? nil : answer
            default: nil
            }
        }
        guard !answers.isEmpty else { return }
        engine.decide { core, now in
            for answer in answers { core.usageLearned(answer, at: now) }
        }
    }

    /// Where the store has put the message off, it is no longer to be attempted from memory.
    private func stored(_ message: NewMessage, _ result: StoreWorkResult) -> [GateEvent] {
        guard case .granted(let answer) = result else { return [.stored(message, lane: lane)] }
        guard answer.slowedBy != nil, message.lease != nil else { return [.stored(message, lane: lane)] }
        var slowed = message
        slowed.lease = nil
        for index in slowed.recipients.indices {
            slowed.recipients[index].dueAt = max(slowed.recipients[index].dueAt, answer.releaseAt ?? slowed.recipients[index].dueAt)
        }
        return [.notStored(recipients: message.recipients.count), .stored(slowed, lane: lane)]
    }

    private static func refusal(for error: any Error) -> SMTPReply {
        if case .full? = error as? StoreError {
            return SMTPReply(452, EnhancedStatusCode(4, 3, 1), "The disk is full; try again later")
        }
        return SMTPReply(451, EnhancedStatusCode(4, 3, 0), "The message could not be stored; try again later")
    }

    func refused(_ refusal: Refusal) {
        tools.counters.refused()
        guard refusalBudget.take(at: refusal.at) else {
            tools.counters.refusalLost()
            return
        }
        // The reply tells the client; a line of trace that finds no room is counted as lost, not waited for.
        if !tools.committer.enqueue(.refuse(refusal), ticket: 0, listener: refusals) { tools.counters.refusalLost() }
    }

    func beginSession(as account: EmailAddress, completion: @escaping (SMTPReply?) -> Void) {
        let completion = UncheckedTransfer(completion)
        SessionKeeper(engine: engine, committer: tools.committer).begin(account) { refusal in
            if self.eventLoop.inEventLoop {
                completion.value(refusal)
            } else {
                self.eventLoop.execute { completion.value(refusal) }
            }
        }
    }

    func check(_ password: String, of account: Account?, completion: @escaping (Bool?) -> Void) {
        let completion = UncheckedTransfer(completion)
        tools.passwords.check(Array(password.utf8), of: account, at: .now) { isRight in
            if self.eventLoop.inEventLoop {
                completion.value(isRight)
            } else {
                self.eventLoop.execute { completion.value(isRight) }
            }
        }
    }

    func check(_ arrival: RelayedArrival, completion: @escaping (Finding, Bool) -> Void) {
        let completion = UncheckedTransfer(completion)
        tools.arrivals.check(arrival) { results in self.eventLoop.execute { completion.value(results.finding, results.isProven) } }
    }

    var scans: Bool { tools.scans.isOn }

    func scan(_ order: ScanOrder, completion: @escaping (ScanOutcome) -> Void) {
        let ticket = waitingScans.keep(completion)
        tools.scans.scan(order) { outcome in self.eventLoop.execute { self.waitingScans.take(ticket)?(outcome) } }
    }

    /// Who waits for a scan since before then goes on without.
    func giveUpScans(since: ContinuousClock.Instant) {
        eventLoop.execute {
            for completion in self.waitingScans.takeAll(since: since) {
                self.tools.scans.gaveUp()
                completion(.failed(.late))
            }
        }
    }

    // MARK: - Delivery

    var hostName: DomainName { tools.hostName }

    func happened(_ event: GateEvent) {
        if case .attemptEnded(_, let results, _, _, _, _) = event { tools.counters.attemptEnded(results) }
        engine.happened(event)
    }

    func offLoop<Value: Sendable>(_ work: @escaping @Sendable () -> Value, completion: @escaping (Value) -> Void) {
        let completion = UncheckedTransfer(completion)
        tools.pool.submit { state in
            guard case .active = state else { return }
            let value = work()
            self.eventLoop.execute { completion.value(value) }
        }
    }

    var signs: Bool { !tools.signers.isEmpty }
    func signers(for domain: DomainName) -> [DKIMSigner] { tools.signers.signers(for: domain) }

    func credentials(
        of user: String, _ kept: HopPassword?, ofRoute route: String, refused: String?,
        completion: @escaping (Result<SMTPCredentials, DeliveryFailure>) -> Void
    ) {
        guard case .oauth(let credential)? = kept else {
            let password = kept.flatMap { tools.readPassword($0, route) }
            return completion(
                password.map { .success(SMTPCredentials(name: user, password: $0)) }
                    ?? .failure(GateLane.noSignIn(EnhancedStatusCode(4, 3, 5), "The password for \(user) on \(route) cannot be read")))
        }
        let completion = UncheckedTransfer(completion)
        tools.tokens.ask(TokenOrder(route: route, mailbox: user, credential: credential), refused: refused) { result in
            let credentials = result.map { SMTPCredentials(name: user, token: $0.value) }.mapError { GateLane.failure(of: $0, route) }
            if self.eventLoop.inEventLoop {
                completion.value(credentials)
            } else {
                self.eventLoop.execute { completion.value(credentials) }
            }
        }
    }

    func handOver(_ call: APICall, completion: @escaping (Result<SMTPReply, DeliveryFailure>) -> Void) {
        handOver(call, refused: nil, completion)
    }

    /// `refused`: a token that the API has just refused; a fresh one is tried once.
    private func handOver(_ call: APICall, refused: String?, _ completion: @escaping (Result<SMTPReply, DeliveryFailure>) -> Void) {
        credentials(of: call.mailbox, call.credential, ofRoute: call.routeName, refused: refused) { [self] result in
            guard case .success(let credentials) = result, let token = credentials.token else {
                return completion(.failure(result.failure ?? GateLane.noSignIn(EnhancedStatusCode(4, 7, 0), "An API takes tokens only")))
            }
            ProviderCall(call, token: token).begin(by: tools.web, on: eventLoop) { [self] answer in
                switch answer {
                case .failure(let failure): completion(.failure(failure))
                case .success(let answer):
                    if refused == nil, APIReply.refusesToken(answer) { return handOver(call, refused: token, completion) }
                    completion(APIReply.result(answer, of: call.api))
                }
            }
        }
    }

    func distribute(_ post: ListPost, completion: @escaping (Result<SMTPReply, DeliveryFailure>) -> Void) {
        let completion = UncheckedTransfer(completion)
        tools.groups.distribute(post) { answer in self.eventLoop.execute { completion.value(answer) } }
    }

    private static func failure(of fault: TokenFault, _ route: String) -> DeliveryFailure {
        let advice = fault.advice.map { ". \($0)" } ?? ""
        return noSignIn(EnhancedStatusCode(4, 7, 0), "No token for route \(route): \(fault.code): \(fault.text)\(advice)")
    }

    private static func noSignIn(_ code: EnhancedStatusCode, _ text: String) -> DeliveryFailure {
        .local(451, code, text, scope: .host, stage: .auth)
    }

    var now: Timestamp { .now }
}

/// A message that is being committed, and what is to be done on the loop once that is over.
///
/// `@unchecked`: the completion is called on the loop that gave it, whoever holds it meanwhile.
private struct WaitingAcceptance: @unchecked Sendable {
    let message: NewMessage
    let since = ContinuousClock.now
    /// Nil once the client was told to come again.
    var completion: ((AcceptanceAnswer) -> Void)?
}

/// Keeps what a lane waits for while the writer thread works on it.
private final class AcceptanceListener: CommitListener {
    /// Nil only before the lane is made. The lane lives as long as the gate.
    let lane = Mutex<GateLane?>(nil)

    private struct State {
        var lastTicket: Int64 = 0
        var waiting: [Int64: WaitingAcceptance] = [:]
    }

    private let state = Mutex(State())

    func keep(_ message: NewMessage, _ completion: @escaping (AcceptanceAnswer) -> Void) -> Int64 {
        let waiting = WaitingAcceptance(message: message, completion: completion)
        return state.withLock { state in
            state.lastTicket += 1
            state.waiting[state.lastTicket] = waiting
            return state.lastTicket
        }
    }

    /// Takes the completions of those that wait since before then.
    func giveUp(since: ContinuousClock.Instant) -> [(AcceptanceAnswer) -> Void] {
        let taken = state.withLock { state in
            state.waiting.filter { $0.value.since < since && $0.value.completion != nil }.map { ticket, waiting in
                state.waiting[ticket]?.completion = nil
                return waiting
            }
        }
        return taken.compactMap(\.completion)
    }

    func forget(_ ticket: Int64) { _ = state.withLock { $0.waiting.removeValue(forKey: ticket) } }

    func committed(_ results: [CommitResult]) {
        let waiting = state.withLock { state in results.compactMap { state.waiting.removeValue(forKey: $0.ticket) } }
        precondition(waiting.count == results.count, "an acceptance was answered that nobody waits for")
        lane.withLock { $0 }?.committed(waiting, results.map(\.result))
    }
}

/// How many refusals a lane writes to the trace in a second: a flood of strangers must not fill the disk or crowd out mail. What is over
/// it is answered and counted all the same.
private struct RefusalBudget {
    static let perSecondMax = 200
    private var second: Int64 = 0
    private var used = 0

    mutating func take(at now: Timestamp) -> Bool {
        if now.seconds != second {
            second = now.seconds
            used = 0
        }
        used += 1
        return used <= RefusalBudget.perSecondMax
    }
}

/// Refusals are kept for the trace; nobody waits for them.
private final class RefusalListener: CommitListener {
    func committed(_ results: [CommitResult]) {}
}

extension Result {
    var failure: Failure? { if case .failure(let failure) = self { failure } else { nil } }
}
