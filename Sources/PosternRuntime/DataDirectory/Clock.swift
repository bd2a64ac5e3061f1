import Foundation
import Glibc
package import MailModel

extension Timestamp {
    /// The system's clock. For the shell alone: decisions get the time as a parameter.
    package static var now: Timestamp {
        let milliseconds = Int64((Date().timeIntervalSince1970 * 1000).rounded(.down))
        #if DEBUG
            return Timestamp(milliseconds: milliseconds + ClockOffset.milliseconds)
        #else
            return Timestamp(milliseconds: milliseconds)
        #endif
    }
}

extension SteadyTime {
    /// Since the machine was started, the time that it slept included.
    package static var now: SteadyTime {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return SteadyTime(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}
