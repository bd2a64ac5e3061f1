package import MailModel

/// When the last recipient's first attempt will have been made: by the campaign's own limits, and by how fast it has gone so far.
package struct FinishForecast: Sendable {
    /// Recipients whose turn has not come.
    package var remaining: Int
    /// Minutes that are waited after the canary; 0 where that is over.
    package var waitMinutes = 0
    package var perHourMax: Int?
    package var perDayMax: Int?
    /// Handed over in the last hour of sending, and how many seconds of it there were; nil before it began.
    package var recent: (count: Int, seconds: Int)?

    /// What routes of one's own carry an hour where nothing is known yet, as the advisor has it.
    package static let usualPerHour = 10_000

    package init(remaining: Int) { self.remaining = remaining }

    /// Recipients an hour.
    package var perHour: Int {
        var pace = FinishForecast.usualPerHour
        if let recent, recent.seconds >= 10, recent.count > 0 { pace = max(1, recent.count * 3600 / recent.seconds) }
        if let perHourMax { pace = min(pace, perHourMax) }
        return pace
    }

    package func finish(from now: Timestamp) -> Timestamp {
        let seconds = Int64((Double(remaining) * 3600 / Double(perHour)).rounded(.up))
        var end = now + .seconds(seconds + Int64(waitMinutes) * 60)
        if let perDayMax, remaining > perDayMax {
            end = max(end, now + .seconds(Int64((remaining - 1) / perDayMax) * 86_400))
        }
        return end
    }
}
