import Glibc

/// State that threads share and wait for.
///
/// `@unchecked Sendable`: the state is private and touched only with the lock held.
final class Monitor<State>: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var state: State

    init(_ state: sending State) {
        self.state = state
        check(pthread_mutex_init(mutex, nil))
        var attributes = pthread_condattr_t()
        check(pthread_condattr_init(&attributes))
        check(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC))
        check(pthread_cond_init(condition, &attributes))
        check(pthread_condattr_destroy(&attributes))
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    func withLock<R>(_ body: (inout State) throws -> R) rethrows -> R {
        check(pthread_mutex_lock(mutex))
        defer { check(pthread_mutex_unlock(mutex)) }
        return try body(&state)
    }

    /// As `withLock`, and wakes one waiting thread where `body` returns true.
    func withLockWaking(_ body: (inout State) -> (result: Bool, wakes: Bool)) -> Bool {
        let (result, wakes) = withLock(body)
        if wakes { check(pthread_cond_signal(condition)) }
        return result
    }

    /// Waits until `body` returns a value.
    func wait<R>(until body: (inout State) -> R?) -> R {
        check(pthread_mutex_lock(mutex))
        defer { check(pthread_mutex_unlock(mutex)) }
        // The state is touched by others while this waits, so no access to it may last that long.
        while true {
            if let value = body(&state) { return value }
            check(pthread_cond_wait(condition, mutex))
        }
    }

    /// Waits until `body` is true, or that long; not at all where it is negative. By the monotonic clock: a step of the other one prolongs nothing.
    func wait(atMost length: Duration, until body: (inout State) -> Bool) {
        var deadline = timespec()
        clock_gettime(CLOCK_MONOTONIC, &deadline)
        let length = max(.zero, length)
        let nanoseconds = deadline.tv_nsec + Int(length.components.attoseconds / 1_000_000_000)
        deadline.tv_sec += Int(length.components.seconds) + nanoseconds / 1_000_000_000
        deadline.tv_nsec = nanoseconds % 1_000_000_000
        check(pthread_mutex_lock(mutex))
        defer { check(pthread_mutex_unlock(mutex)) }
        while !body(&state) {
            let code = pthread_cond_timedwait(condition, mutex, &deadline)
            if code == ETIMEDOUT { return }
            check(code)
        }
    }

    /// Changes the state and wakes every waiting thread.
    func withLockWakingAll(_ body: (inout State) -> Void) {
        withLock(body)
        check(pthread_cond_broadcast(condition))
    }

    /// The calls above fail only where they are misused.
    private func check(_ code: Int32) { precondition(code == 0, "a lock or condition failed with \(code)") }
}
