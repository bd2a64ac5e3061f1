import DeliveryPlanning
import GateCore
import Glibc
import Logging
import MailModel
import OutboundPolicy
import Storage
import Synchronization

/// Keeps the core's suppression list in step with the store's: read at the start beside everything else, then change by change.
///
/// Until all of it is read, mail is taken and none is sent.
final class SuppressionKeeper: Sendable {
    /// Entries that are read at a time; the core's lock is taken once for each.
    private static let pageMax = 5000
    private static let firstWait = Duration.milliseconds(200)
    private static let longestWait = Duration.seconds(10)

    private let engine: GateEngine
    private let store: OpenStore
    private let logger: Logger
    /// The last change that the core has heard of; nil until all is read. Held while changes are read, so that they are told in order.
    private let heard: Mutex<Int64?>

    /// `heard`: where the core's list is complete already, up to this stamp.
    init(engine: GateEngine, store: OpenStore, heard: Int64?, logger: Logger) {
        self.engine = engine
        self.store = store
        self.logger = logger
        self.heard = Mutex(heard)
    }

    /// The list as a core begins with it: whole where it is short, else empty and not complete. Blocks for a page.
    static func first(_ store: any Store, key: AddressKey, change: StoreChange) throws -> (table: SuppressionTable, heard: Int64?) {
        let page = try store.suppressionPage(after: nil, limit: pageMax)
        guard page.count < pageMax else { return (SuppressionTable(key: key, isComplete: false), nil) }
        var table = SuppressionTable(key: key, isComplete: true)
        for entry in page { table.insert(entry.key) }
        return (table, change.suppressions)
    }

    /// Reads all of it, however often that takes; returns at once where it is read.
    func load() async {
        var wait = SuppressionKeeper.firstWait
        while heard.withLock({ $0 }) == nil, !Task.isCancelled {
            do {
                try await BlockingWork.runLong { try self.loadOnce() }
            } catch {
                logger.error(
                    "the suppression list could not be read; nothing is sent until it is", metadata: ["error": "\(error)"])
                try? await Task.sleep(for: wait)
                wait = min(wait * 2, SuppressionKeeper.longestWait)
            }
        }
    }

    private func loadOnce() throws {
        let start = ContinuousClock.now
        // What changes while the pages are read is told once more, in the order in which it changed.
        let since = try store.store.lastChange().suppressions
        var last: SuppressionKey?
        var count = 0
        while true {
            let page = try store.store.suppressionPage(after: last, limit: SuppressionKeeper.pageMax)
            engine.decide { core, _ in core.suppressionsChanged(page) }
            count += page.count
            guard page.count == SuppressionKeeper.pageMax, let end = page.last else { break }
            last = end.key
        }
        try heard.withLock { heard in heard = try catchUp(from: since) }
        engine.happened(.suppressionsComplete)
        logger.notice(
            "the suppression list is read",
            metadata: ["entries": "\(count)", "seconds": "\((ContinuousClock.now - start).components.seconds)"])
    }

    /// The list has changed in the store. On the thread that waits for changes.
    func changed(to stamp: Int64) throws {
        try heard.withLock { heard in
            guard let known = heard, known < stamp else { return }
            heard = try catchUp(from: known)
        }
    }

    /// In the store and, on the writer thread right after that commit, in what decisions ask: nothing begins in between.
    func perform(_ work: SuppressionWork) async throws -> Int {
        let engine = engine
        return try await withCheckedThrowingContinuation { continuation in
            let listener = SuppressionListener { result in
                continuation.resume(
                    with: result.map { result in
                        guard case .affected(let count) = result else { return 0 }
                        let entries = work.told(affected: count)
                        if !entries.isEmpty { engine.decide { core, _ in core.suppressionsChanged(entries) } }
                        return count
                    })
            }
            if !store.committer.enqueue(.suppress(work), ticket: 0, listener: listener) {
                continuation.resume(throwing: StoreError.busy)
            }
        }
    }

    private func catchUp(from stamp: Int64) throws -> Int64 {
        var last = stamp
        while true {
            let changes = try store.store.suppressionChanges(after: last, limit: SuppressionKeeper.pageMax)
            guard let end = changes.last else { return last }
            engine.decide { core, _ in core.suppressionsChanged(changes) }
            last = end.stamp
        }
    }
}

private final class SuppressionListener: CommitListener {
    private let done: @Sendable (Result<StoreWorkResult, any Error>) -> Void
    init(_ done: @escaping @Sendable (Result<StoreWorkResult, any Error>) -> Void) { self.done = done }
    func committed(_ results: [CommitResult]) {
        for result in results { done(result.result) }
    }
}

extension SuppressionWork {
    /// What decisions must know at once; what ends by time is heard of with all other changes.
    fileprivate func told(affected: Int) -> [Suppression] {
        guard affected > 0 else { return [] }
        func entries(_ keys: [SuppressionKey], removedAt: Timestamp?, _ at: Timestamp) -> [Suppression] {
            keys.map { Suppression(key: $0, address: nil, source: "", createdAt: at, removedAt: removedAt) }
        }
        switch self {
        case .put(let new, _): return new
        case .remove(let keys, let at, _): return entries(keys, removedAt: at, at)
        case .restore(let keys, let at, _): return entries(keys, removedAt: nil, at)
        case .feedback(let feedback): return feedback.note.effect.map { [$0.entry] } ?? []
        case .erase, .endExpired, .tidy: return []
        }
    }
}

extension KeyVault {
    /// Under which addresses of the suppression list are hashed: the same on all nodes.
    var addressKey: AddressKey {
        guard let key = AddressKey(key(for: "suppression")) else { preconditionFailure("a key has 32 octets") }
        return key
    }
}
