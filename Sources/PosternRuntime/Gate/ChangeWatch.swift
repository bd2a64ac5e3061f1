import Foundation
import Logging
import MailModel
import OutboundPolicy
import Storage
import Synchronization

/// Hears what changes in the store, whoever changed it: a thread of its own, since the store's wait blocks.
final class ChangeWatch: Sendable {
    private let store: any Store
    private let logger: Logger
    /// What has to be done about it, on that thread; a throw has it tried again.
    private let heard: @Sendable (_ from: StoreChange, _ to: StoreChange) throws -> Void
    private let isStopping = Atomic(false)
    private let pause = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)

    /// How long one wait may take: a poll, where the store's own call is lost, and the time that a stop may take.
    private static let waitMax = Duration.seconds(1)

    /// Begins from `known`.
    init(_ store: any Store, from known: StoreChange, logger: Logger, heard: @escaping @Sendable (StoreChange, StoreChange) throws -> Void)
    {
        self.store = store
        self.logger = logger
        self.heard = heard
        let thread = Thread { [self] in run(from: known) }
        thread.name = "postern.changes"
        thread.stackSize = 1 << 20
        thread.start()
    }

    private func run(from start: StoreChange) {
        var known = start
        var isFailing = false
        while !isStopping.load(ordering: .acquiring) {
            do {
                let change = try store.waitForChange(since: known, timeout: ChangeWatch.waitMax)
                if change != known { try heard(known, change) }
                known = change
                isFailing = false
            } catch {
                if !isFailing { logger.warning("changes of the store are not heard", metadata: ["error": "\(error)"]) }
                isFailing = true
                _ = pause.wait(timeout: .now() + 1)
            }
        }
        ended.signal()
    }

    /// Blocks for up to a second or so.
    func stop() {
        isStopping.store(true, ordering: .releasing)
        pause.signal()
        ended.wait()
    }
}
