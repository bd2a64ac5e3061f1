package import MailModel

/// When copies of a campaign may be handed over: parts of the day, by the clocks of the campaign's own zone and of its people's.
package struct SendWindow: Hashable, Sendable {
    /// Empty for any time.
    package var hours: [SendingHours]
    /// The campaign's own first; a person's is named by its place. 1…63.
    package var days: [OrganisationDay]
    /// Nothing leaves before; nil for no such time.
    package var notBefore: Timestamp?

    package static let zonesMax = 63
    /// Bits of all zones.
    package static let allZones: Int64 = -1

    package init(hours: [SendingHours] = [], days: [OrganisationDay] = [.utc], notBefore: Timestamp? = nil) {
        precondition((1...SendWindow.zonesMax).contains(days.count))
        self.hours = hours
        self.days = days
        self.notBefore = notBefore
    }

    /// A bit for each zone in which copies may leave now.
    package func zones(at now: Timestamp) -> Int64 {
        if let notBefore, now < notBefore { return 0 }
        guard !hours.isEmpty else { return SendWindow.allZones }
        return days.enumerated().reduce(0) { zones, day in
            SendingHours.opening(of: hours, at: now, in: day.element) == now ? zones | 1 << Int64(day.offset) : zones
        }
    }

    /// When the next copy may leave, of whichever zone.
    package func opening(at now: Timestamp) -> Timestamp {
        let start = max(now, notBefore ?? now)
        return days.map { SendingHours.opening(of: hours, at: start, in: $0) }.min() ?? start
    }

    /// When so much time has passed in which copies may leave, by the campaign's own zone: for a forecast. Far ahead it is no more than a
    /// thousand openings away.
    package func end(of length: Duration, from now: Timestamp) -> Timestamp {
        var left = length
        var time = max(now, notBefore ?? now)
        guard !hours.isEmpty else { return time + left }
        for _ in 0..<1000 {
            time = SendingHours.opening(of: hours, at: time, in: days[0])
            let close = SendingHours.closing(of: hours, at: time, in: days[0])
            if left <= close - time { return time + left }
            left -= close - time
            time = close
        }
        return time
    }
}

extension SendingHours {
    /// When the time in which mail may leave ends that has begun; a week later where it never does.
    package static func closing(of hours: [SendingHours], at now: Timestamp, in day: OrganisationDay) -> Timestamp {
        let week = now + .seconds(7 * 86_400)
        var time = now
        // One part may begin where another ends.
        for _ in 0..<32 {
            let there = day.calendar(at: time)
            let midnight = time - .milliseconds(Int64((there.hour * 60 + there.minute) * 60_000 + there.second * 1000 + there.millisecond))
            var ends: [Timestamp] = []
            for part in hours {
                let length = part.to > part.from ? part.to - part.from : part.to + 1440 - part.from
                for offset in -1...7 where part.weekdays.isEmpty || part.weekdays.contains(((there.weekday + offset) % 7 + 7) % 7) {
                    let end = midnight + .seconds(Int64(offset) * 86_400 + Int64(part.from + length) * 60)
                    if end > time { ends.append(end) }
                }
            }
            guard let end = ends.min(), end < week else { return week }
            if opening(of: hours, at: end, in: day) != end { return end }
            time = end
        }
        return time
    }
}
