import DeliveryPlanning
import GateCore
import HeapModule
import MailModel
import OutboundPolicy
import ProviderTwin

/// The gate's own core, with a store, a clock and a network that are simulated, in front of models of providers. One thread, no time but
/// its own; faults where they are asked for.
///
/// Reports to senders are counted and not sent.
struct SimulatedGate: Sendable {
    enum Happening: Sendable {
        case submit(batch: Int, number: Int, isAgain: Bool)
        case resolve(ResolveTarget)
        case connect(ConnectionOrder)
        case attempt(AttemptOrder)
        case commit(Work)
        case wake
        case tick
    }

    /// A commit on its way to the disk.
    enum Work: Sendable {
        case accept(NewMessage, batch: Int, number: Int)
        case settle(SettlementOrder)
        case claim(limit: Int, owner: Int64)
        case giveBack([RecipientID], dueAt: Timestamp, owner: Int64)
        case shape(ShapingOrder)
        case upstream(UpstreamOrder)
    }

    struct Scheduled: Comparable, Sendable {
        var at: Timestamp
        /// Equal times stay in the order they were asked for.
        var number: Int
        /// The life of the process that it belongs to; 0 for any.
        var life: Int64
        var happening: Happening
        static func < (left: Scheduled, right: Scheduled) -> Bool { (left.at, left.number) < (right.at, right.number) }
        static func == (left: Scheduled, right: Scheduled) -> Bool { left.number == right.number }
    }

    let plan: SimulationPlan
    let faults: SimulationFaults
    var model: ExchangeOnline
    /// Where mail goes to their own hosts; empty where it goes through the mailbox.
    var receivers: [ReceiverProvider: ReceiverTwin] = [:]
    /// Connections to them.
    var providers: [ConnectionID: ReceiverProvider] = [:]
    var store = SimulatedStore()
    var report = SimulationReport()
    var series: SeriesMaker
    var random: SplitMix
    var now: Timestamp
    var core: GateCore
    var directory: Directory
    var life: Int64 = 1
    var open: Set<ExchangeSession> = []
    var submittedMessages = 0
    private var agenda = Heap<Scheduled>()
    private var agendaCount = 0
    private var wakes: Set<Timestamp> = []
    var watcher: Simulation.Watcher?
    var endsAtRefusal = false
    /// Happenings between two words to the watcher.
    private static let watchedEvery = 5000
    private var performed = 0
    /// What each limit of the plan let through, counted once more from the receiver's side.
    var watch: LimitWatch

    static let routeName = "office"
    static let commitTime = Duration.milliseconds(5)
    static let resolveTime = Duration.milliseconds(20)

    init(_ plan: SimulationPlan, limits: ShapingLimits, faults: SimulationFaults = SimulationFaults()) {
        self.plan = plan
        self.faults = faults
        model = ExchangeOnline(plan.tenant)
        if case .receivers(let providers, let demands, _) = plan.target {
            for provider in Set(providers.values).union([.postfix]) { receivers[provider] = ReceiverTwin(provider, demands[provider]) }
        }
        series = SeriesMaker(start: plan.start)
        random = SplitMix(seed: plan.seed)
        now = plan.start
        watch = LimitWatch(limits)
        directory = SimulatedGate.directory(plan, limits)
        core = SimulatedGate.core(directory, life: 1, newest: nil)
        for (index, batch) in plan.batches.enumerated() where batch.messages > 0 {
            schedule(.submit(batch: index, number: 0, isAgain: false), at: max(batch.at, plan.start), life: 0)
        }
        schedule(.tick, at: plan.start + .seconds(1), life: 0)
    }

    private static func directory(_ plan: SimulationPlan, _ limits: ShapingLimits) -> Directory {
        let beginning = Timestamp(seconds: 0)
        var connector = Connector(name: "app")
        connector.networks = [IPNetwork("127.0.0.1/32")].compactMap { $0 }
        connector.grants = [.any]
        connector.allowsPlaintext = true
        connector.senderIdentity = .envelopeSender
        var kind = Route.Kind.mx
        if case .mailbox = plan.target {
            kind = .smarthost(
                NextHop(host: "smtp.office365.com", port: 587, tls: .encrypt, userName: "\(plan.mailbox)", passwordFile: "office"))
        }
        let route = Route(name: routeName, kind: kind, createdAt: beginning)
        var directory = Directory(version: 1, connectors: ["app": connector], routes: [routeName: route])
        if !limits.isEmpty {
            directory.shaping["office"] = ShapingPolicy(
                name: "office", scope: ShapingScope(route: routeName), limits: limits, createdAt: beginning)
        }
        if let policy = plan.policy { directory.policies[policy.name] = policy }
        if case .receivers(_, _, let calendar?) = plan.target {
            for provider in [MailProvider.google, .outlook, .yahoo, .apple] {
                let warmUp = WarmUp(
                    source: EgressSource.standardName, provider: provider, caps: calendar.caps, plan: calendar, createdAt: beginning)
                directory.warmUps[warmUp.name] = warmUp
            }
        }
        return directory
    }

    static func core(_ directory: Directory, life: Int64, newest: MessageID?) -> GateCore {
        var settings = GateSettings()
        // A large order may take days, and the plan says how long is too long.
        settings.expiry = .seconds(30 * 86_400)
        settings.warnAfter = nil
        return GateCore(
            settings: settings, run: GateRun(owner: life, node: UInt8(life & 0xFF), leaseUntil: .distantFuture), directory: directory,
            newestMessage: newest)
    }

    mutating func schedule(_ happening: Happening, at time: Timestamp, life: Int64) {
        agendaCount += 1
        agenda.insert(Scheduled(at: max(time, now), number: agendaCount, life: life, happening: happening))
    }

    // MARK: - Time

    /// Runs until everything is settled, or the plan's time is over.
    mutating func run() -> SimulationReport {
        let end = plan.start + plan.longest
        while let next = agenda.popMin(), next.at <= end {
            now = max(now, next.at)
            guard next.life == 0 || next.life == life else {
                // Its client never saw a 250: nothing was promised.
                if case .commit(.accept) = next.happening { submittedMessages += 1 }
                continue
            }
            perform(next.happening)
            if endsAtRefusal, report.refusals > 0 { break }
            performed += 1
            if performed % SimulatedGate.watchedEvery == 0, let watcher,
                !watcher(store.accepted - store.queued, plan.recipientCount)
            {
                break
            }
            if faults.areChecked { check() }
            if submittedMessages == plan.messageCount, store.queued == 0, store.accepted > 0 { break }
        }
        return conclude()
    }

    private mutating func conclude() -> SimulationReport {
        check()
        report.waiting = store.queued
        report.delivered = store.counts[.delivered] ?? 0
        report.failed = store.accepted - report.waiting - report.delivered
        report.submitted = store.accepted
        if report.waiting == 0, submittedMessages == plan.messageCount { report.finishedAt = now }
        report.series = series.points
        report.alerts = model.alerts.all.map { "\($0.at.rfc3339) \($0.name): \($0.entity)" }
        report.problems += store.problems + watch.problems
        return report
    }

    mutating func check() {
        store.check()
        report.problems += core.queue.brokenInvariants()
    }

    private mutating func perform(_ happening: Happening) {
        switch happening {
        case .submit(let batch, let number, let isAgain): submit(batch, number, isAgain: isAgain)
        case .resolve(let target): resolve(target)
        case .connect(let order): connect(order)
        case .attempt(let order): attempt(order)
        case .commit(let work): commit(work)
        case .wake:
            wakes.remove(now)
            event(.shapingDue)
        case .tick: tick()
        }
    }

    /// What a timer does each second. Where nothing is in memory the next one comes when something in the store is due.
    private mutating func tick() {
        if faults.crashes(&random) { crash() }
        event(.timePassed)
        let next = now + .seconds(1)
        // What is in memory may wait for a limit: then nothing stirs before the wake that it asked for.
        let isWaiting = !faults.areChecked && (agenda.min.map { $0.at > next } ?? true)
        let isIdle = core.queue.connectionCount == 0 && (core.queue.recipientsInMemory == 0 || isWaiting)
        let wait = isIdle ? min(max(store.nextDueAt ?? .distantFuture, next), now + .seconds(60)) : next
        schedule(.tick, at: wait, life: 0)
    }

    mutating func event(_ event: GateEvent) {
        core.steadyTimeIs(SteadyTime(milliseconds: (now - plan.start).milliseconds))
        take(core.handle(event, at: now, using: &random))
    }

    private mutating func take(_ actions: [QueueAction]) {
        for action in actions {
            switch action {
            case .resolve(let target): schedule(.resolve(target), at: now + SimulatedGate.resolveTime, life: life)
            case .connect(let order): schedule(.connect(order), at: now + plan.connectTime, life: life)
            case .attempt(let order): schedule(.attempt(order), at: now + plan.messageTime, life: life)
            case .close(let id, _): closed(id)
            case .settle(let order): store(.settle(order))
            case .claim(let limit, let owner, _): store(.claim(limit: limit, owner: owner))
            case .giveBack(let ids, let dueAt, let owner, _): store(.giveBack(ids, dueAt: dueAt, owner: owner))
            case .upstream(let order): store(.upstream(order))
            case .shape(.wake(let time)): if wakes.insert(max(time, now)).inserted { schedule(.wake, at: time, life: 0) }
            case .shape(let order): store(.shape(order))
            }
        }
    }

    mutating func store(_ work: Work) { schedule(.commit(work), at: now + faults.commitTime(&random), life: life) }
}
