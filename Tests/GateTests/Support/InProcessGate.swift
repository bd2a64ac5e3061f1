import Console
import Foundation
import GateSupport
import Logging
import MailModel
import OutboundPolicy
import PosternRuntime
import Storage
import Synchronization

/// A store that fails or stops answering when the test says so.
final class FaultingStore: Sendable {
    enum Behaviour {
        case sound
        case fails(StoreError)
        /// A commit does not come back until this is changed.
        case hangs
    }

    private let behaviour = Mutex(Behaviour.sound)

    func become(_ new: Behaviour) { behaviour.withLock { $0 = new } }

    /// In the writer's thread, when all of a commit is written and nothing is durable.
    func met() throws {
        while true {
            switch behaviour.withLock({ $0 }) {
            case .sound: return
            case .fails(let error): throw error
            case .hangs: usleep(1000)
            }
        }
    }
}

/// A gate in this process, on a store that can fail. Takes mail as `GateProcess` does, and delivers to the built-in receiver.
final class InProcessGate: Sendable {
    let store: OpenStore
    let faults = FaultingStore()
    let port: Int
    /// What is wrong, as parts of the gate would say it.
    let alerts: AlertCenter
    private let gate: Gate
    private let directory: URL

    /// Runs `body` beside a gate that is started before and stopped after it.
    static func run(_ overrides: [String], _ body: @escaping @Sendable (InProcessGate) async throws -> Void) async throws {
        try await run(InProcessGate(overrides, on: GateTemplate.copy()), body)
    }

    /// The same on a data directory that is there already; it is gone afterwards.
    static func run(_ overrides: [String], on directory: URL, _ body: @escaping @Sendable (InProcessGate) async throws -> Void) async throws
    {
        try await run(InProcessGate(overrides, on: directory), body)
    }

    private static func run(_ gate: InProcessGate, _ body: @escaping @Sendable (InProcessGate) async throws -> Void) async throws {
        let result: Result<Void, any Error>
        do { result = .success(try await body(gate)) } catch { result = .failure(error) }
        gate.faults.become(.sound)
        await gate.gate.stop()
        await gate.store.close()
        try? FileManager.default.removeItem(at: gate.directory)
        try result.get()
    }

    private init(_ overrides: [String], on directory: URL) async throws {
        self.directory = directory
        let data = DataDirectory(directory.path)
        let settings = try data.settings(overrides: ["submission.port=0", "submission.tls-port=0", "scan.sender-domain=false"] + overrides)
        var options = SQLiteStore.Options()
        let faults = faults
        options.beforeCommit = { _ in try faults.met() }
        guard let lock = try DirectoryLock.acquire(data) else { throw AdministrationError(.conflict, "locked") }
        store = try OpenStore(data, settings: settings, lock: lock, options: options)
        guard let vault = store.vault else { throw AdministrationError(.failed, "no master key") }
        let context = GateContext(
            settings: settings, directory: data, store: store, vault: vault, metrics: MetricRegistry(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        alerts = context.alerts
        gate = Gate(context)
        let addresses = try await gate.start()
        port = addresses["submission"]?.split(separator: ":").last.flatMap { Int($0) } ?? 0
        let running = gate
        Task { await running.work() }
    }

    /// Everything goes to this port of 127.0.0.1 from now on.
    func route(toPort port: Int) async throws {
        let administration = Administration(
            store: store, dataDirectory: DataDirectory(directory.path), vault: store.vault, live: gate)
        let route = Route(name: "out", kind: .smarthost(NextHop(host: "127.0.0.1", port: port)), createdAt: .now)
        _ = try await administration.perform(AddRoute(route: route, password: nil), Act(actor: "local:test", reason: "", at: .now))
    }

    func perform<Operation: AdministrativeOperation>(_ operation: Operation) async throws -> Operation.Outcome {
        let administration = Administration(
            store: store, dataDirectory: DataDirectory(directory.path), vault: store.vault, live: gate)
        return try await administration.perform(operation, Act(actor: "local:test", reason: "a test", at: .now))
    }

    func ledger() async throws -> Ledger { try await store.read { try $0.ledger() } }

    /// Waits until the ledger is as wanted, and returns it as it is then.
    func ledger(when isReached: (Ledger) -> Bool) async throws -> Ledger {
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            let ledger = try await ledger()
            if isReached(ledger) || ContinuousClock.now >= deadline { return ledger }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
