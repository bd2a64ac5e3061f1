package import MailModel

/// When a campaign goes out anew, with the same design: `daily 09:00`, `weekly Mon,Thu 09:00`, `monthly 1 09:00`.
package struct CampaignRepeat: Hashable, Sendable, Codable, CustomStringConvertible {
    package enum Rhythm: Hashable, Sendable, Codable {
        case daily
        /// 0 = Sunday … 6 = Saturday; not empty.
        case weekly(Set<Int>)
        /// 1…31; the last day of a month that is shorter.
        case monthly(Int)
    }

    package var rhythm: Rhythm
    /// Minutes since midnight, 0…1439, by the campaign's clocks.
    package var minute: Int

    private static let days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]

    /// Nil for anything else.
    package init?(_ text: some StringProtocol) {
        let parts = text.lowercased().split(separator: " ")
        guard let time = parts.last?.split(separator: ":", omittingEmptySubsequences: false), time.count == 2, let hour = Int(time[0]),
            let minute = Int(time[1]), (0..<24).contains(hour), (0..<60).contains(minute)
        else { return nil }
        self.minute = hour * 60 + minute
        switch (parts.first, parts.count) {
        case ("daily", 2): rhythm = .daily
        case ("weekly", 3):
            let names = parts[1].split(separator: ",").map { CampaignRepeat.days.firstIndex(of: String($0)) }
            guard !names.isEmpty, names.allSatisfy({ $0 != nil }) else { return nil }
            rhythm = .weekly(Set(names.compactMap { $0 }))
        case ("monthly", 3):
            guard let day = Int(parts[1]), (1...31).contains(day) else { return nil }
            rhythm = .monthly(day)
        default: return nil
        }
    }

    package var description: String {
        let clock = "\(minute / 60 < 10 ? "0" : "")\(minute / 60):\(minute % 60 < 10 ? "0" : "")\(minute % 60)"
        switch rhythm {
        case .daily: return "daily \(clock)"
        case .weekly(let days):
            return
                "weekly \(days.sorted().map { CampaignRepeat.days[$0].prefix(1).uppercased() + CampaignRepeat.days[$0].dropFirst() }.joined(separator: ",")) \(clock)"
        case .monthly(let day): return "monthly \(day) \(clock)"
        }
    }

    /// The first time after another one. A change of the clocks on that day moves it by as much.
    package func next(after time: Timestamp, in day: OrganisationDay) -> Timestamp {
        var midnight = day.nextMidnight(after: time - .seconds(86_400))
        // Two months hold each rhythm.
        for _ in 0..<64 {
            let found = midnight + .seconds(Int64(minute) * 60)
            if found > time, isOn(day.calendar(at: midnight), tomorrow: day.calendar(at: day.nextMidnight(after: midnight))) {
                return found
            }
            midnight = day.nextMidnight(after: midnight)
        }
        return midnight
    }

    private func isOn(_ date: CalendarTime, tomorrow: CalendarTime) -> Bool {
        switch rhythm {
        case .daily: true
        case .weekly(let days): days.contains(date.weekday)
        case .monthly(let day): date.dayOfMonth == day || date.dayOfMonth < day && tomorrow.dayOfMonth == 1
        }
    }
}

/// Whom of the list a campaign that goes out each day is for on one day.
package enum CampaignTrigger: Hashable, Sendable, Codable, CustomStringConvertible {
    /// Who came onto the list so many days before, 0…366.
    case subscribed(days: Int)
    /// Whose attribute holds a date that is so many days ahead (or past, below zero), in each year: `0` is the day itself. -366…366.
    case date(attribute: String, daysBefore: Int)

    /// `subscribed 3`, `date birthday`, `date renewal 14`; nil for anything else.
    package init?(_ text: some StringProtocol) {
        let parts = String(text).split(separator: " ").map { String($0) }
        switch (parts.first, parts.count) {
        case ("subscribed", 2):
            guard let days = Int(parts[1]), (0...366).contains(days) else { return nil }
            self = .subscribed(days: days)
        case ("date", 2...):
            let last = parts.count > 2 ? Int(parts[parts.count - 1]) : nil
            let name = parts.dropFirst().dropLast(last == nil ? 0 : 1).joined(separator: " ").lowercased()
            guard !name.isEmpty, name.utf8.count <= 100, (-366...366).contains(last ?? 0) else { return nil }
            self = .date(attribute: name, daysBefore: last ?? 0)
        default: return nil
        }
    }

    package var description: String {
        switch self {
        case .subscribed(let days): "subscribed \(days)"
        case .date(let attribute, let days): "date \(attribute)\(days == 0 ? "" : " \(days)")"
        }
    }

    /// `today`: a day by the campaign's clocks, as `Timestamp.day` counts it. `added`: the day on which the person came onto the list.
    package func matches(today: Int32, added: Int32, attributes: [String: String]) -> Bool {
        switch self {
        case .subscribed(let days): return today - added == Int32(days)
        case .date(let attribute, let daysBefore):
            guard let date = attributes[attribute].flatMap(CampaignTrigger.date) else { return false }
            let then = CalendarTime(Timestamp(seconds: (Int64(today) + Int64(daysBefore)) * 86_400))
            if date.month == then.month, date.day == then.dayOfMonth { return true }
            // Who was born on 29 February has the day before in other years.
            let next = CalendarTime(Timestamp(seconds: (Int64(today) + Int64(daysBefore) + 1) * 86_400))
            return date == (2, 29) && then.month == 2 && then.dayOfMonth == 28 && next.month == 3
        }
    }

    /// `1980-05-17`, or `05-17`.
    private static func date(_ text: String) -> (month: Int, day: Int)? {
        let parts = text.prefix(10).split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        guard (2...3).contains(parts.count), let month = parts[parts.count - 2], let day = parts[parts.count - 1], (1...12).contains(month),
            (1...31).contains(day)
        else { return nil }
        return (month, day)
    }
}
