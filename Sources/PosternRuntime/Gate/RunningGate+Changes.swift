import DeliveryPlanning
import GateCore
import Logging
import MailModel
import OutboundPolicy
import Storage
import Synchronization

/// What others changed: the directory, and acts on mail that this node holds in memory.
extension RunningGate {
    /// News that are read at a time.
    private static let newsMax = 1000

    /// Reads the directory and takes it, unless a newer one was taken meanwhile.
    func loadDirectory() async {
        do {
            take(try await context.store.read { try $0.directory() })
        } catch {
            context.logger.error("the directory could not be read; the old one stays", metadata: ["error": "\(error)"])
        }
    }

    private func take(_ directory: Directory) {
        directoryVersion.withLock { version in
            guard directory.version > version else { return }
            version = directory.version
            signers.load(directory)
            scans.use(directory)
            engine.happened(.directoryChanged(directory, lane: Lane(0)))
        }
    }

    /// On the thread that waits for changes.
    func heard(from old: StoreChange, to new: StoreChange) throws {
        let store = context.store.store
        if new.runs != old.runs { sourceKeeper.runsChanged(try store.nodes(at: .now)) }
        if new.suppressions != old.suppressions { try suppressions.changed(to: new.suppressions) }
        if new.directory > directoryVersion.withLock({ $0 }) { take(try store.directory()) }
        var last = old.news
        while last < new.news {
            let news = try store.queueNews(after: last, limit: RunningGate.newsMax)
            guard let end = news.last?.number else { break }
            last = end
            apply(news.filter { !keeper.isOwn($0.owner) })
        }
    }

    /// After a commit that changes nothing: what was claimed before the news is in memory when that one is answered.
    private func apply(_ news: [QueueNews]) {
        guard !news.isEmpty else { return }
        let engine = engine
        let listener = NewsListener {
            for item in news {
                switch item.kind {
                case .acted(let verb, let filter): _ = engine.acted(verb, filter)
                case .becameDue(let list): engine.happened(.becameDue(waitsFor: list))
                }
            }
        }
        let nothing = StoreWork.release(owner: keeper.owner, recipients: [], dueAt: .now)
        if !context.store.committer.enqueue(nothing, ticket: 0, listener: listener) { listener.committed([]) }
    }
}

private final class NewsListener: CommitListener {
    private let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }

    /// Also where the commit failed: what is in memory is stopped all the same.
    func committed(_ results: [CommitResult]) { body() }
}
