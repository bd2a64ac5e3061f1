/// A moment on a clock that runs evenly and is never set: only the time between two of them means something, and only in one process.
///
/// For how long something lasts that must not be lengthened by whoever sets the calendar's clock. Decisions get it as a parameter.
package struct SteadyTime: Hashable, Comparable, Sendable {
    package var milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// Never; adding to it cannot overflow.
    package static let distantFuture = SteadyTime(milliseconds: 1 << 60)

    package static func < (left: SteadyTime, right: SteadyTime) -> Bool { left.milliseconds < right.milliseconds }
    package static func + (left: SteadyTime, right: Duration) -> SteadyTime {
        SteadyTime(milliseconds: left.milliseconds + right.milliseconds)
    }
    package static func - (left: SteadyTime, right: Duration) -> SteadyTime {
        SteadyTime(milliseconds: left.milliseconds - right.milliseconds)
    }
    package static func - (left: SteadyTime, right: SteadyTime) -> Duration { .milliseconds(left.milliseconds - right.milliseconds) }
}
