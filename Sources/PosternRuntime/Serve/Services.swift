import Console
import Logging
import MailModel
import SMTPTransport
import ServiceLifecycle
import Storage
import UnixSignals

/// Starts the gate and stops it.
struct GateService: Service {
    let parts: GateParts

    func run() async throws {
        let addresses = try await parts.gate.start()
        parts.readiness.cameUp("submission", addresses: addresses)
        await withDiscardingTaskGroup { group in
            group.addTask { await parts.gate.work() }
            try? await gracefulShutdown()
            parts.readiness.isStopping()
            await parts.gate.stop()
        }
    }
}

/// The HTTP listener.
struct HTTPService: Service {
    let parts: GateParts
    let metrics: MetricRegistry
    let administration: Administration
    let live: LiveSettings
    let groups: GroupDesk
    let providers: ProviderKnowledge
    /// Nil: plaintext.
    let tls: TLSContextBox?
    let drafts = ImportDrafts()

    func run() async throws {
        let parts = parts
        let metrics = metrics
        let ports = ConsolePorts(
            problems: { await HTTPService.problems(parts) }, metrics: { metrics.text() }, feedback: { await parts.gate.feedback($0) },
            readers: { [desk = PublicDesk(administration: administration, gate: parts.gate, live: live, logger: parts.logger)] in
                await desk.answer($0)
            },
            groups: { [links = GroupLinks(desk: groups)] in await links.take(token: $0, form: $1) })
        let http = parts.settings.http
        var listener = HTTPListenerSettings(address: http.address.description, port: http.port)
        if let tls { listener.makeTLSHandler = { tls.makeHandler() } }
        let console = ConsoleService(listener, ports: ports, api: api(), pages: pages(), logger: parts.logger) { port in
            parts.readiness.cameUp("http", addresses: ["http": "\(http.address.isV6 ? "[\(http.address)]" : "\(http.address)"):\(port)"])
        }
        try await withThrowingTaskGroup(of: Void.self) { [drafts] group in
            group.addTask { try await console.run() }
            group.addTask { await drafts.run() }
            try await group.next()
            group.cancelAll()
        }
    }

    private func api() -> APIService {
        let gate = parts.gate
        let submission = parts.settings.submission
        let routes = APIRoutes(
            administration: administration, gate: gate,
            submission: MessageSubmission(
                gate: gate, store: parts.store, recipientsMax: submission.recipientsMax, messageBytesMax: submission.messageBytesMax,
                now: { .now }),
            now: { .now })
        let ports = APIPorts(
            access: { key, peer in gate.access(key, from: peer.address.flatMap { IPAddress($0) }) },
            reserve: { bytes in gate.reserve(bytes: bytes).map { Problem.unavailable($0.text) } },
            release: { bytes in gate.release(bytes: bytes) }, problem: APIRoutes.problem)
        return APIService(routes: routes.all, ports: ports, version: PosternVersion.text, logger: parts.logger)
    }

    private static func problems(_ parts: GateParts) async -> [String] {
        var problems = parts.readiness.problems
        do {
            _ = try await parts.store.read { try $0.newestMessage() }
        } catch {
            problems.append("the store does not answer: \(error)")
        }
        guard problems.isEmpty else { return problems }
        return await parts.gate.status().problems
    }

    private func pages() -> PageService {
        let gate = parts.gate
        let live = live
        let rooms = Rooms(
            administration: administration,
            checkOwnPassword: { await gate.checkPassword(name: $0, password: $1, from: $2) }, now: { .now }, drafts: drafts)
        let desk = SignInDesk(
            administration: administration, knowledge: providers, settings: { live.current.http }, now: { .now })
        let access = ConsoleAccess(administration: administration, gate: gate, desk: desk, settings: { live.current.http }, now: { .now })
        return PageService(
            rooms: rooms.all, ports: access.ports, host: parts.settings.node.hostName.text, version: PosternVersion.text,
            isEncrypted: parts.settings.http.usesTLS, logger: parts.logger)
    }
}

/// Drops the trace of days that are past their keeping, and sessions that are over, an hour apart, in small transactions: one of the nodes on a store does so.
struct RetentionService: Service {
    let store: any StoreAccess
    let live: LiveSettings
    /// The run in whose name it is done; nil while there is none.
    let owner: @Sendable () -> Int64?
    let logger: Logger

    private static let interval = Duration.seconds(3600)
    /// How often each node looks whether it is due, or whether the node that does it has died.
    private static let look = Duration.seconds(600)
    private static let untilThereIsARun = Duration.seconds(1)
    /// Sessions of the console that are over, dropped at a time.
    private static let sessionsMax = 10_000
    /// Reports that came back, likewise.
    private static let reportsMax = 50_000

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                guard let owner = owner() else {
                    try? await Task.sleep(for: RetentionService.untilThereIsARun)
                    continue
                }
                let task = TaskHold(name: "retention", owner: owner, lease: RetentionService.interval, at: .now)
                do {
                    try await perform(task)
                } catch {
                    logger.warning("trace could not be purged", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: RetentionService.look)
            }
        }
    }

    private func perform(_ task: TaskHold) async throws {
        guard case .task(isHeld: true) = try await store.perform(.holdTask(task)) else { return }
        let days = live.current.storage.traceDays
        let count = try await PurgeTrace.purge(store, before: Timestamp.now.day - Int32(clamping: days))
        _ = try await store.perform(.session(.tidy(before: .now, limit: RetentionService.sessionsMax)))
        let keepDays = live.current.reports.keepDays
        _ = try await store.perform(
            .returned(
                .tidy(
                    reportsBefore: .now - .seconds(days * 86_400), contentBefore: .now - .seconds(keepDays * 86_400),
                    limit: RetentionService.reportsMax)))
        try await tidySuppressions(at: .now)
        let oldest = Timestamp.now - .seconds(RetentionService.reputationDays * 86_400)
        _ = try await store.perform(.reputation(.tidy(before: oldest, figuresBefore: oldest.day)))
        if count > 0 { logger.info("trace purged", metadata: ["messages": "\(count)", "days": "\(days)"]) }
        _ = try await store.perform(.endTask(task, dueAfter: RetentionService.interval))
    }
}

extension RetentionService {
    /// Days for which changes of our own reputation, and receivers' figures of it, are kept.
    private static let reputationDays = 400

    /// Days for which figures of what came back, and what was taken off the suppression list, are kept.
    private static let suppressionDays = 90

    /// Entries whose time is over count no more.
    private func tidySuppressions(at now: Timestamp) async throws {
        while case .affected(let count) = try await store.perform(.suppress(.endExpired(at: now))), count > 0 {}
        let first = now - .seconds(RetentionService.suppressionDays * 86_400)
        let tidy = SuppressionWork.tidy(removedBefore: first, softDay: first.day, hour: SendingCount.hour(of: first))
        while case .affected(let count) = try await store.perform(.suppress(tidy)), count > 0 {}
    }
}

/// Reads settings and certificate again on SIGHUP. What needs a restart stays as it is, and is named in the log.
struct ReloadService: Service {
    let directory: DataDirectory
    let overrides: [String]
    let live: LiveSettings
    let gate: any GateRunner
    /// Of the HTTP listener; nil where it speaks plaintext.
    let httpTLS: TLSContextBox?
    let level: LogLevel
    let logger: Logger

    func run() async throws {
        for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
            do {
                try await reload()
            } catch {
                logger.error("reload failed; what was in use stays in use", metadata: ["error": "\(error)"])
            }
        }
    }

    func reload() async throws {
        let old = live.current
        let wanted = try directory.settings(overrides: overrides)
        let changed = wanted.changedKeys(from: old)
        let new = wanted.applied(to: old)
        try httpTLS?.replace(
            certificateFile: directory.path(of: new.tls.certificate), keyFile: directory.path(of: new.tls.key),
            requestsClientCertificates: false)
        try await gate.reload(new)
        live.replace(new)
        level.set(new.log.level)
        let applied = changed.filter { !$0.needsRestart }.map(\.name).joined(separator: " ")
        logger.notice("certificate and settings read again", metadata: ["settings.changed": "\(applied)"])
        let waiting = changed.filter(\.needsRestart).map(\.name).joined(separator: " ")
        if !waiting.isEmpty { logger.warning("settings that need a restart were changed", metadata: ["settings.waiting": "\(waiting)"]) }
    }
}
