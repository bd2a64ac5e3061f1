package import MailModel

/// The organisation's calendar: where its days begin, and how a time reads there.
package struct OrganisationDay: Hashable, Sendable {
    /// From a moment on, how far the clocks there are ahead of UTC, in seconds.
    package struct Offset: Hashable, Sendable {
        package var since: Timestamp
        package var seconds: Int64

        package init(since: Timestamp, seconds: Int64) {
            self.since = since
            self.seconds = seconds
        }
    }

    package let zoneName: String
    private let offsets: [Offset]

    /// `offsets`: in order of time, at least one; the first holds before its time too.
    package init(zoneName: String, offsets: [Offset]) {
        precondition(!offsets.isEmpty)
        self.zoneName = zoneName
        self.offsets = offsets
    }

    package static let utc = OrganisationDay(zoneName: "UTC", offsets: [Offset(since: Timestamp(milliseconds: 0), seconds: 0)])

    private func offset(at time: Timestamp) -> Int64 { (offsets.last { $0.since <= time } ?? offsets[0]).seconds }

    /// What the clocks there show, as if they showed UTC.
    private func shown(_ time: Timestamp) -> Timestamp { time + .seconds(offset(at: time)) }

    /// The day there, as `Timestamp.day` counts it.
    package func day(of time: Timestamp) -> Int32 { shown(time).day }

    package func calendar(at time: Timestamp) -> CalendarTime { CalendarTime(shown(time)) }

    /// When the next day begins there: at one o'clock where that is the first moment of a day on which the clocks go forward.
    package func nextMidnight(after now: Timestamp) -> Timestamp {
        let midnight = Timestamp(seconds: (Int64(shown(now).day) + 1) * 86_400)
        // The clocks may change on the way: of the two offsets, the one that holds at the time that it leads to.
        let early = midnight - .seconds(offset(at: now))
        let late = midnight - .seconds(offset(at: early))
        return shown(late) >= midnight ? late : max(early, late)
    }

    /// `14:20`, or `2026-11-23 14:20` where it is not on the day of `now`.
    package func text(_ time: Timestamp, from now: Timestamp) -> String {
        let there = CalendarTime(shown(time))
        let clock = "\(twoDigits(there.hour)):\(twoDigits(there.minute))"
        if shown(time).day == shown(now).day { return clock }
        return "\(there.year)-\(twoDigits(there.month))-\(twoDigits(there.dayOfMonth)) \(clock)"
    }

    private func twoDigits(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
