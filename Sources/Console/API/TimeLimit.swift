import Synchronization

/// Ends work that takes too long.
enum TimeLimit {
    /// Cancels the work and throws `problem` where it has not ended in time. Work that does not heed that is waited for: nothing goes on
    /// behind a request that was answered.
    static func run<Value: Sendable>(
        _ limit: Duration, orElse problem: Problem, _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value.self) { group in
            group.addTask { try await work() }
            group.addTask {
                try await Task.sleep(for: limit)
                throw problem
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw problem }
            return first
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
