import Foundation

/// Wakes whoever waits for a change of a store that one process has for itself.
final class ChangeBell: Sendable {
    private struct State {
        var rings = 0
        var isClosed = false
    }

    private let state = Monitor(State())

    var rings: Int { state.withLock { $0.rings } }
    var isClosed: Bool { state.withLock { $0.isClosed } }

    func ring() { state.withLockWakingAll { $0.rings += 1 } }

    /// Nobody waits any more.
    func close() { state.withLockWakingAll { $0.isClosed = true } }

    /// Until it rings for the time after `rings`, or is closed, or the time is up.
    func wait(after rings: Int, until deadline: ContinuousClock.Instant) {
        state.wait(atMost: deadline - .now) { $0.rings > rings || $0.isClosed }
    }
}
