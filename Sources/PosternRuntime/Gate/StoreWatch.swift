import GateCore
import Logging
import MailModel
import NIOPosix
import OutboundPolicy
import Storage
import Synchronization

/// Watches whether the store can take mail: room on its disk, and commits that come to an end. Where it cannot, the gate says 4xx.
final class StoreWatch: Sendable {
    private let context: GateContext
    private let engine: GateEngine
    private let pool: NIOThreadPool
    private let disk = Mutex(Disk())
    /// When the trouble that goes on was last raised.
    private let raisedAt = Mutex<Timestamp?>(nil)
    private static let raiseInterval = Duration.seconds(60)

    private struct Disk {
        var verdict = DiskGuard.Verdict.enough
        /// A disk that hangs keeps the thread that asked it; no second one is sent after it.
        var isBeingAsked = false
    }

    init(_ context: GateContext, engine: GateEngine, pool: NIOThreadPool) {
        self.context = context
        self.engine = engine
        self.pool = pool
    }

    /// To be called a few times a second. Returns the moment before which whoever waits for the store has waited too long; nil while it answers.
    func look() -> ContinuousClock.Instant? {
        askDisk()
        let settings = context.live.current.storage
        let now = ContinuousClock.now
        let stalledSince = context.store.committer.commitStartedAt.flatMap { now - $0 >= settings.commitTimeout ? $0 : nil }
        let condition = stalledSince == nil ? condition(disk.withLock { $0.verdict }) : .closed(reason: "The store does not answer")
        let before = engine.decide { core, _ in
            defer { core.storeCondition = condition }
            return core.storeCondition
        }
        tell(condition, before: before)
        raise(condition, at: .now)
        return stalledSince.map { _ in now - settings.commitTimeout }
    }

    /// Where others share the store, it lies on no disk of ours.
    private func askDisk() {
        guard !context.store.store.isShared else { return }
        let isFree = disk.withLock { disk in
            defer { disk.isBeingAsked = true }
            return !disk.isBeingAsked
        }
        guard isFree else { return }
        let guarded = DiskGuard(path: context.directory.root, freeBytesMin: Int64(context.live.current.storage.freeBytesMin))
        pool.submit { _ in
            let verdict = guarded.check()
            self.disk.withLock { $0 = Disk(verdict: verdict) }
        }
    }

    private func condition(_ verdict: DiskGuard.Verdict) -> StoreCondition {
        switch verdict {
        case .enough: .open
        case .short: .closed(reason: "The disk is almost full")
        case .shortOfFiles: .closed(reason: "The disk has almost no room for more files")
        case .unknown(let code): .closed(reason: "The disk does not answer (error \(code))")
        }
    }

    private func tell(_ condition: StoreCondition, before: StoreCondition) {
        guard before != condition else { return }
        switch condition {
        case .open: context.logger.notice("the store can take mail again")
        case .closed(let reason): context.logger.error("no mail is taken", metadata: ["reason": "\(reason)"])
        }
    }

    /// Again each minute while it goes on, and once at its end.
    private func raise(_ condition: StoreCondition, at now: Timestamp) {
        let isDue = raisedAt.withLock { raisedAt in
            switch condition {
            case .open:
                defer { raisedAt = nil }
                return raisedAt != nil
            case .closed:
                if let last = raisedAt, now - last < StoreWatch.raiseInterval { return false }
                raisedAt = now
                return true
            }
        }
        guard isDue else { return }
        let subject = context.store.store.isShared ? "store" : "store of \(context.settings.node.hostName)"
        switch condition {
        case .open:
            context.alerts.raise(
                AlertCondition(.storeTrouble, subject: subject, at: now, text: "The store takes mail again.", isOver: true))
        case .closed(let reason):
            context.alerts.raise(
                AlertCondition(
                    .storeTrouble, subject: subject, at: now, text: "\(reason): no mail is taken, clients are told to come again.",
                    advice: "Look at the free space and the health of the store's disk or database; `postern status` and the log say more.")
            )
        }
    }
}
