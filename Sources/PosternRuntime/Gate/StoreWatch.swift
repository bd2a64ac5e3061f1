import GateCore
import Logging
import NIOPosix
import Storage
import Synchronization

/// Watches whether the store can take mail: room on its disk, and commits that come to an end. Where it cannot, the gate says 4xx.
final class StoreWatch: Sendable {
    private let context: GateContext
    private let engine: GateEngine
    private let pool: NIOThreadPool
    private let disk = Mutex(Disk())

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
}
