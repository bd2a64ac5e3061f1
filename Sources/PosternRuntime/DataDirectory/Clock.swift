import Glibc
package import MailModel

extension Timestamp {
    /// The system's clock. For the shell alone: decisions get the time as a parameter.
    package static var now: Timestamp {
        let milliseconds = PosternRuntime.milliseconds(of: CLOCK_REALTIME)
        #if DEBUG
            return Timestamp(milliseconds: milliseconds + ClockOffset.milliseconds)
        #else
            return Timestamp(milliseconds: milliseconds)
        #endif
    }
}

extension SteadyTime {
    /// Since the machine was started, the time that it slept included.
    package static var now: SteadyTime { SteadyTime(milliseconds: PosternRuntime.milliseconds(of: CLOCK_BOOTTIME)) }
}

private func milliseconds(of clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
}
