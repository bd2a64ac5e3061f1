package import MailModel

/// A part of the day in which mail may leave, by the organisation's clocks.
package struct SendingHours: Hashable, Sendable, Codable, CustomStringConvertible {
    /// 0 = Sunday … 6 = Saturday: the day on which it begins. Empty for all.
    package var weekdays: Set<Int>
    /// Minutes since midnight, 0…1439.
    package var from: Int
    /// Not itself included, 1…1440. Where it is not after `from`, the time goes over midnight.
    package var to: Int

    package init(weekdays: Set<Int> = [], from: Int, to: Int) {
        self.weekdays = weekdays
        self.from = from
        self.to = to
    }

    package var mistake: String? {
        let isRight = (0..<1440).contains(from) && (1...1440).contains(to) && weekdays.allSatisfy((0...6).contains)
        return isRight ? nil : "sending hours from minute \(from) to \(to) of a day"
    }

    private var length: Int { to > from ? to - from : to + 1440 - from }

    private func isOn(_ weekday: Int) -> Bool { weekdays.isEmpty || weekdays.contains((weekday % 7 + 7) % 7) }

    private func contains(weekday: Int, minute: Int) -> Bool {
        if isOn(weekday), minute >= from, minute < from + length { return true }
        return isOn(weekday - 1) && minute + 1440 < from + length
    }

    /// When mail may leave by any of these: now, or the next beginning. A change of the clocks in between moves it by as much.
    package static func opening(of hours: [SendingHours], at now: Timestamp, in day: OrganisationDay) -> Timestamp {
        guard !hours.isEmpty else { return now }
        let there = day.calendar(at: now)
        let minute = there.hour * 60 + there.minute
        if hours.contains(where: { $0.contains(weekday: there.weekday, minute: minute) }) { return now }
        let midnight = now - .milliseconds(Int64(minute * 60_000 + there.second * 1000 + there.millisecond))
        var openings: [Timestamp] = []
        for offset in 0...7 {
            for part in hours where part.isOn(there.weekday + offset) {
                let begins = midnight + .seconds(Int64(offset) * 86_400 + Int64(part.from) * 60)
                if begins > now { openings.append(begins) }
            }
        }
        return openings.min() ?? now + .seconds(86_400)
    }

    package var description: String {
        let names = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let days = weekdays.sorted().filter((0...6).contains).map { names[$0] }.joined(separator: ",")
        return (days.isEmpty ? "" : "\(days) ") + "\(SendingHours.clock(from))-\(SendingHours.clock(to))"
    }

    private static func clock(_ minutes: Int) -> String {
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return "\(two(minutes / 60)):\(two(minutes % 60))"
    }

    /// `08:00-18:00`, or `Mon,Tue,Fri 22:00-04:00`; nil for anything else.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: " ")
        guard let times = parts.last?.split(separator: "-"), parts.count <= 2, times.count == 2, let from = SendingHours.minutes(times[0]),
            let to = SendingHours.minutes(times[1]), from < 1440, to > 0
        else { return nil }
        var weekdays: Set<Int> = []
        if parts.count == 2 {
            let names = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
            for name in parts[0].split(separator: ",") {
                guard let day = names.firstIndex(of: name.lowercased()) else { return nil }
                weekdays.insert(day)
            }
        }
        self.init(weekdays: weekdays, from: from, to: to)
    }

    private static func minutes(_ text: some StringProtocol) -> Int? {
        let parts = text.split(separator: ":").map { Int($0) }
        guard parts.count == 2, let hour = parts[0], let minute = parts[1], (0...24).contains(hour), (0..<60).contains(minute),
            hour * 60 + minute <= 1440
        else { return nil }
        return hour * 60 + minute
    }
}
