import DeliveryPlanning
import GateCore
import Glibc
import Logging
import MailModel
import Metrics
import NIOCore
import NIOPosix
import OutboundPolicy
import Storage
import Synchronization

/// Finds out which addresses this machine has and which egress sources other nodes use, tells the core, and says which sources no node has.
final class SourceKeeper: Sendable {
    private struct State {
        var watch = SourceWatch()
        /// When a node that had a source was last heard of.
        var lastSeen: [String: Timestamp] = [:]
        var lookedAt = SteadyTime(milliseconds: 0)
        var countedAt = SteadyTime(milliseconds: 0)
        var isLooking = false
    }

    private let state = Mutex(State())
    private let engine: GateEngine
    private let keeper: RunKeeper
    private let store: OpenStore
    private let pool: NIOThreadPool
    /// What people have to be told of.
    private let found: @Sendable (AlertCondition) -> Void
    private let missing = Gauge(label: "postern_egress_sources_missing")
    private let waiting = Gauge(label: "postern_egress_source_recipients_waiting")

    /// How often the machine's addresses are looked at.
    private static let lookInterval = Duration.seconds(3)
    /// How often waiting recipients are counted while a source is missing.
    private static let countInterval = Duration.seconds(30)

    init(
        engine: GateEngine, keeper: RunKeeper, store: OpenStore, pool: NIOThreadPool, found: @escaping @Sendable (AlertCondition) -> Void
    ) {
        self.engine = engine
        self.keeper = keeper
        self.store = store
        self.pool = pool
        self.found = found
    }

    /// To be called a few times a second; what takes time is done on a thread of the pool.
    func tick() {
        let now = SteadyTime.now
        let isDue = state.withLock { state in
            guard !state.isLooking, now - state.lookedAt >= SourceKeeper.lookInterval else { return false }
            state.isLooking = true
            state.lookedAt = now
            return true
        }
        guard isDue else { return }
        pool.submit { _ in
            self.engine.happened(.addressesFound(LocalAddresses.ofThisMachine()))
            self.look()
            self.state.withLock { $0.isLooking = false }
        }
    }

    /// What the store says of the runs, as it is now. Blocks.
    func runsChanged(_ nodes: [NodeRow]) {
        var elsewhere: Set<String> = []
        var living: Set<Int64> = []
        var lastSeen: [String: Timestamp] = [:]
        for node in nodes {
            let isLiving = node.state == .running || node.state == .lapsed
            if isLiving { living.insert(node.owner) }
            if isLiving, !keeper.isOwn(node.owner) { elsewhere.formUnion(node.sources) }
            for source in node.sources { lastSeen[source] = max(lastSeen[source] ?? node.seenAt, node.seenAt) }
        }
        state.withLock { $0.lastSeen = lastSeen }
        engine.happened(.sourcesElsewhere(elsewhere))
        engine.happened(.runsChanged(living: living))
        look()
    }

    /// Tells of sources that no node has any more, or one has again.
    private func look() {
        let now = Timestamp.now
        let table = engine.decide { core, _ in core.queue.sources }
        let (lost, back, watch) = state.withLock { state in
            let (lost, back) = state.watch.looked(table, lastSeen: state.lastSeen, at: now)
            return (lost, back, state.watch)
        }
        missing.record(table.missing.count)
        for name in back { found(SourceCondition(source: name, since: now, recipients: 0).alert(at: now, isOver: true)) }
        guard !table.missing.isEmpty else { return waiting.record(0) }
        let steady = SteadyTime.now
        let counts = state.withLock { state in
            guard !lost.isEmpty || steady - state.countedAt >= SourceKeeper.countInterval else { return false }
            state.countedAt = steady
            return true
        }
        guard counts else { return }
        let found = found
        let waiting = waiting
        store.reader.read(
            { try $0.waitingForSources() },
            completion: { result in
                let conditions = watch.conditions(table, waiting: (try? result.get()) ?? [:])
                waiting.record(conditions.reduce(0) { $0 + $1.recipients })
                for condition in conditions where lost.contains(condition.source) { found(condition.alert(at: now)) }
            })
    }

    /// Sources that routes name and no living node has, with what waits for them.
    func conditions() async throws -> [SourceCondition] {
        let table = engine.decide { core, _ in core.queue.sources }
        guard !table.missing.isEmpty else { return [] }
        let waiting = try await store.read { try $0.waitingForSources() }
        return state.withLock { $0.watch.conditions(table, waiting: waiting) }
    }
}

extension LocalAddresses {
    /// Of this machine's interfaces. Asks the kernel: not for an event loop.
    static func ofThisMachine() -> LocalAddresses {
        var local = LocalAddresses()
        for device in (try? System.enumerateDevices()) ?? [] {
            guard let address = device.address.flatMap({ IPAddress($0) }) else { continue }
            local.addresses.insert(address)
            // The kernel takes a loopback interface's whole block as its own.
            guard address.isLoopback, let mask = device.netmask.flatMap({ IPAddress($0) }), let block = IPNetwork(address, mask: mask)
            else {
                continue
            }
            local.blocks.append(block)
        }
        return local
    }
}

extension IPAddress {
    /// Without the zone of a link-local address.
    fileprivate init?(_ address: SocketAddress) {
        guard let text = address.ipAddress else { return nil }
        self.init(text.prefix { $0 != "%" })
    }
}
