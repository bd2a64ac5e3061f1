import Glibc

/// The lock around the gate's core, which every thread takes some times for each message and holds for microseconds.
///
/// Whoever finds it taken tries a little longer before it sleeps, and whoever runs may take it before one who sleeps. The library's `Mutex`
/// hands it to the sleeper instead, so that under load each further taker sleeps too.
///
/// `@unchecked`: the value is touched with the lock held alone.
final class CoreLock<Value: Sendable>: @unchecked Sendable {
    private var value: Value
    /// Its place must not change.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

    init(_ value: Value) {
        self.value = value
        var attributes = pthread_mutexattr_t()
        check(pthread_mutexattr_init(&attributes))
        check(pthread_mutexattr_settype(&attributes, Int32(PTHREAD_MUTEX_ADAPTIVE_NP)))
        check(pthread_mutex_init(mutex, &attributes))
        check(pthread_mutexattr_destroy(&attributes))
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
        check(pthread_mutex_lock(mutex))
        defer { check(pthread_mutex_unlock(mutex)) }
        return body(&value)
    }

    /// The calls fail only where they are misused.
    private func check(_ code: Int32) { precondition(code == 0, "the core's lock failed with \(code)") }
}
