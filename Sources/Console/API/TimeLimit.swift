import Synchronization

/// Ends the wait for work that takes too long.
enum TimeLimit {
    /// Throws `problem` where the work has not ended in time, and cancels it; work that does not heed that goes on unheard.
    static func run<Value: Sendable>(
        _ limit: Duration, orElse problem: Problem, _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let race = Race<Value>()
        let worker = Task {
            do { race.end(.success(try await work())) } catch { race.end(.failure(error)) }
        }
        let timer = Task {
            try await Task.sleep(for: limit)
            race.end(.failure(problem))
            worker.cancel()
        }
        defer { timer.cancel() }
        return try await withTaskCancellationHandler {
            try await race.result()
        } onCancel: {
            worker.cancel()
        }
    }
}

/// The first result that comes.
private final class Race<Value: Sendable>: Sendable {
    private enum State {
        case open
        case waiting(CheckedContinuation<Value, any Error>)
        case ended(Result<Value, any Error>)
        case taken
    }

    private let state = Mutex(State.open)

    func end(_ result: Result<Value, any Error>) {
        let waiting: CheckedContinuation<Value, any Error>? = state.withLock { state in
            switch state {
            case .open:
                state = .ended(result)
                return nil
            case .waiting(let continuation):
                state = .taken
                return continuation
            case .ended, .taken: return nil
            }
        }
        waiting?.resume(with: result)
    }

    /// To be called once.
    func result() async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let ended: Result<Value, any Error>? = state.withLock { state in
                if case .ended(let result) = state {
                    state = .taken
                    return result
                }
                state = .waiting(continuation)
                return nil
            }
            if let ended { continuation.resume(with: ended) }
        }
    }
}

/// Holds back answers to wrong keys, so many at a time.
final class DelayCount: Sendable {
    private let count = Atomic(0)

    func wait(_ delay: Duration) async {
        defer { count.subtract(1, ordering: .relaxed) }
        guard count.add(1, ordering: .relaxed).newValue <= APILimits.delayedMax else { return }
        try? await Task.sleep(for: delay)
    }
}
