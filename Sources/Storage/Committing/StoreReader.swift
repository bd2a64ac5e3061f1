import Foundation

/// Reads from the store on a few threads of its own, since a read may block.
package final class StoreReader: Sendable {
    private struct State {
        var jobs: [@Sendable (any Store) -> Void] = []
        var next = 0
        var isStopped = false
        var threadsRunning: Int

        var waiting: Int { jobs.count - next }

        mutating func take() -> (@Sendable (any Store) -> Void)? {
            guard waiting > 0 else { return nil }
            let job = jobs[next]
            next += 1
            if next == jobs.count || next >= 1024 {
                jobs.removeFirst(next)
                next = 0
            }
            return job
        }
    }

    private let store: any Store
    private let waitingMax: Int
    private let state: Monitor<State>

    /// - Parameters:
    ///   - threadCount: 1…64; the store should have as many reading connections.
    ///   - waitingMax: Reads that may wait for a thread; one more fails with `busy`.
    package init(store: any Store, threadCount: Int = 2, waitingMax: Int = 1024) {
        precondition((1...64).contains(threadCount))
        self.store = store
        self.waitingMax = waitingMax
        state = Monitor(State(threadsRunning: threadCount))
        for number in 0..<threadCount {
            let thread = Thread { [self] in run() }
            thread.name = "postern.reader.\(number)"
            thread.stackSize = 1 << 20
            thread.start()
        }
    }

    package func read<T: Sendable>(_ body: @escaping @Sendable (any Store) throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            read(body) { continuation.resume(with: $0) }
        }
    }

    /// For event loops: returns at once. `completion` runs on a reading thread, or before the return with `busy` or `stopped`.
    package func read<T: Sendable>(
        _ body: @escaping @Sendable (any Store) throws -> T, completion: @escaping @Sendable (Result<T, any Error>) -> Void
    ) {
        var failure = StoreError.stopped
        let isTaken = state.withLockWaking { state in
            guard !state.isStopped else { return (false, false) }
            guard state.waiting < waitingMax else {
                failure = .busy
                return (false, false)
            }
            state.jobs.append { store in completion(Result { try body(store) }) }
            return (true, true)
        }
        if !isTaken { completion(.failure(failure)) }
    }

    /// Lets no more in, finishes what waits, and ends the threads. Blocks.
    package func stop() {
        state.withLockWakingAll { $0.isStopped = true }
        state.wait { $0.threadsRunning == 0 ? () : nil }
    }

    private func run() {
        while true {
            let job = state.wait { state -> (@Sendable (any Store) -> Void)?? in
                if let job = state.take() { return .some(job) }
                return state.isStopped ? .some(nil) : nil
            }
            guard let job else { break }
            job(store)
        }
        state.withLockWakingAll { $0.threadsRunning -= 1 }
    }
}
