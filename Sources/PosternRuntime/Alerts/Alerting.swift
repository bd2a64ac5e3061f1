import GateCore
import Logging
import MailModel
import Metrics
import OutboundPolicy
import Storage
import Synchronization

/// Brings what was raised into the store, has notices sent, and looks about once a minute, beside the mail.
final class Alerting: Sendable {
    private let center: AlertCenter
    private let store: OpenStore
    private let engine: GateEngine
    private let live: LiveSettings
    private let sender: NoticeSender
    private let queueWatch: QueueWatch
    private let owner: @Sendable () -> Int64
    private let logger: Logger
    private let reporting: (stream: AsyncStream<Void>, continuation: AsyncStream<Void>.Continuation)
    private let looking: (stream: AsyncStream<Void>, continuation: AsyncStream<Void>.Continuation)
    private let state = Mutex(State())
    private let open: [AlertSeverity: Gauge]

    private let telling: (stream: AsyncStream<[AlertReport]>, continuation: AsyncStream<[AlertReport]>.Continuation)

    private struct State {
        var lookedAt = SteadyTime(milliseconds: 0)
        var isFailing = false
        /// Version of the directory whose sign-ins by password were looked at last.
        var passwordsOf: Int64?
        /// Reports of trouble with the store that the store has not taken, since when, and whether they were told without it.
        var stuck: (reports: [AlertReport], since: SteadyTime, isTold: Bool)?
    }

    /// How long the store may leave unsaid that it is in trouble.
    private static let patience = Duration.seconds(5)

    /// How often each node looks for notices that are due: those of others, and what waits for another attempt.
    private static let lookInterval = Duration.seconds(5)
    /// How often one of the nodes tidies up and looks at the queue.
    private static let taskInterval = Duration.seconds(60)
    private static let taskLease = Duration.seconds(300)
    private static let tidyMax = 1000
    /// Calls of each webhook that are kept, and for how long.
    private static let callsMax = 5000
    private static let callsLife = Duration.seconds(30 * 86_400)

    init(_ context: GateContext, engine: GateEngine, webhooks: WebhookSender, owner: @escaping @Sendable () -> Int64) {
        center = context.alerts
        store = context.store
        self.engine = engine
        live = context.live
        self.owner = owner
        logger = context.logger
        sender = NoticeSender(
            store: context.store, engine: engine, live: context.live, webhooks: webhooks, owner: owner, logger: context.logger)
        queueWatch = QueueWatch(store: context.store, center: context.alerts)
        reporting = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        telling = AsyncStream<[AlertReport]>.makeStream(bufferingPolicy: .bufferingNewest(1))
        looking = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        open = Dictionary(
            uniqueKeysWithValues: AlertSeverity.allCases.map {
                ($0, Gauge(label: "postern_alerts_open", dimensions: [("severity", $0.rawValue)]))
            })
    }

    /// To be called a few times a second, from wherever.
    func tick() {
        if !center.isEmpty { reporting.continuation.yield() }
        let now = SteadyTime.now
        let isTime = state.withLock { state in
            guard now - state.lookedAt >= Alerting.lookInterval else { return false }
            state.lookedAt = now
            return true
        }
        if isTime { looking.continuation.yield() }
        if let stuck = takeStuck(at: now) { telling.continuation.yield(stuck) }
    }

    private func takeStuck(at now: SteadyTime) -> [AlertReport]? {
        state.withLock { state in
            guard let stuck = state.stuck, !stuck.isTold, now - stuck.since >= Alerting.patience else { return nil }
            state.stuck?.isTold = true
            return stuck.reports
        }
    }

    /// Returns after `stop`, when all that was raised until then is in the store, where that answers.
    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { [self] in
                for await _ in reporting.stream { await report() }
                await report()
            }
            group.addTask { [self] in
                for await _ in looking.stream { await look() }
            }
            group.addTask { [self] in
                for await reports in telling.stream { await sender.tellWithoutStore(reports, rules) }
            }
        }
    }

    func stop() {
        reporting.continuation.finish()
        looking.continuation.finish()
        telling.continuation.finish()
    }

    func test(_ webhook: Webhook) async -> WebhookTestResult { await sender.test(webhook) }
    func replay(_ record: WebhookCallRecord, to webhook: Webhook) async -> WebhookTestResult { await sender.replay(record, to: webhook) }

    // MARK: - Reports

    private var rules: AlertRules {
        AlertRules(engine.decide { core, _ in core.directory }, usual: live.current.alerts.recipients)
    }

    private func report() async {
        let reports = center.takeAll()
        guard !reports.isEmpty else { return }
        let ids = reports.map { _ in Alerting.newID() }
        let trouble = reports.filter { $0.key.kind == .storeTrouble && !$0.isOver }
        state.withLock { state in
            if !trouble.isEmpty, state.stuck == nil { state.stuck = (trouble, .now, false) }
        }
        do {
            let result = try await store.perform(.alert(.report(reports, ids: ids, rules, at: .now)))
            state.withLock { state in
                state.isFailing = false
                state.stuck = nil
            }
            if case .alert(.reported(let notices)) = result, notices > 0 { looking.continuation.yield() }
        } catch {
            center.giveBack(reports)
            let isFirst = state.withLock { state in
                defer { state.isFailing = true }
                return !state.isFailing
            }
            if isFirst {
                logger.error("alerts cannot be stored; they are kept", metadata: ["error": "\(error)", "alerts": "\(reports.count)"])
            }
        }
    }

    /// Ten letters and digits of Crockford's base 32.
    private static func newID() -> String {
        let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz")
        return String((0..<10).map { _ in alphabet[Int.random(in: 0..<alphabet.count)] })
    }

    // MARK: - Looks

    private func look() async {
        await attempt { try await self.task() }
        await attempt {
            let (next, alerts) = try await self.store.read { store in
                var query = AlertQuery()
                query.limit = 10_000
                return (try store.nextNotice(), try store.alerts(query))
            }
            for (severity, gauge) in self.open { gauge.record(alerts.count { $0.incident.severity == severity }) }
            // By this node's clock, which may be behind the store's a little.
            if let next, next <= .now + Alerting.lookInterval { try await self.sender.sendDue() }
        }
    }

    private func attempt(_ body: () async throws -> Void) async {
        do {
            try await body()
        } catch {
            logger.debug("alerts could not be looked at", metadata: ["error": "\(error)"])
        }
    }

    /// Once for each directory that this node sees while it has the task.
    private func lookAtPasswords(at now: Timestamp) async throws {
        let directory = engine.decide { core, _ in core.directory }
        guard state.withLock({ $0.passwordsOf }) != directory.version else { return }
        let known = try await store.read { store in
            var query = AlertQuery()
            query.isOpenOnly = !PasswordSignIn.isAny(directory, at: now)
            query.limit = 10_000
            return try store.alerts(query).map(\.incident)
        }
        center.raise(PasswordSignIn.conditions(directory, known: known, at: now))
        state.withLock { $0.passwordsOf = directory.version }
    }

    /// What one of the nodes does for all.
    private func task() async throws {
        let task = TaskHold(name: "alerts", owner: owner(), lease: Alerting.taskLease, at: .now)
        guard case .task(isHeld: true) = try await store.perform(.holdTask(task)) else { return }
        let settings = live.current
        try await queueWatch.look(settings.alerts, at: .now)
        try await lookAtPasswords(at: .now)
        let keepSince = Timestamp.now - .seconds(86_400 * settings.storage.traceDays)
        _ = try await store.perform(.alert(.tidy(rules, keepSince: keepSince, limit: Alerting.tidyMax, at: .now)))
        _ = try await store.perform(.webhookCall(.tidy(before: .now - Alerting.callsLife, keep: Alerting.callsMax)))
        _ = try await store.perform(.endTask(task, dueAfter: Alerting.taskInterval))
    }
}
