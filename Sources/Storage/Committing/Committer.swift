import DeliveryPlanning
import Foundation

/// Hears what became of works, once for each commit, on the writer's thread; in the order in which they were enqueued. Must not block.
package protocol CommitListener: AnyObject, Sendable {
    func committed(_ results: [CommitResult])
}

package struct CommitResult: Sendable {
    /// As given to `enqueue`.
    package var ticket: Int64
    /// A `StoreError` where it failed. Nothing of the work was applied then.
    package var result: Result<StoreWorkResult, any Error>
}

/// Puts works into the store: one thread, which commits whatever has gathered since its last commit in one transaction.
///
/// A group that fails is tried again in halves, so that a bad work fails alone; a failure of the whole store (full, damaged, not
/// answering) fails the group at once, and the next group is tried as usual.
package final class Committer: Sendable {
    package struct Limits: Sendable {
        /// Works in one transaction.
        package var groupWorksMax = 512
        /// Octets of content in one transaction, unless a single work has more.
        package var groupBytesMax = 16 * 1024 * 1024
        /// Works that wait or are being committed. New mail and refusals may take three quarters: the rest is for outcomes, without
        /// which what was delivered would be delivered again.
        package var queueWorksMax = 16_384
        /// Octets of content that wait or are being committed. Works without content, and one with, are always let in.
        package var queueBytesMax = 128 * 1024 * 1024

        package init() {}
    }

    package struct Statistics: Sendable {
        /// Transactions that became durable.
        package var commits = 0
        /// Works in them.
        package var works = 0
        /// Works that were answered with an error.
        package var failedWorks = 0
        /// Spent in the store.
        package var secondsSpent = 0.0
        /// The last error's text; nil where there was none.
        package var lastError: String?
        /// Works that wait or are being committed now.
        package var waiting = 0

        package init() {}
    }

    /// Works and, at the same places, whom to tell: apart, so that the works go to the store as they stand.
    private struct Batch {
        var works: [StoreWork] = []
        var receipts: [Receipt] = []
    }

    private struct Receipt {
        var bytes: Int
        var ticket: Int64
        var listener: any CommitListener
    }

    private struct State {
        var incoming = Batch()
        /// Of `incoming` and of what the thread has taken.
        var worksHeld = 0
        var bytesHeld = 0
        /// Works in `incoming` at which the thread is to be woken; it is busy where that is out of reach.
        var wakesAt = Int.max
        var isStopped = false
        var isEnded = false
        var statistics = Statistics()
        var commitStartedAt: ContinuousClock.Instant?
    }

    private let store: any Store
    private let limits: Limits
    private let pause = GatheringPause()
    private let state = Monitor(State())

    /// Starts the thread. `stop` must be called in the end.
    package init(store: any Store, limits: Limits = Limits()) {
        self.store = store
        self.limits = limits
        let thread = Thread { [self] in run() }
        thread.name = "postern.writer"
        thread.stackSize = 1 << 20
        thread.start()
    }

    /// Any thread; never waits for the store. False where the queue is full or the committer stopped: nothing will be heard then.
    package func enqueue(_ work: StoreWork, ticket: Int64, listener: any CommitListener) -> Bool {
        let bytes = work.contentBytes
        return state.withLockWaking { state in
            let worksMax = work.isNewMail ? limits.queueWorksMax - limits.queueWorksMax / 4 : limits.queueWorksMax
            guard !state.isStopped, state.worksHeld < worksMax,
                bytes == 0 || state.bytesHeld == 0 || state.bytesHeld + bytes <= limits.queueBytesMax
            else { return (false, false) }
            state.incoming.works.append(work)
            state.incoming.receipts.append(Receipt(bytes: bytes, ticket: ticket, listener: listener))
            state.worksHeld += 1
            state.bytesHeld += bytes
            return (true, state.incoming.works.count >= state.wakesAt)
        }
    }

    /// Commits one work, together with whatever else has gathered. Throws `busy` or `stopped` where it was not taken.
    package func perform(_ work: StoreWork) async throws -> StoreWorkResult {
        try await withCheckedThrowingContinuation { continuation in
            let listener = OneResult { continuation.resume(with: $0) }
            if !enqueue(work, ticket: 0, listener: listener) {
                continuation.resume(throwing: state.withLock { $0.isStopped } ? StoreError.stopped : StoreError.busy)
            }
        }
    }

    /// Lets no more in, waits until all that was let in is answered, and ends the thread. Blocks; may be called more than once.
    package func stop() {
        state.withLockWakingAll { $0.isStopped = true }
        state.wait { $0.isEnded ? () : nil }
    }

    package var statistics: Statistics {
        state.withLock { state in
            var statistics = state.statistics
            statistics.waiting = state.worksHeld
            return statistics
        }
    }

    /// Since when the commit under way is with the store; nil where none is.
    package var commitStartedAt: ContinuousClock.Instant? { state.withLock { $0.commitStartedAt } }

    // MARK: The thread

    private func run() {
        while let batch = takeAll() {
            let started = ContinuousClock.now
            var start = 0
            while start < batch.works.count {
                let end = groupEnd(batch.receipts, from: start)
                commit(batch, start..<end)
                start = end
            }
            gather(pause.length(afterCommitOf: batch.works.count, taking: ContinuousClock.now - started))
        }
        state.withLockWakingAll { $0.isEnded = true }
    }

    /// Lets works come in for so long.
    private func gather(_ length: Duration) {
        guard length > .zero else { return }
        state.wait(atMost: length) { state in
            state.wakesAt = pause.worksEnough
            return state.isStopped || state.incoming.works.count >= pause.worksEnough
        }
    }

    /// All that has come; nil once stopped and drained.
    private func takeAll() -> Batch? {
        state.wait { state -> Batch?? in
            guard !state.incoming.works.isEmpty else {
                state.wakesAt = 1
                return state.isStopped ? .some(nil) : nil
            }
            state.wakesAt = .max
            let batch = state.incoming
            let expected = min(batch.works.count, limits.groupWorksMax)
            state.incoming = Batch()
            state.incoming.works.reserveCapacity(expected)
            state.incoming.receipts.reserveCapacity(expected)
            return batch
        }
    }

    private func groupEnd(_ receipts: [Receipt], from start: Int) -> Int {
        var bytes = 0
        var end = start
        while end < receipts.count, end - start < limits.groupWorksMax {
            bytes += receipts[end].bytes
            if bytes > limits.groupBytesMax, end > start { break }
            end += 1
        }
        return end
    }

    private func commit(_ batch: Batch, _ group: Range<Int>) {
        let started = ContinuousClock.now
        state.withLock { $0.commitStartedAt = started }
        do {
            let isAll = group.count == batch.works.count
            let results = try store.commit(isAll ? batch.works : Array(batch.works[group]))
            finish(batch.receipts[group], results.map { .success($0) }, since: started, error: nil)
        } catch {
            let concernsAll = (error as? StoreError)?.concernsWholeStore ?? false
            guard group.count > 1, !concernsAll else {
                return finish(batch.receipts[group], group.map { _ in .failure(error) }, since: started, error: error)
            }
            let middle = group.lowerBound + group.count / 2
            commit(batch, group.lowerBound..<middle)
            commit(batch, middle..<group.upperBound)
        }
    }

    private func finish(
        _ group: ArraySlice<Receipt>, _ results: [Result<StoreWorkResult, any Error>], since started: ContinuousClock.Instant,
        error: (any Error)?
    ) {
        let spent = ContinuousClock.now - started
        let bytes = group.reduce(0) { $0 + $1.bytes }
        state.withLock { state in
            state.commitStartedAt = nil
            state.worksHeld -= group.count
            state.bytesHeld -= bytes
            state.statistics.secondsSpent += spent / .seconds(1)
            if let error {
                state.statistics.failedWorks += group.count
                state.statistics.lastError = "\(error)"
            } else {
                state.statistics.commits += 1
                state.statistics.works += group.count
            }
        }
        answer(group, results)
    }

    /// Once to each listener. There are few of them, one for each event loop, so a list does.
    private func answer(_ group: ArraySlice<Receipt>, _ results: [Result<StoreWorkResult, any Error>]) {
        var answers: [(listener: any CommitListener, results: [CommitResult])] = []
        for (index, receipt) in group.enumerated() {
            let result = CommitResult(ticket: receipt.ticket, result: results[index])
            if let place = answers.lastIndex(where: { $0.listener === receipt.listener }) {
                answers[place].results.append(result)
            } else {
                answers.append((receipt.listener, [result]))
            }
        }
        for answer in answers { answer.listener.committed(answer.results) }
    }
}

/// Passes the one result on.
private final class OneResult: CommitListener {
    private let body: @Sendable (Result<StoreWorkResult, any Error>) -> Void

    init(_ body: @escaping @Sendable (Result<StoreWorkResult, any Error>) -> Void) { self.body = body }

    func committed(_ results: [CommitResult]) {
        for result in results { body(result.result) }
    }
}

extension StoreWork {
    var isNewMail: Bool {
        switch self {
        case .accept, .refuse: true
        default: false
        }
    }

    /// Octets of the bodies that it carries.
    var contentBytes: Int {
        switch self {
        case .accept(let message): message.content.count
        case .settle(let settlement): settlement.notices.reduce(0) { $0 + $1.content.count }
        case .alert(.conclude(let conclusion)): if case .mailed(let message) = conclusion.outcome { message.content.count } else { 0 }
        default: 0
        }
    }
}
