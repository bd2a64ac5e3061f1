import OwnThreads
import Testing

@testable import Storage

@Suite("Waiting for shared state", .ownThreads)
struct MonitorWaits {
    /// It would hang where the time did not end it.
    @Test func aTimedWaitEndsByItself() {
        let monitor = Monitor(0)
        var looks = 0
        monitor.wait(atMost: .microseconds(50)) { _ in
            looks += 1
            return false
        }
        #expect(looks >= 1)
    }

    @Test func aTimedWaitEndsWhenWoken() async {
        let monitor = Monitor(false)
        let waking = Task.detached {
            monitor.withLockWaking { state in
                state = true
                return (true, true)
            }
        }
        // An hour: it hangs where nothing wakes it.
        await Task.detached { monitor.wait(atMost: .seconds(3600)) { $0 } }.value
        #expect(await waking.value)
    }

    @Test func whatHoldsAlreadyIsNotWaitedFor() {
        let monitor = Monitor(true)
        monitor.wait(atMost: .seconds(3600)) { $0 }
    }
}
