import DeliveryPlanning
import GateCore
import Logging
import MailModel
import OutboundPolicy
import Storage
import Synchronization

/// Keeps in the directory which routes stand still, so that every node stops with the one that was refused, and only one of them probes.
///
/// What it cannot write is tried again: the node that was refused has stopped already.
final class UpstreamKeeper: CommitListener {
    private enum Kept: Sendable {
        case order(UpstreamOrder)
        /// What waited for the route is due again.
        case retry(QueueAct)
    }

    private let state = Mutex(UnstoredWork<Kept>())
    private let engine: GateEngine
    private let committer: Committer
    private let logger: Logger
    /// Tells of a stop or its end, once it is written down.
    private let raise: @Sendable (AlertCondition) -> Void

    init(engine: GateEngine, committer: Committer, logger: Logger, raise: @escaping @Sendable (AlertCondition) -> Void) {
        self.engine = engine
        self.committer = committer
        self.logger = logger
        self.raise = raise
    }

    func perform(_ order: UpstreamOrder) { keep(.order(order)) }

    private func keep(_ kept: Kept) {
        submit(state.withLock { $0.keep(kept) }, kept)
    }

    private func submit(_ ticket: Int64, _ kept: Kept) {
        let work: StoreWork
        switch kept {
        case .retry(let act): work = .act(act)
        case .order(let order):
            do {
                work = .change(try UpstreamKeeper.change(order))
            } catch {
                preconditionFailure("a stop has a JSON form: \(error)")
            }
        }
        if !committer.enqueue(work, ticket: ticket, listener: self) { failed(ticket) }
    }

    private static func change(_ order: UpstreamOrder) throws -> DirectoryChange {
        func change(_ stop: UpstreamStop, _ action: String, _ reason: String, value: String?, expecting: Int64?) -> DirectoryChange {
            let entry = AuditEntry(at: .now, actor: "postern", action: action, target: stop.route, reason: reason)
            return DirectoryChange(kind: .upstreamStop, name: stop.route, value: value, expectedVersion: expecting, audit: entry)
        }
        switch order {
        case .put(let stop, let expecting, let condition):
            let reason = condition?.text ?? "The probe said nothing about the account."
            let action = expecting == 0 ? "upstream.stop" : "upstream.probed"
            return change(stop, action, reason, value: try DirectoryCoding.text(stop), expecting: expecting)
        case .askProbe(let stop):
            return change(
                stop, "upstream.probe", "One message is let through.", value: try DirectoryCoding.text(stop), expecting: stop.version)
        case .remove(let stop, let condition): return change(stop, "upstream.resume", condition.text, value: nil, expecting: nil)
        }
    }

    // MARK: - Answers

    func committed(_ results: [CommitResult]) {
        for result in results {
            guard let kept = state.withLock({ $0[result.ticket] }) else { continue }
            switch (kept, result.result) {
            case (.order(.askProbe(let stop)), .success(let answer)): answered(stop, answer)
            case (.order(let order), .success(.changed(let version))): wrote(order, version: version)
            case (.order(let order), .success(.conflict(let version))): engine.happened(stored(order, version: version))
            case (.retry(let act), .success(.acted(_, let next))): retried(act, next: next)
            case (_, .success): break
            case (_, .failure(let error)):
                failed(result.ticket, error)
                continue
            }
            _ = state.withLock { $0.stored(result.ticket) }
        }
    }

    private func answered(_ stop: UpstreamStop, _ answer: StoreWorkResult) {
        var granted: UpstreamStop?
        if case .changed(let version) = answer {
            granted = stop
            granted?.version = version
        }
        engine.happened(.probeAnswered(route: stop.route, granted))
    }

    private func wrote(_ order: UpstreamOrder, version: Int64) {
        engine.happened(stored(order, version: version))
        switch order {
        case .put(_, _, let condition): if let condition { raise(condition) }
        case .askProbe: break
        case .remove(let stop, let condition):
            raise(condition)
            var filter = QueueFilter()
            filter.states = [.queued]
            filter.dueBy = .now + UpstreamWaits.lookMax
            let entry = AuditEntry(
                at: .now, actor: "postern", action: "queue.retry", target: "what route \(stop.route) kept back", reason: condition.text)
            keep(.retry(QueueAct(verb: .retry, filter: filter, audit: entry, owner: engine.decide { core, _ in core.run.owner })))
        }
    }

    private func stored(_ order: UpstreamOrder, version: Int64) -> GateEvent {
        let stop =
            switch order {
            case .put(let stop, _, _), .askProbe(let stop), .remove(let stop, _): stop
            }
        return .upstreamStored(route: stop.route, version: version, lane: Lane(0))
    }

    private func retried(_ act: QueueAct, next: QueueAct.Place?) {
        _ = engine.acted(act.verb, act.filter)
        guard let next else { return }
        var act = act
        act.place = next
        keep(.retry(act))
    }

    // MARK: - Failures

    private func failed(_ ticket: Int64, _ error: (any Error)? = nil) {
        // The right to probe is asked for again with the next message.
        if case .order(.askProbe(let stop))? = state.withLock({ $0[ticket] }) {
            state.withLock { $0.drop(ticket) }
            return engine.happened(.probeAnswered(route: stop.route, nil))
        }
        if state.withLock({ $0.failed(ticket) }), let error {
            logger.error("a stop of a route cannot be stored; it is tried again", metadata: ["error": "\(error)"])
        }
    }

    /// To be called a few times a second.
    func retryFailed() {
        for (ticket, kept) in state.withLock({ $0.takeWaiting() }) { submit(ticket, kept) }
    }
}
