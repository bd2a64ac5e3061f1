import MailModel
package import Storage

/// Figures in recipients.
package struct TrafficFigures: Codable, Hashable, Sendable {
    package var accepted: Int
    package var delivered: Int
    /// Attempts that are to be made again.
    package var deferred: Int
    package var bounced: Int
    package var expired: Int
    /// Not taken: a recipient, or a whole message as one.
    package var refused: Int
    package var held: Int
    package var cancelled: Int
    package var suppressed: Int

    init(_ counts: TrafficCounts) {
        accepted = counts[.accepted]
        delivered = counts[.delivered]
        deferred = counts[.deferred]
        bounced = counts[.bounced]
        expired = counts[.expired]
        refused = counts[.refused]
        held = counts[.held]
        cancelled = counts[.cancelled]
        suppressed = counts[.suppressed]
    }
}

/// Figures over time and by destination.
package struct StatisticsView: Codable, Hashable, Sendable {
    package struct Step: Codable, Hashable, Sendable {
        /// Its beginning, RFC 3339 in UTC.
        package var time: String
        package var figures: TrafficFigures
    }

    package struct Destination: Codable, Hashable, Sendable {
        package var destination: String
        package var figures: TrafficFigures
    }

    /// The beginning of the first step, and the end of what was asked for. RFC 3339 in UTC.
    package var since: String
    package var until: String
    package var by: TrafficQuery.Step
    /// Without gaps, the oldest first.
    package var steps: [Step]
    package var total: TrafficFigures
    /// Those with the most accepted recipients, by whole hours; empty where one destination was asked for.
    package var destinations: [Destination]
    /// All destinations that are not named; nil where there are none.
    package var others: TrafficFigures?
    /// True where commits of the last seconds are not counted yet.
    package var isBehind: Bool
}

/// Open recipients by destination and age.
package struct QueueShapeView: Codable, Hashable, Sendable {
    package struct Row: Codable, Hashable, Sendable {
        /// Empty in the rows that stand for many.
        package var destination: String
        package var total: Int
        package var held: Int
        /// As many as `ages`, and one for those that are older.
        package var counts: [Int]
        /// When the oldest message came, to the minute: RFC 3339 in UTC; empty where there is none.
        package var oldest: String
    }

    /// Upper bounds in minutes.
    package var ages: [Int]
    package var total: Row
    /// The longest queues first.
    package var destinations: [Row]
    /// All destinations that are not named; nil where there are none.
    package var others: Row?
    /// How many destinations have something in the queue.
    package var destinationCount: Int

    init(_ rows: [QueueShapeRow], top: Int) {
        let sorted = rows.sorted { ($1.total, $0.destination) < ($0.total, $1.destination) }
        ages = QueueShape.ages
        total = QueueShapeView.sum(sorted[...])
        destinations = sorted.prefix(top).map {
            Row(destination: $0.destination, total: $0.total, held: $0.held, counts: $0.counts, oldest: $0.oldest.rfc3339)
        }
        others = sorted.count > top ? QueueShapeView.sum(sorted.dropFirst(top)) : nil
        destinationCount = rows.count
    }

    private static func sum(_ rows: ArraySlice<QueueShapeRow>) -> Row {
        var sum = Row(destination: "", total: 0, held: 0, counts: [Int](repeating: 0, count: QueueShape.ages.count + 1), oldest: "")
        for row in rows {
            sum.total += row.total
            sum.held += row.held
            for index in sum.counts.indices { sum.counts[index] += row.counts[index] }
        }
        sum.oldest = rows.map(\.oldest).min()?.rfc3339 ?? ""
        return sum
    }
}
