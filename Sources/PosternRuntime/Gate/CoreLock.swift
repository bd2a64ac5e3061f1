import Glibc

/// The lock around the gate's core, which every thread takes some times for each message and holds for microseconds.
///
/// Whoever finds it taken tries a little longer before it sleeps, and whoever runs may take it before one who sleeps. The library's `Mutex`
/// hands it to the sleeper instead, so that under load each further taker sleeps too.
final class CoreLock: Sendable {
    // Its place must not change.
    private nonisolated(unsafe) let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

    init() {
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

    func lock() { check(pthread_mutex_lock(mutex)) }
    func unlock() { check(pthread_mutex_unlock(mutex)) }

    /// The calls above fail only where they are misused.
    private func check(_ code: Int32) { precondition(code == 0, "the core's lock failed with \(code)") }
}
