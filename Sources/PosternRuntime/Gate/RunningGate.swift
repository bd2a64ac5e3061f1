import DNSClient
import Delivery
import DeliveryPlanning
import GateCore
import Glibc
import Logging
import MailModel
import NIOCore
import NIOPosix
import OutboundPolicy
import SMTPProtocol
import SMTPTransport
import Storage
import Submission
import Synchronization

/// Everything that a gate consists of between its start and its stop.
final class RunningGate: Sendable {
    /// `settings`: what new connections are begun with, on the port that was bound.
    typealias BoundListener = (listener: SMTPListener, settings: @Sendable (Settings, Int) -> SMTPListenerSettings)

    let addresses: [String: String]
    let context: GateContext
    let engine: GateEngine
    let requestRate = Mutex(RequestRate())
    private let laneTurn = Atomic<Int>(0)
    private let settlements: SettlementKeeper
    let keeper: RunKeeper
    let sourceKeeper: SourceKeeper
    let suppressions: SuppressionKeeper
    /// Of the directory that was taken last.
    let directoryVersion: Mutex<Int64>
    private let changes = Mutex<ChangeWatch?>(nil)
    let signers: SignerCache
    private let counters: GateCounters
    private let group: MultiThreadedEventLoopGroup
    private let pool: NIOThreadPool
    let listeners: [BoundListener]
    private let receiver: BuiltInReceiver
    let resolver: UnboundResolver
    let routeResolver: RouteResolver
    let tls: TLSContextBox
    let tlsContexts: ClientTLSContexts
    private let targets: AsyncStream<ResolveTarget>.Continuation
    private let tokens: TokenKeeper
    let tlsKeeper: TLSKeeper
    let web: OutboundHTTP
    let unsubscribeTest = Mutex<UnsubscribeTestMemory?>(nil)
    private let policyActs: (stream: AsyncStream<PolicyAct>, continuation: AsyncStream<PolicyAct>.Continuation)
    private let lookups: ResolverService
    private let arrivals: ArrivalChecks
    let scans: ScanDesk
    let copies: ReviewCopies
    let reports: ReportDesk
    let feedback: FeedbackDesk
    let alerting: Alerting
    private let ticking: RepeatedTask
    private let startedAt = Timestamp.now

    private init(
        addresses: [String: String], context: GateContext, made: Made, listeners: [BoundListener], lookups: ResolverService,
        ticking: RepeatedTask
    ) {
        self.addresses = addresses
        self.context = context
        engine = made.engine
        settlements = made.settlements
        keeper = made.keeper
        sourceKeeper = made.sources
        suppressions = made.suppressions
        directoryVersion = Mutex(made.directoryVersion)
        signers = made.signers
        counters = made.counters
        group = made.group
        pool = made.pool
        self.listeners = listeners
        receiver = made.receiver
        resolver = made.resolver
        routeResolver = made.routeResolver
        tls = made.tls
        tlsContexts = made.tlsContexts
        targets = made.targets
        tokens = made.tokens
        tlsKeeper = made.tlsKeeper
        web = made.web
        policyActs = made.policyActs
        self.lookups = lookups
        arrivals = made.arrivals
        scans = made.scans
        copies = made.copies
        reports = made.reports
        let resolver = made.resolver
        feedback = FeedbackDesk(desk: made.reports, context: context, web: made.web) { await resolver.addresses($0) }
        alerting = made.alerting
        self.ticking = ticking
    }

    /// The lanes in turn, for what comes on none of their loops.
    func nextLane() -> GateLane {
        let lanes = engine.lanes
        return lanes[(laneTurn.wrappingAdd(1, ordering: .relaxed).newValue & 0xFFFF) % lanes.count]
    }

    /// The parts that listeners and timers need.
    struct Made {
        var engine: GateEngine
        var settlements: SettlementKeeper
        var upstream: UpstreamKeeper
        var keeper: RunKeeper
        var sources: SourceKeeper
        var suppressions: SuppressionKeeper
        var directoryVersion: Int64
        var signers: SignerCache
        var counters: GateCounters
        var group: MultiThreadedEventLoopGroup
        var pool: NIOThreadPool
        var receiver: BuiltInReceiver
        var resolver: UnboundResolver
        var routeResolver: RouteResolver
        var tls: TLSContextBox
        var tlsContexts: ClientTLSContexts
        var targets: AsyncStream<ResolveTarget>.Continuation
        var tokens: TokenKeeper
        var tlsKeeper: TLSKeeper
        var arrivals: ArrivalChecks
        let reports: ReportDesk
        var scans: ScanDesk
        var copies: ReviewCopies
        let web: OutboundHTTP
        var policyActs: (stream: AsyncStream<PolicyAct>, continuation: AsyncStream<PolicyAct>.Continuation)
        var lanes: [GateLane]
        var alerting: Alerting
    }

    // MARK: - Start

    static func start(_ context: GateContext) async throws -> RunningGate {
        let settings = context.settings
        let group = MultiThreadedEventLoopGroup(numberOfThreads: System.coreCount)
        let pool = NIOThreadPool(numberOfThreads: System.coreCount)
        pool.start()
        let receiver = try await BuiltInReceiver.start(receiverSettings(context), group: group)
        let (keeper, core, change, nodes, heard) = try await recoveredCore(context, pool: pool, receiver: receiver)
        let flights = try await flightBook(context)
        let (stream, targets) = AsyncStream<ResolveTarget>.makeStream(bufferingPolicy: .bufferingOldest(targetsMax))
        let (actStream, acts) = AsyncStream<PolicyAct>.makeStream(bufferingPolicy: .bufferingOldest(PolicyKeeper.actsMax))
        let logger = context.logger
        let engine = GateEngine(
            core: core, committer: context.store.committer, resolve: { targets.yield($0) },
            carryOut: { [alerts = context.alerts] act in
                if case .alert(let condition) = act { return alerts.raise(condition) }
                if case .dropped = acts.yield(act) { logger.error("a decision on a sender was not kept", metadata: ["decision": "\(act)"]) }
            })
        keeper.connect(engine)
        let raise: @Sendable (AlertCondition) -> Void = { [alerts = context.alerts] condition in
            condition.log(logger)
            alerts.raise(condition)
        }
        let sources = SourceKeeper(engine: engine, keeper: keeper, store: context.store, pool: pool, found: raise)
        let signers = SignerCache(isUsed: settings.dkim.signs, vault: context.vault, logger: context.logger)
        signers.load(core.directory)
        let counters = GateCounters()
        let settlements = SettlementKeeper(
            engine: engine, committer: context.store.committer, reader: context.store.reader, pool: pool,
            reports: ReportWriter(host: settings.node.hostName), counters: counters, flights: flights, logger: logger)
        let tlsContexts = try ClientTLSContexts(settings.delivery)
        let resolver = try UnboundResolver(dnsSettings(settings.delivery))
        let client = try OutboundHTTP(group: group)
        let tokens = makeTokens(context, client, pool, resolver)
        let tlsKeeper = try makeTLSKeeper(context, group, resolver)
        let arrivals = ArrivalChecks(resolver: resolver, pool: pool)
        let scans = makeScans(context, client, resolver, core.directory)
        let copies = ReviewCopies(sender: OwnMailSender(store: context.store, engine: engine, live: context.live), logger: logger)
        let lanes = makeLanes(
            context, group, engine, pool, signers, counters, flights, tlsContexts, tokens, tlsKeeper, arrivals, scans, copies, client)
        let upstream = UpstreamKeeper(engine: engine, committer: context.store.committer, logger: logger, raise: raise)
        let shaping = ShapingKeeper(
            engine: engine, store: context.store, eventLoop: group.next(), logger: context.logger, raise: raise)
        engine.connect(lanes: lanes, settlements: settlements, upstream: upstream, shaping: shaping)
        let webhooks = WebhookSender(client: client, vault: context.vault) { await resolver.addresses($0) }
        let alerting = Alerting(context, engine: engine, webhooks: webhooks, owner: { keeper.owner })
        let routeResolver = RouteResolver(resolver: resolver, tls: tlsKeeper) {
            OwnIdentity(addresses: engine.decide { core, _ in core.queue.localAddresses }, name: settings.node.hostName)
        }
        let made = Made(
            engine: engine, settlements: settlements, upstream: upstream, keeper: keeper, sources: sources,
            suppressions: SuppressionKeeper(engine: engine, store: context.store, heard: heard, logger: logger),
            directoryVersion: core.directory.version, signers: signers, counters: counters, group: group, pool: pool, receiver: receiver,
            resolver: resolver, routeResolver: routeResolver, tls: try tlsContext(context), tlsContexts: tlsContexts, targets: targets,
            tokens: tokens, tlsKeeper: tlsKeeper,
            arrivals: arrivals, reports: ReportDesk(engine: engine, context: context, pool: pool, resolver: resolver), scans: scans,
            copies: copies, web: client, policyActs: (actStream, acts), lanes: lanes, alerting: alerting)
        let lookups = ResolverService(targets: stream, resolver: made.routeResolver) { engine.happened(.resolved($0, $1)) }
        sources.runsChanged(nodes)
        let ticking = tick(made, context)
        let (listeners, addresses) = try await listen(made, context)
        keeper.listens(on: addresses)
        let gate = RunningGate(
            addresses: addresses.merging(["receiver": "127.0.0.1:\(receiver.port)"]) { first, _ in first }, context: context, made: made,
            listeners: listeners, lookups: lookups, ticking: ticking)
        let watch = ChangeWatch(context.store.store, from: change, logger: context.logger) { [weak gate] in
            try gate?.heard(from: $0, to: $1)
        }
        gate.changes.withLock { $0 = watch }
        return gate
    }

    private static func receiverSettings(_ context: GateContext) -> BuiltInReceiverSettings {
        var settings = BuiltInReceiverSettings(directory: context.directory.path(of: "received"))
        settings.port = context.settings.receiver.port
        settings.messagesMax = context.settings.receiver.keepMessages
        settings.bytesMax = context.settings.receiver.keepBytes
        return settings
    }

    /// Registers this run, which gives back what an earlier one held, says what was found, and makes the core from what the store holds.
    private static func recoveredCore(
        _ context: GateContext, pool: NIOThreadPool, receiver: BuiltInReceiver
    ) async throws -> (RunKeeper, GateCore, StoreChange, [NodeRow], suppressionsHeard: Int64?) {
        let settings = context.settings
        let (keeper, run, found) = try await RunKeeper.begin(settings.node, context.store, pool: pool, logger: context.logger)
        context.logger.notice(
            "queue found",
            metadata: ["node.id": "\(run.node)", "recipients.open": "\(found.open)", "recipients.interrupted": "\(found.released)"])
        // The change first: what comes between is heard of once more.
        let now = Timestamp.now
        let key = context.vault.addressKey
        let (change, directory, nodes, suppressions) = try await context.store.read {
            let change = try $0.lastChange()
            return (change, try $0.directory(), try $0.nodes(at: now), try SuppressionKeeper.first($0, key: key, change: change))
        }
        let local = try await pool.runIfActive { LocalAddresses.ofThisMachine() }
        let endpoint = Endpoint(hostName: "localhost", address: .v4(0x7F00_0001), port: receiver.port)
        var core = GateCore(
            settings: coreSettings(settings, isShared: context.store.store.isShared), run: run, directory: directory,
            newestMessage: found.newestMessage, builtInReceiver: endpoint, local: local)
        core.suppressionsBecame(suppressions.table)
        keeper.uses(core.queue.sources.here)
        return (keeper, core, change, nodes, suppressions.heard)
    }

    /// Whose attempts a dead process left under way stands in their trace before anything is sent again.
    private static func flightBook(_ context: GateContext) async throws -> FlightBook {
        let path = context.directory.flights
        let (book, left) = try await BlockingWork.runLong { try FlightBook.open(path) }
        guard !left.isEmpty else { return book }
        context.logger.notice("attempts were under way when the process died", metadata: ["recipients": "\(left.count)"])
        do {
            _ = try await context.store.perform(.interrupted(left, at: .now))
        } catch {
            // It names recipients and decides nothing: mail goes on without.
            let names = left.prefix(1000).map(\.description).joined(separator: " ")
            context.logger.error("who they were for is not in the trace", metadata: ["error": "\(error)", "recipients": "\(names)"])
        }
        return book
    }

    private static func makeTokens(
        _ context: GateContext, _ client: OutboundHTTP, _ pool: NIOThreadPool, _ resolver: UnboundResolver
    ) -> TokenKeeper {
        let fetcher = TokenFetcher(client: client, vault: context.vault, pool: pool) { await resolver.addresses($0) }
        return TokenKeeper(fetcher, logger: context.logger)
    }

    private static func makeScans(
        _ context: GateContext, _ client: OutboundHTTP, _ resolver: UnboundResolver, _ directory: Directory
    ) -> ScanDesk {
        let opinions = SecondOpinionDesk(client: client, vault: context.vault, logger: context.logger) { await resolver.addresses($0) }
        let scans = ScanDesk(
            context.settings.scan, directory: context.directory, resolver: resolver, opinions: opinions, logger: context.logger)
        scans.use(directory)
        return scans
    }

    private static func makeTLSKeeper(
        _ context: GateContext, _ group: MultiThreadedEventLoopGroup, _ resolver: UnboundResolver
    ) throws -> TLSKeeper {
        let settings = context.settings.delivery
        let fetcher = MTASTSFetcher(
            client: try OutboundHTTP(group: group, extraRoots: settings.tlsRoots), addresses: { await resolver.addresses($0) },
            port: settings.mtaSTSPort, allowsSpecialAddresses: settings.allowsSpecialAddresses)
        let logger = context.logger
        return TLSKeeper(
            store: context.store, fetcher: fetcher, txt: { await resolver.txt($0) },
            choices: { [live = context.live] in
                let settings = live.current.delivery
                return TLSKeeper.Choices(
                    usesMTASTS: settings.usesMTASTS, remembered: settings.tlsRemembered, defersPlaintext: settings.defersLostTLS)
            },
            raise: { [alerts = context.alerts] condition in
                condition.log(logger)
                alerts.raise(condition)
            }, logger: logger)
    }

    private static func makeLanes(
        _ context: GateContext, _ group: MultiThreadedEventLoopGroup, _ engine: GateEngine, _ pool: NIOThreadPool, _ signers: SignerCache,
        _ counters: GateCounters, _ flights: FlightBook, _ tlsContexts: ClientTLSContexts, _ tokens: TokenKeeper, _ tlsKeeper: TLSKeeper,
        _ arrivals: ArrivalChecks, _ scans: ScanDesk, _ copies: ReviewCopies,
        _ web: OutboundHTTP
    ) -> [GateLane] {
        let passwords = RoutePasswords(directory: context.directory, vault: context.vault)
        let tools = GateTools(
            committer: context.store.committer, reader: context.store.reader, pool: pool, signers: signers,
            passwords: PasswordChecker(cache: SignInCache(), checksMax: passwordChecksMax) { work in
                pool.submit { state in
                    if case .active = state { work() }
                }
            },
            readPassword: { passwords.read($0, ofRoute: $1) }, tokens: tokens, tlsKeeper: tlsKeeper, arrivals: arrivals, scans: scans,
            copies: copies, campaignCopies: CampaignCopies(vault: context.vault), campaignStops: context.stops, groups: context.groups,
            web: web, counters: counters, flights: flights, hostName: context.settings.node.hostName)
        let delivery = deliveryOptions(context.settings, tlsContexts, context.vault)
        return group.makeIterator().enumerated().map { index, loop in
            GateLane(lane: Lane(index), eventLoop: loop, engine: engine, tools: tools, delivery: delivery)
        }
    }

    /// The largest window that settings allow: each target has a recipient that waits for it.
    private static let targetsMax = 1_000_000

    /// Slow hashes that may wait for a thread; past it a client is asked to come again.
    private static let passwordChecksMax = 200

    static func dnsSettings(_ settings: DeliverySettings) -> DNSSettings {
        var dns = DNSSettings()
        if !settings.resolvers.isEmpty { dns.source = .forwarders(settings.resolvers.map { DNSServerAddress($0.address, port: $0.port) }) }
        dns.trustAnchorFile = settings.dnssecTrustAnchor
        return dns
    }

    private static func tlsContext(_ context: GateContext) throws -> TLSContextBox {
        try TLSContextBox(
            certificateFile: context.directory.path(of: context.settings.tls.certificate),
            keyFile: context.directory.path(of: context.settings.tls.key),
            requestsClientCertificates: context.settings.submission.requestsClientCertificates)
    }

    // MARK: - Time

    private static func tick(_ made: Made, _ context: GateContext) -> RepeatedTask {
        let engine = made.engine
        let settlements = made.settlements
        let upstream = made.upstream
        let counters = made.counters
        let keeper = made.keeper
        let alerting = made.alerting
        let sources = made.sources
        let sessions = SessionKeeper(engine: engine, committer: context.store.committer)
        let watch = StoreWatch(context, engine: engine, pool: made.pool)
        let (lanes, scans) = (made.lanes, made.scans)
        return made.group.next().scheduleRepeatedTask(initialDelay: .zero, delay: tickLength) { _ in
            settlements.retryFailed()
            sources.tick()
            upstream.retryFailed()
            keeper.tick()
            alerting.tick()
            sessions.tick()
            scans.tick()
            if scans.waitingCount > 0 { for lane in lanes { lane.giveUpScans(since: .now - scans.timeout) } }
            engine.happened(.timePassed)
            let (submission, memory, flight, delivery, here) = engine.decide { core, _ in
                (
                    core.connectionCount, core.queue.recipientsInMemory, core.queue.recipientsInFlight, core.queue.connectionCount,
                    core.queue.sources.here
                )
            }
            keeper.uses(here)
            counters.observed(
                submission: submission, memory: memory, flight: flight, delivery: delivery, settlements: settlements.count)
            if let since = watch.look() { for lane in lanes { lane.giveUpWaiting(since: since) } }
        }
    }

    private static let tickLength = TimeAmount.milliseconds(200)

    func work() async {
        let keeper = PolicyKeeper(
            acts: policyActs.stream, store: context.store, engine: engine, act: { [weak self] in try await self?.act($0) ?? 0 },
            logger: context.logger)
        await withTaskGroup(of: Void.self) { regular in
            regular.addTask { await self.tlsKeeper.run() }
            regular.addTask { await self.tlsReporter.run() }
            regular.addTask { await self.suppressions.load() }
            let runs = self.keeper
            let mailbox = MailboxPoller(context: context, desk: reports, owner: { runs.owner })
            regular.addTask { await mailbox.run() }
            regular.addTask { await RateWatch(engine: self.engine, context: self.context).run() }
            // These end with `stop`.
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.lookups.run() }
                group.addTask { await self.arrivals.run() }
                group.addTask { await self.scans.run() }
                group.addTask { await self.copies.run() }
                group.addTask { await self.reports.run() }
                group.addTask { await keeper.run() }
                group.addTask { await self.alerting.run() }
                group.addTask { await self.tokens.run() }
            }
            regular.cancelAll()
        }
    }

    // MARK: - Stop

    func stop() async {
        for (listener, _) in listeners { await listener.stopAccepting() }
        for (listener, _) in listeners {
            listener.drain(SMTPReply(421, EnhancedStatusCode(4, 3, 2), "This server is stopping; try again in a minute"))
        }
        engine.happened(.stopping)
        await waitForAttempts()
        await tlsKeeper.flush()
        alerting.stop()
        await keeper.end()
        let watch = changes.withLock { $0 }
        try? await BlockingWork.runLong { watch?.stop() }
        for (listener, _) in listeners { await listener.close() }
        ticking.cancel()
        targets.finish()
        arrivals.finish()
        reports.finish()
        tokens.finish()
        await scans.finish()
        copies.finish()
        policyActs.continuation.finish()
        for lane in engine.lanes { lane.eventLoop.execute { lane.delivery?.abort() } }
        resolver.close()
        await receiver.close()
        try? await group.shutdownGracefully()
        try? await pool.shutdownGracefully()
    }

    /// Attempts under way get a little time to end; what does not is attempted again at the next start.
    private func waitForAttempts() async {
        for _ in 0..<RunningGate.stopSteps {
            let isIdle = engine.decide { core, _ in core.queue.recipientsInMemory == 0 }
            if isIdle, settlements.count == 0 { return }
            try? await Task.sleep(for: .milliseconds(100))
        }
    }

    private static let stopSteps = 100

    // MARK: - Administration

    /// Part by part, so that mail goes on coming in.
    func act(_ act: QueueAct) async throws -> Int {
        var act = act
        act.owner = keeper.owner
        var count = 0
        repeat {
            let (affected, next) = try await actInPart(act)
            count += affected
            act.place = next
        } while act.place != nil
        return count
    }

    /// On the store first and, on the writer thread right after that commit, on what is in memory: what was claimed since the part before
    /// is reached there.
    private func actInPart(_ act: QueueAct) async throws -> (count: Int, next: QueueAct.Place?) {
        let engine = engine
        let work = StoreWork.act(act)
        let (verb, filter) = (act.verb, act.filter)
        return try await withCheckedThrowingContinuation { continuation in
            let listener = ActListener { result in
                continuation.resume(
                    with: result.map { result in
                        let inMemory = engine.acted(verb, filter)
                        if case .acted(let count, let next) = result { return (count + inMemory, next) }
                        return (inMemory, nil)
                    })
            }
            if !context.store.committer.enqueue(work, ticket: 0, listener: listener) {
                continuation.resume(throwing: StoreError.busy)
            }
        }
    }

    func status(_ settings: Settings) async -> GateStatus {
        let engine = engine
        // Where the store does not say, its own problem stands beside it.
        let missing = (try? await sourceKeeper.conditions()) ?? []
        var status = engine.decide { core, now in
            var problems: [String] = []
            if case .closed(let reason) = core.storeCondition { problems.append(reason) }
            if !core.queue.suppressions.isComplete { problems.append("the suppression list is being read: nothing is sent until it is") }
            if !core.holdsLease { problems.append("the database has not renewed this node's lease: nothing is taken and nothing sent") }
            var status = GateStatus(
                version: PosternVersion.text, node: Int(core.run.node), hostName: settings.node.hostName.text,
                uptimeSeconds: Int((now - startedAt).milliseconds / 1000), addresses: addresses, connections: core.connectionCount,
                queuedInMemory: core.queue.recipientsInMemory, attemptsInFlight: core.queue.recipientsInFlight,
                directoryVersion: core.directory.version, problems: problems)
            status.stoppedRoutes = core.queue.upstreamStops.values.sorted { $0.route < $1.route }.map { StoppedRouteView($0, at: now) }
            return status
        }
        status.missingSources = missing.map(MissingSource.init)
        return status
    }

    func testRoute(
        _ name: String, recipient: EmailAddress?, sender: EmailAddress? = nil, asksForEnvelope: Bool = false
    ) async -> [RouteTestStep] {
        let (route, endpoint, choice) = engine.decide { core, _ in
            let route = core.directory.routes[name]
            let choice = route.map { route in
                let pool = EgressPool.allCases.first { core.directory.sources(of: route, in: $0) != nil }
                return core.queue.sources.choose(for: route, in: pool ?? .normal)
            }
            return (route, core.queue.builtInReceiver, choice)
        }
        guard let route, let choice else { return [RouteTestStep(stage: "resolve", ok: false, text: "There is no route \(name)")] }
        guard case .here(let source) = choice else {
            let sources = route.sources.joined(separator: ", ")
            return [
                RouteTestStep(stage: "connect", ok: false, text: "This node has none of the route's egress sources in use (\(sources))")
            ]
        }
        let test = RouteTest(
            route: route, source: source, recipient: recipient, asksForEnvelope: asksForEnvelope, sender: sender, builtIn: endpoint,
            resolver: routeResolver,
            settings: context.live.current.delivery,
            tlsContexts: tlsContexts, eventLoop: group.next(),
            password: { [context] in RoutePasswords(directory: context.directory, vault: context.vault).read($0, ofRoute: $1) },
            token: { [tokens] in await tokens.fetchNow($0) }, web: web)
        return await test.run()
    }
}

/// Hears of one act.
private final class ActListener: CommitListener {
    private let done: @Sendable (Result<StoreWorkResult, any Error>) -> Void
    init(_ done: @escaping @Sendable (Result<StoreWorkResult, any Error>) -> Void) { self.done = done }
    func committed(_ results: [CommitResult]) {
        for result in results { done(result.result) }
    }
}

extension ClientTLSContexts {
    fileprivate convenience init(_ settings: DeliverySettings) throws {
        try self.init(extraRootsFile: settings.tlsRoots, takesOldVersions: settings.takesOldTLS)
    }
}
