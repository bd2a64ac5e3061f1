import Foundation

/// State that threads share and wait for.
///
/// `@unchecked Sendable`: the state is private and touched only with the condition's lock held.
final class Monitor<State>: @unchecked Sendable {
    private let condition = NSCondition()
    private var state: State

    init(_ state: sending State) { self.state = state }

    func withLock<R>(_ body: (inout State) throws -> R) rethrows -> R {
        condition.lock()
        defer { condition.unlock() }
        return try body(&state)
    }

    /// As `withLock`, and wakes one waiting thread where `body` returns true.
    func withLockWaking(_ body: (inout State) -> (result: Bool, wakes: Bool)) -> Bool {
        condition.lock()
        let (result, wakes) = body(&state)
        if wakes { condition.signal() }
        condition.unlock()
        return result
    }

    /// Waits until `body` returns a value.
    func wait<R>(until body: (inout State) -> R?) -> R {
        condition.lock()
        defer { condition.unlock() }
        while true {
            if let value = body(&state) { return value }
            condition.wait()
        }
    }

    /// Waits until `isOver`, at most until the deadline.
    func wait(deadline: ContinuousClock.Instant, until isOver: (State) -> Bool) {
        condition.lock()
        defer { condition.unlock() }
        while !isOver(state) {
            let left = deadline - ContinuousClock.now
            guard left > .zero else { return }
            _ = condition.wait(until: Date(timeIntervalSinceNow: left / .seconds(1)))
        }
    }

    /// Changes the state and wakes every waiting thread.
    func withLockWakingAll(_ body: (inout State) -> Void) {
        condition.lock()
        body(&state)
        condition.broadcast()
        condition.unlock()
    }
}
