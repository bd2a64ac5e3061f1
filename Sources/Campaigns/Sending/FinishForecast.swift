package import MailModel

/// When the last recipient will have a campaign: by its own limits, by what receivers and ways take, and by how fast it has gone so far.
package struct FinishForecast: Sendable {
    /// What was handed to the queue in one of the campaign's windows: how many, and when the first of them was.
    package struct Window: Hashable, Sendable {
        package var most: Int
        package var handed: Int
        package var firstAt: Timestamp?

        package init(most: Int, handed: Int = 0, firstAt: Timestamp? = nil) {
            self.most = most
            self.handed = handed
            self.firstAt = firstAt
        }

        /// When the last of so many may be handed over: as many at once as the window has room for.
        func finish(of count: Int, seconds: Int64, from now: Timestamp) -> Timestamp {
            let left = count - max(0, most - handed)
            guard left > 0, most > 0 else { return now }
            return (firstAt ?? now) + .seconds(Int64((left + most - 1) / most) * seconds)
        }
    }

    /// Recipients whose turn has not come, or whose copy has not arrived yet.
    package var remaining: Int
    /// Of these, those whose turn has not come.
    package var planned: Int
    /// When the rest may begin, where the canary or the better of two subjects is waited for; nil where that is over.
    package var restAt: Timestamp?
    /// When what came back of the canary was watched long enough; nil where that is over.
    package var watchedUntil: Timestamp?
    package var perHour: Window?
    package var perDay: Window?
    /// When the limits of receivers, sources and routes are through; nil where there is none.
    package var limitsEnd: Timestamp?
    /// When connections are, where no limit keeps them; nil where nothing is known of them.
    package var connectionsEnd: Timestamp?
    /// Handed over in the last hour of sending, and how many seconds of it there were; nil before it began.
    package var recent: (count: Int, seconds: Int)?

    /// What routes of one's own carry an hour where nothing is known, as the advisor has it.
    package static let usualPerHour = 10_000

    package init(remaining: Int, planned: Int? = nil) {
        self.remaining = remaining
        self.planned = planned ?? remaining
    }

    /// Seconds that are too few to tell a pace from.
    private static let recentMin = 10

    /// Recipients an hour, as seen; nil where nothing has been seen yet.
    private var seenPerHour: Int? {
        recent.flatMap { $0.seconds >= FinishForecast.recentMin && $0.count > 0 ? max(1, $0.count * 3600 / $0.seconds) : nil }
    }

    package func finish(from now: Timestamp) -> Timestamp {
        guard remaining > 0 else { return now }
        func at(_ perHour: Int) -> Timestamp {
            max(now, restAt ?? now) + .seconds(Int64((Double(remaining) * 3600 / Double(perHour)).rounded(.up)))
        }
        let assumed = connectionsEnd ?? at(FinishForecast.usualPerHour)
        var end: Timestamp
        if let limitsEnd, limitsEnd >= assumed {
            // What was seen is no faster than these limits were, and slower where hours or windows were closed.
            end = limitsEnd
        } else {
            end = max(seenPerHour.map(at) ?? assumed, limitsEnd ?? now)
        }
        end = max(end, planned > 0 ? restAt ?? now : now)
        if let perHour { end = max(end, perHour.finish(of: planned, seconds: 3600, from: now)) }
        if let perDay { end = max(end, perDay.finish(of: planned, seconds: 86_400, from: now)) }
        return end
    }

    /// Recipients an hour until then.
    package func pace(from now: Timestamp) -> Int {
        let seconds = max(1, (finish(from: now).milliseconds - now.milliseconds) / 1000)
        return seenPerHour ?? Int(Int64(remaining) * 3600 / seconds)
    }
}
