import Foundation
import Synchronization

/// Starts a thread whenever there is work and every thread is busy, up to a bound that only runaway tests reach.
///
/// `@unchecked`: everything is touched with `condition` locked.
final class BlockingExecutor: TaskExecutor, @unchecked Sendable {
    static let shared = BlockingExecutor()

    private static let threadsMax = 256

    private let condition = NSCondition()
    private var jobs: [UnownedJob] = []
    private var idle = 0
    private var threads = 0

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let isShort = condition.withLock {
            jobs.append(job)
            condition.signal()
            guard jobs.count > idle, threads < BlockingExecutor.threadsMax else { return false }
            threads += 1
            return true
        }
        if isShort { Thread.detachNewThread { self.work() } }
    }

    private func work() {
        while true {
            let job = condition.withLock {
                idle += 1
                while jobs.isEmpty { condition.wait() }
                idle -= 1
                return jobs.removeFirst()
            }
            job.runSynchronously(on: asUnownedTaskExecutor())
        }
    }
}
