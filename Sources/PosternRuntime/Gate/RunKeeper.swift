import DeliveryPlanning
import GateCore
import Logging
import MailModel
import NIOPosix
import Storage
import Synchronization

/// Keeps this node's run alive in the store, takes over from nodes that died, and tells the core how long it may go on by itself.
///
/// Renewals go the way of all commits: a store that cannot commit renews nothing.
final class RunKeeper: CommitListener {
    private struct State {
        var run: NodeRun
        /// The runs that this process was, the present one among them.
        var names: Set<Int64>
        /// When the renewal that is under way, or the last one, was asked for.
        var askedAt: SteadyTime
        var isAsking = false
        var isLate = false
        var isEnded = false
    }

    private enum Ticket {
        static let renewal: Int64 = 0
        static let takeover: Int64 = 1
    }

    private let state: Mutex<State>
    private let engine = Mutex<GateEngine?>(nil)
    private let store: OpenStore
    private let pool: NIOThreadPool
    private let logger: Logger

    private init(_ run: NodeRun, askedAt: SteadyTime, store: OpenStore, pool: NIOThreadPool, logger: Logger) {
        state = Mutex(State(run: run, names: [run.owner], askedAt: askedAt))
        self.store = store
        self.pool = pool
        self.logger = logger
    }

    // MARK: - Start

    /// Registers a run. Waits for the store where it does not answer, and for a run of this node's number that is about to lapse.
    static func begin(
        _ settings: NodeSettings, _ store: OpenStore, pool: NIOThreadPool, logger: Logger
    ) async throws -> (keeper: RunKeeper, run: GateRun, found: RegisteredRun) {
        let previous = LastRun.read(store.directory)
        let deadline = SteadyTime.now + settings.lease + settings.lease
        while true {
            let askedAt = SteadyTime.now
            let run = NodeRun(
                owner: newOwner(), node: settings.id, name: settings.hostName.text, version: PosternVersion.text, lease: settings.lease,
                at: .now)
            switch try await store.perform(.register(run, previous: previous)) {
            case .registered(let found):
                let keeper = RunKeeper(run, askedAt: askedAt, store: store, pool: pool, logger: logger)
                keeper.note(found.owner)
                return (keeper, keeper.gateRun(found, askedAt: askedAt), found)
            case .numberTaken(let name, let node):
                guard SteadyTime.now < deadline else {
                    throw AdministrationError(
                        .conflict, "node number \(node) is that of \(name), which runs",
                        "Give this node another node.id, or leave it empty: a free one is taken then.")
                }
                logger.notice("another run has this node's number; waiting", metadata: ["node.id": "\(node)", "node.name": "\(name)"])
                try await Task.sleep(for: .seconds(1))
            default: throw AdministrationError(.failed, "the store did not register this node")
            }
        }
    }

    private static func newOwner() -> Int64 { Int64.random(in: 1...Int64.max) }

    private func gateRun(_ found: RegisteredRun, askedAt: SteadyTime) -> GateRun {
        GateRun(owner: found.owner, node: found.node, leaseUntil: leaseEnd(askedAt))
    }

    /// Where nobody else uses the store, nobody else can take what this run holds.
    private func leaseEnd(_ askedAt: SteadyTime) -> SteadyTime {
        store.store.isShared ? askedAt + state.withLock { $0.run.lease } : .distantFuture
    }

    /// `addresses`: where the node listens, for who looks at the list of nodes.
    func connect(_ engine: GateEngine) { self.engine.withLock { $0 = engine } }
    func listens(on addresses: [String: String]) {
        let texts = addresses.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        state.withLock { state in
            state.run.addresses = texts
            // To be known at once.
            state.askedAt = SteadyTime(milliseconds: 0)
        }
    }

    /// Names of the egress sources that the node uses now; others hear of a change at once.
    func uses(_ sources: [String]) {
        state.withLock { state in
            guard state.run.sources != sources else { return }
            state.run.sources = sources
            state.askedAt = SteadyTime(milliseconds: 0)
        }
    }

    // MARK: - Renewal

    /// The run that the node is, and was since the process began.
    func isOwn(_ owner: Int64) -> Bool { state.withLock { $0.names.contains(owner) } }
    var owner: Int64 { state.withLock { $0.run.owner } }

    /// To be called a few times a second.
    func tick() {
        let now = SteadyTime.now
        let run: NodeRun? = state.withLock { state in
            guard !state.isAsking, !state.isEnded, now - state.askedAt >= state.run.lease / 3 else { return nil }
            state.isAsking = true
            state.askedAt = now
            state.run.at = .now
            return state.run
        }
        guard let run else { return }
        if !store.committer.enqueue(.renew(run, successor: RunKeeper.newOwner()), ticket: Ticket.renewal, listener: self) {
            failed("too much work waits for the store")
        }
    }

    func committed(_ results: [CommitResult]) {
        for result in results {
            switch result.result {
            case .success(.renewed): renewed()
            case .success(.registered(let new)): beganAnew(new)
            case .success(.numberTaken(let name, let node)): failed("node number \(node) is that of \(name) by now")
            case .success(.tookOver(let runs, let recipients)): tookOver(runs, recipients)
            case .success: break
            case .failure(let error): if result.ticket == Ticket.renewal { failed("\(error)") }
            }
        }
    }

    private func renewed() {
        let (askedAt, wasLate, owner) = state.withLock { state in
            defer {
                state.isAsking = false
                state.isLate = false
            }
            return (state.askedAt, state.isLate, state.run.owner)
        }
        if wasLate { logger.notice("the store renews this node's lease again") }
        engine.withLock { $0 }?.happened(.leaseRenewed(until: leaseEnd(askedAt)))
        guard store.store.isShared else { return }
        // What cannot be asked for now is asked for with the next renewal.
        _ = store.committer.enqueue(.takeOver(by: owner, at: .now), ticket: Ticket.takeover, listener: self)
    }

    private func beganAnew(_ new: RegisteredRun) {
        let askedAt = state.withLock { state in
            state.isAsking = false
            state.isLate = false
            state.run.owner = new.owner
            state.names.insert(new.owner)
            return state.askedAt
        }
        logger.error(
            "this node's run is over (its lease had lapsed, or a commit was in doubt for as long) and what it held was given back; it goes on as a new run",
            metadata: ["node.id": "\(new.node)"])
        engine.withLock { $0 }?.happened(.leaseLost(gateRun(new, askedAt: askedAt), newestMessage: new.newestMessage))
        note(new.owner)
    }

    private func note(_ owner: Int64) {
        let (directory, logger) = (store.directory, logger)
        pool.submit { _ in
            do {
                try LastRun.write(owner, directory)
            } catch {
                logger.warning("the run could not be noted; after a crash others wait for its lease", metadata: ["error": "\(error)"])
            }
        }
    }

    private func failed(_ reason: String) {
        let isFirst = state.withLock { state in
            defer { state.isLate = true }
            state.isAsking = false
            // Again after a second, not after a third of the lease.
            state.askedAt = SteadyTime.now + (.seconds(1) - state.run.lease / 3)
            return !state.isLate
        }
        if isFirst { logger.error("this node's lease could not be renewed", metadata: ["reason": "\(reason)"]) }
    }

    private func tookOver(_ runs: [TakenRun], _ recipients: Int) {
        for run in runs {
            logger.notice(
                "took over from a node that did not renew its lease",
                metadata: ["node.id": "\(run.node)", "node.name": "\(run.name)", "recipients": "\(run.recipients)"])
        }
        if recipients > 0 { engine.withLock { $0 }?.happened(.becameDue()) }
    }

    // MARK: - Stop

    /// Gives everything back at once, so that the others need not wait for the lease.
    func end() async {
        let owner = state.withLock { state in
            state.isEnded = true
            return state.run.owner
        }
        do {
            _ = try await store.perform(.leave(owner: owner, at: .now))
        } catch {
            logger.warning("this node could not say that it stops; others take over with its lease", metadata: ["error": "\(error)"])
        }
    }
}

/// The name of this data directory's last run, so that the next one knows, without waiting for the lease, that it is over: only one process
/// at a time can hold the directory.
enum LastRun {
    /// Nil where there was none, or the file is no longer readable: then others wait for the lease.
    static func read(_ directory: DataDirectory) -> Int64? {
        guard let bytes = try? AtomicFile.read(directory.lastRun, bytesMax: 64) else { return nil }
        return Int64(String(decoding: bytes, as: UTF8.self).trimmed)
    }

    static func write(_ owner: Int64, _ directory: DataDirectory) throws {
        try AtomicFile.write(Array("\(owner)\n".utf8), to: directory.lastRun, mode: 0o600)
    }
}
