import Delivery
import DeliveryPlanning
import GateCore
import Logging
import MailModel
import NIOCore
import OutboundPolicy
import Storage
import Synchronization

/// The gate's core behind its lock, and the hands that do what it says.
///
/// Events come from the event loops, from the writer thread after each commit, and from the services; each is handled under the lock, and
/// its actions are carried out after it is let go: on the loop that they belong to, or by the committer and the resolver.
final class GateEngine: Sendable {
    private struct State {
        var core: GateCore
        var random = SystemRandomNumberGenerator()
    }

    private let state: CoreLock<State>
    private let committer: Committer
    private let resolve: @Sendable (ResolveTarget) -> Void
    private let carryOut: @Sendable (PolicyAct) -> Void
    private let parts: Mutex<Parts>
    private let claims: ClaimListener

    /// What is made after the engine and needs it.
    private struct Parts {
        var lanes: [GateLane] = []
        var settlements: SettlementKeeper?
        var upstream: UpstreamKeeper?
        var shaping: ShapingKeeper?
    }

    /// `resolve`: asks for a target, to be answered by a `resolved` event. `carryOut`: does what was decided about senders. Neither blocks.
    init(
        core: GateCore, committer: Committer, resolve: @escaping @Sendable (ResolveTarget) -> Void,
        carryOut: @escaping @Sendable (PolicyAct) -> Void
    ) {
        self.carryOut = carryOut
        state = CoreLock(State(core: core))
        self.committer = committer
        self.resolve = resolve
        parts = Mutex(Parts())
        claims = ClaimListener()
        claims.engine.withLock { $0 = self }
    }

    func connect(lanes: [GateLane], settlements: SettlementKeeper, upstream: UpstreamKeeper, shaping: ShapingKeeper) {
        parts.withLock {
            $0.lanes = lanes
            $0.settlements = settlements
            $0.upstream = upstream
            $0.shaping = shaping
        }
    }

    var lanes: [GateLane] { parts.withLock { $0.lanes } }

    // MARK: - Events

    /// Asks or changes the core, without actions to follow.
    func decide<Decision>(_ body: (inout GateCore, Timestamp) -> Decision) -> Decision {
        let now = Timestamp.now
        let (decision, acts) = state.withLock { state in
            state.core.steadyTimeIs(.now)
            return (body(&state.core, now), state.core.takeActs())
        }
        for act in acts { carryOut(act) }
        return decision
    }

    /// Tells the core what happened and returns what is to be done.
    func handle(_ events: [GateEvent]) -> [QueueAction] {
        let now = Timestamp.now
        return state.withLock { state in
            state.core.steadyTimeIs(.now)
            guard events.count > 1 else { return events.first.map { state.core.handle($0, at: now, using: &state.random) } ?? [] }
            var actions: [QueueAction] = []
            for event in events { actions += state.core.handle(event, at: now, using: &state.random) }
            return actions
        }
    }

    func happened(_ event: GateEvent) { perform(handle([event])) }

    /// A message came to the disk after its client was told 451: it must not be sent, since the client sends it again.
    func cancelUnanswered(_ message: NewMessage) { parts.withLock { $0.settlements }?.cancel(message) }

    /// A person's act on what is in memory. Returns how many recipients it reached.
    func acted(_ verb: QueueVerb, _ filter: QueueFilter) -> Int {
        let (count, actions) = decide { core, now in core.acted(verb, filter, at: now) }
        perform(actions)
        if verb == .release || verb == .retry { happened(.becameDue()) }
        return count
    }

    // MARK: - Actions

    /// Carries actions out. What belongs to a loop is done there, one hop for each loop; `first` goes before it on that loop.
    func perform(_ actions: [QueueAction], first: (lane: GateLane, work: () -> Void)? = nil) {
        guard !actions.isEmpty || first != nil else { return }
        let parts = parts.withLock { $0 }
        var onLanes: [[QueueAction]] = []
        func put(_ action: QueueAction, on lane: Lane) {
            if onLanes.isEmpty { onLanes = Array(repeating: [], count: parts.lanes.count) }
            onLanes[lane.index % onLanes.count].append(action)
        }
        for action in actions {
            switch action {
            case .connect(let order): put(action, on: order.lane)
            case .attempt(let order): put(action, on: order.lane)
            case .close(_, let lane): put(action, on: lane)
            case .resolve(let target): resolve(target)
            case .settle(let order): parts.settlements?.settle(order)
            case .giveBack(let recipients, let dueAt, let owner, let list):
                parts.settlements?.giveBack(recipients, dueAt: dueAt, owner: owner, waitsFor: list)
            case .claim(let limit, let owner, let lateLists): claim(limit, owner: owner, lateLists: lateLists)
            case .upstream(let order): parts.upstream?.perform(order)
            case .shape(let order): parts.shaping?.perform(order)
            }
        }
        guard first != nil || !onLanes.isEmpty else { return }
        for (index, lane) in parts.lanes.enumerated() {
            let isFirst = first?.lane === lane
            let actions = onLanes.isEmpty ? [] : onLanes[index]
            guard isFirst || !actions.isEmpty else { continue }
            lane.perform(actions, first: isFirst ? first?.work : nil)
        }
    }

    private func claim(_ limit: Int, owner: Int64, lateLists: [Int32]) {
        let now = Timestamp.now
        let claim = Claim(owner: owner, now: now, limit: limit, lateLists: lateLists)
        if !committer.enqueue(.claim(claim), ticket: owner, listener: claims) { perform(handle([.claimFailed])) }
    }
}

/// Hands claimed recipients to the core, on lanes in turn. The ticket of a claim is the run that it was made for.
private final class ClaimListener: CommitListener {
    let engine = Mutex<GateEngine?>(nil)
    private let turn = Atomic<Int>(0)

    func committed(_ results: [CommitResult]) {
        guard let engine = engine.withLock({ $0 }) else { return }
        for result in results {
            if case .success(.claimed(let messages, let nextDueAt)) = result.result {
                let lane = Lane(turn.wrappingAdd(1, ordering: .relaxed).newValue & 0xFFFF)
                engine.happened(.claimed(messages, owner: result.ticket, nextDueAt: nextDueAt, lane: lane))
            } else {
                engine.happened(.claimFailed)
            }
        }
    }
}

/// Carries a value past a border that the compiler cannot see through.
///
/// `@unchecked`: whoever makes it vouches that the value is used by one thread at a time: on the loop that gave it, or where a lock was held.
struct UncheckedTransfer<Value>: @unchecked Sendable {
    let value: Value
    init(_ value: Value) { self.value = value }
}
