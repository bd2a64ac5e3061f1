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

    private struct Entry {
        var work: StoreWork
        var bytes: Int
        var ticket: Int64
        var listener: any CommitListener
    }

    private struct State {
        var incoming: [Entry] = []
        /// Of `incoming` and of what the thread has taken.
        var worksHeld = 0
        var bytesHeld = 0
        var isIdle = false
        var isStopped = false
        var isEnded = false
        var statistics = Statistics()
        var commitStartedAt: ContinuousClock.Instant?
    }

    private let store: any Store
    private let limits: Limits
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
            state.incoming.append(Entry(work: work, bytes: bytes, ticket: ticket, listener: listener))
            state.worksHeld += 1
            state.bytesHeld += bytes
            return (true, state.isIdle)
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
        while let entries = takeAll() {
            var start = 0
            while start < entries.count {
                let end = groupEnd(entries, from: start)
                commit(entries[start..<end])
                start = end
            }
        }
        state.withLockWakingAll { $0.isEnded = true }
    }

    /// All that has come; nil once stopped and drained.
    private func takeAll() -> [Entry]? {
        state.wait { state -> [Entry]?? in
            guard !state.incoming.isEmpty else {
                state.isIdle = true
                return state.isStopped ? .some(nil) : nil
            }
            state.isIdle = false
            let entries = state.incoming
            state.incoming = []
            state.incoming.reserveCapacity(min(entries.count, limits.groupWorksMax))
            return entries
        }
    }

    private func groupEnd(_ entries: [Entry], from start: Int) -> Int {
        var bytes = 0
        var end = start
        while end < entries.count, end - start < limits.groupWorksMax {
            bytes += entries[end].bytes
            if bytes > limits.groupBytesMax, end > start { break }
            end += 1
        }
        return end
    }

    private func commit(_ group: ArraySlice<Entry>) {
        let started = ContinuousClock.now
        state.withLock { $0.commitStartedAt = started }
        do {
            let results = try store.commit(group.map(\.work))
            finish(group, zip(group, results).map { CommitResult(ticket: $0.ticket, result: .success($1)) }, since: started, error: nil)
        } catch {
            let concernsAll = (error as? StoreError)?.concernsWholeStore ?? false
            guard group.count > 1, !concernsAll else {
                let results = group.map { CommitResult(ticket: $0.ticket, result: .failure(error)) }
                return finish(group, results, since: started, error: error)
            }
            let middle = group.startIndex + group.count / 2
            commit(group[..<middle])
            commit(group[middle...])
        }
    }

    private func finish(
        _ group: ArraySlice<Entry>, _ results: [CommitResult], since started: ContinuousClock.Instant, error: (any Error)?
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
    private func answer(_ group: ArraySlice<Entry>, _ results: [CommitResult]) {
        var answers: [(listener: any CommitListener, results: [CommitResult])] = []
        for (entry, result) in zip(group, results) {
            if let place = answers.lastIndex(where: { $0.listener === entry.listener }) {
                answers[place].results.append(result)
            } else {
                answers.append((entry.listener, [result]))
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
        default: 0
        }
    }
}
