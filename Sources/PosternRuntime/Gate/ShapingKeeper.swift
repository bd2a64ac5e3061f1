import DeliveryPlanning
import GateCore
import Logging
import MailModel
import NIOCore
import OutboundPolicy
import Storage
import Synchronization

/// Asks the store what limits ask for, wakes the core when something that waits may go on, and keeps holds in the directory.
final class ShapingKeeper: CommitListener {
    private enum Asked: Sendable {
        case count(ShapingCall)
        case share(ShapingShare)
        case hold(DeliveryHold)
        /// `tries`: how often another had written it meanwhile.
        case warmUp(WarmUpChange, tries: Int)
        /// One that is long over.
        case drop(String)
    }

    private let state = Mutex((lastTicket: Int64(0), asked: [Int64: Asked]()))
    private let engine: GateEngine
    private let store: OpenStore
    private let eventLoop: any EventLoop
    private let logger: Logger
    /// Tells people.
    private let raise: @Sendable (AlertCondition) -> Void

    init(
        engine: GateEngine, store: OpenStore, eventLoop: any EventLoop, logger: Logger, raise: @escaping @Sendable (AlertCondition) -> Void
    ) {
        self.engine = engine
        self.store = store
        self.eventLoop = eventLoop
        self.logger = logger
        self.raise = raise
    }

    func perform(_ order: ShapingOrder) {
        switch order {
        case .wake(let time):
            let wait = max(1, (time - .now).milliseconds)
            // What is due later is looked at by each tick.
            guard wait < ShapingKeeper.wakeMax else { return }
            eventLoop.scheduleTask(in: .milliseconds(wait)) { [engine] in engine.happened(.shapingDue) }
        case .count(let call): ask(.count(call))
        case .share(let call): ask(.share(call))
        case .warmUp(let change): ask(.warmUp(change, tries: 0))
        case .hold(let hold):
            logger.notice("mail waits by a rule", metadata: ["rule": "\(hold.rule)", "why": "\(hold.text)"])
            ask(.hold(hold))
            for old in engine.decide({ core, now in core.directory.deliveryHolds.values.filter { $0.until + ShapingKeeper.kept < now } })
                .prefix(ShapingKeeper.droppedMax)
            { ask(.drop(old.key)) }
        }
    }

    private static let wakeMax: Int64 = 60_000
    /// How long a hold that is over can be looked up.
    private static let kept = Duration.seconds(86_400)
    private static let droppedMax = 20

    private func ask(_ asked: Asked) {
        let ticket = state.withLock { state in
            state.lastTicket += 1
            state.asked[state.lastTicket] = asked
            return state.lastTicket
        }
        if !store.committer.enqueue(work(asked), ticket: ticket, listener: self) {
            state.withLock { $0.asked[ticket] = nil }
            answer(asked, nil)
        }
    }

    private func work(_ asked: Asked) -> StoreWork {
        switch asked {
        case .count(let call):
            let key = CounterKey(name: call.counter.name, window: call.counter.window)
            return .count(
                CounterCall(key: key, owner: call.owner, used: call.used, wanted: call.wanted, limit: call.counter.limit, at: .now))
        case .share(let call):
            return .share(ShareCall(scope: "shaping/\(call.meter)", owner: call.owner, wanted: call.wanted, limit: call.limit))
        case .hold(let hold):
            let entry = AuditEntry(at: .now, actor: "postern", action: "shaping.hold", target: hold.key, reason: hold.text)
            do {
                return .change(
                    DirectoryChange(
                        kind: .deliveryHold, name: hold.key, value: try DirectoryCoding.text(hold), expectedVersion: nil, audit: entry))
            } catch {
                preconditionFailure("a hold has a JSON form: \(error)")
            }
        case .warmUp(let change, _):
            let warmUp = change.warmUp
            let entry = AuditEntry(
                at: .now, actor: "postern", action: change.setBack == nil ? "warmup.used" : "warmup.set-back", target: warmUp.name,
                reason: change.setBack ?? "")
            do {
                return .change(
                    DirectoryChange(
                        kind: .warmUp, name: warmUp.name, value: try DirectoryCoding.text(warmUp), expectedVersion: warmUp.version,
                        audit: entry))
            } catch {
                preconditionFailure("a warm-up has a JSON form: \(error)")
            }
        case .drop(let key):
            let entry = AuditEntry(at: .now, actor: "postern", action: "shaping.hold-over", target: key, reason: "It is long over.")
            return .change(DirectoryChange(kind: .deliveryHold, name: key, value: nil, expectedVersion: nil, audit: entry))
        }
    }

    func committed(_ results: [CommitResult]) {
        for result in results {
            guard let asked = state.withLock({ $0.asked.removeValue(forKey: result.ticket) }) else { continue }
            switch result.result {
            case .success(let answered): answer(asked, answered)
            case .failure(let error):
                logger.error("the store did not answer what limits asked", metadata: ["error": "\(error)"])
                answer(asked, nil)
            }
        }
    }

    private func answer(_ asked: Asked, _ answer: StoreWorkResult?) {
        switch asked {
        case .count(let call):
            if case .counted(let grant)? = answer {
                engine.happened(.shaped(.counted(call, granted: grant.granted, freeAt: grant.reading.nextFreeAt)))
            } else {
                engine.happened(.shaped(.counted(call, granted: nil, freeAt: nil)))
            }
        case .share(let call):
            if case .shared(let share)? = answer {
                engine.happened(.shaped(.shared(call, granted: share.granted)))
            } else {
                engine.happened(.shaped(.shared(call, granted: nil)))
            }
        case .warmUp(let change, let tries): wrote(change, tries, answer)
        // A hold that could not be kept holds on this node all the same.
        case .hold, .drop: break
        }
    }

    /// Where another node or a person has written the warm-up meanwhile, the same happens to what they wrote.
    private func wrote(_ change: WarmUpChange, _ tries: Int, _ answer: StoreWorkResult?) {
        switch answer {
        case .changed?:
            if let condition = change.condition { raise(condition) }
        case .conflict?:
            guard tries < ShapingKeeper.triesMax else { return }
            let redo: @Sendable (Result<WarmUp?, any Error>) -> Void = { [self] stored in
                guard let stored = try? stored.get(), let redone = change.redone(on: stored) else { return }
                ask(.warmUp(redone, tries: tries + 1))
            }
            store.reader.read({ try $0.directory().warmUps[change.warmUp.name] }, completion: redo)
        default: break
        }
    }

    private static let triesMax = 10
}
