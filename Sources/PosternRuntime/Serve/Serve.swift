import Console
import Glibc
import Logging
import MailModel
import Metrics
import NIOPosix
import SMTPTransport
import ServiceLifecycle
import Storage
import Synchronization
import UnixSignals

/// Puts the gate together and runs it until it is told to stop.
package struct Serve: Sendable {
    package var directory: DataDirectory
    /// `KEY=VALUE` of the command line.
    package var overrides: [String]
    package var makeGate: @Sendable (GateContext) throws -> any GateRunner
    /// Takes the line that begins with `ready`.
    package var announce: @Sendable (String) -> Void

    package init(
        directory: DataDirectory, overrides: [String], makeGate: @escaping @Sendable (GateContext) throws -> any GateRunner,
        announce: @escaping @Sendable (String) -> Void
    ) {
        self.directory = directory
        self.overrides = overrides
        self.makeGate = makeGate
        self.announce = announce
    }

    /// How long a stop may take before the process ends without waiting further; what is unfinished is done at the next start.
    private static let stopTimeout = Duration.seconds(30)

    package func run() async throws {
        guard directory.isInitialized else {
            throw AdministrationError(
                .notFound, "\(directory) is no data directory of Postern", "Make one with `postern init --data \(directory)`.")
        }
        let settings = try directory.settings(overrides: overrides)
        let level = LogLevel(settings.log.level)
        let logger = GateLog.logger(level: level)
        let metrics = ProcessMetrics.registry
        guard let lock = try DirectoryLock.acquire(directory) else {
            throw AdministrationError(
                .conflict, "another gate or command holds \(directory)", "Stop it first; `fuser \(directory.lock)` names it.")
        }
        let httpTLS = try settings.http.usesTLS ? Serve.tlsContext(directory, settings.tls) : nil
        let store = try await StoreOpening(directory: directory, settings: settings, lock: lock, tls: httpTLS, logger: logger).open()
        guard let vault = store.vault else {
            await store.close()
            throw AdministrationError(.failed, "\(directory.masterKey) is missing", "Run `postern init --data \(directory)`.")
        }
        do {
            try await MasterKeyCheck.perform(store, vault, directory: directory)
        } catch {
            await store.close()
            throw error
        }
        let context = GateContext(settings: settings, directory: directory, store: store, vault: vault, metrics: metrics, logger: logger)
        let gate = try makeGate(context)
        let announce = announce
        let readiness = Readiness(parts: ["submission", "http", "control"]) { addresses in announce(Serve.readyLine(addresses)) }
        let administration = Administration(store: store, dataDirectory: directory, vault: vault, live: gate)
        let leavers = UnsubscribeDesk(administration: administration, logger: logger)
        context.leaving.set { try await leavers.leave(byMail: $0) }
        let campaigns = CampaignSender(administration: administration, gate: gate, settings: { context.live.current }, logger: logger)
        let groups = GroupDesk(
            administration: administration, gate: gate, settings: { context.live.current }, logger: logger)
        let parts = GateParts(settings: settings, store: store, gate: gate, readiness: readiness, logger: logger)
        let services: [any Service] = [
            RetentionService(store: store, live: context.live, owner: { gate.owner }, logger: logger),
            DKIMService(administration: administration, owner: { gate.owner }, logger: logger),
            DomainHealthService(administration: administration, owner: { gate.owner }, logger: logger),
            ReputationService(administration: administration, live: context.live, owner: { gate.owner }, logger: logger),
            DigestService(store: store, isShared: store.store.isShared, owner: { gate.owner }, logger: logger),
            CampaignService(sender: campaigns, stops: context.stops, owner: { gate.owner }, logger: logger),
            GroupService(desk: groups, distribution: context.groups, owner: { gate.owner }, logger: logger),
            ListDomainService(administration: administration, owner: { gate.owner }, logger: logger),
            AddressListService(administration: administration, live: context.live, logger: logger),
            HTTPService(
                parts: parts, metrics: metrics, administration: administration, live: context.live, groups: groups,
                providers: try Serve.providers(settings.delivery, gate), tls: httpTLS),
            ControlServer(
                administration: administration, logger: logger, now: { .now }, onReady: { readiness.cameUp("control", addresses: [:]) }),
            GateService(parts: parts),
            ReloadService(
                directory: directory, overrides: overrides, live: context.live, gate: gate, httpTLS: httpTLS, level: level, logger: logger),
        ]
        var configuration = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = Serve.stopTimeout
        let result: Result<Void, any Error>
        do {
            result = .success(try await ServiceGroup(configuration: configuration).run())
        } catch {
            result = .failure(error)
        }
        await store.close()
        try result.get()
    }

    /// Asks sign-in providers, with the gate's own resolver.
    private static func providers(_ settings: DeliverySettings, _ gate: any GateRunner) throws -> ProviderKnowledge {
        let client = try OutboundHTTP(group: MultiThreadedEventLoopGroup.singleton, extraRoots: settings.tlsRoots)
        return ProviderKnowledge(client: client) { name in
            await gate.dns()?.addresses(name) ?? .failure(reason: "the gate is starting or stopping", isBogus: false)
        }
    }

    private static func tlsContext(_ directory: DataDirectory, _ settings: TLSSettings) throws -> TLSContextBox {
        try TLSContextBox(
            certificateFile: directory.path(of: settings.certificate), keyFile: directory.path(of: settings.key),
            requestsClientCertificates: false)
    }

    /// `ready submission=127.0.0.1:2587 submission-tls=… http=…`, names in order.
    static func readyLine(_ addresses: [String: String]) -> String {
        "ready " + addresses.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    }
}

/// The registry that swift-metrics writes to. There can be one for a process.
enum ProcessMetrics {
    static let registry: MetricRegistry = {
        let registry = MetricRegistry()
        MetricsSystem.bootstrap(registry)
        return registry
    }()
}

/// What several services of the process share.
struct GateParts: Sendable {
    var settings: Settings
    var store: OpenStore
    var gate: any GateRunner
    var readiness: Readiness
    var logger: Logger
}

/// Raises the limit of open files to what the system allows: each connection is one.
package enum FileLimit {
    /// The limit after raising.
    package static func raise() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return Int(clamping: limit.rlim_cur)
    }

    /// Connections that `files` open files leave room for, beside the store, deliveries and HTTP.
    package static func connectionsMax(setting: Int, files: Int) -> Int {
        max(1, min(setting, files - files / 4))
    }
}
