package import MailModel

/// What is counted over time, in recipients. The raw values are columns.
package enum TrafficCount: String, Hashable, Sendable, Codable, CaseIterable {
    case accepted, delivered
    /// Attempts that are to be made again.
    case deferred
    case bounced, expired
    /// Not taken: a recipient, or a whole message as one.
    case refused
    /// Kept back, by a decision or a person.
    case held
    case cancelled, suppressed

    /// What the end of an attempt, or an act, counts as.
    init(_ state: RecipientState) {
        self =
            switch state {
            case .queued: .deferred
            case .held: .held
            case .delivered: .delivered
            case .bounced: .bounced
            case .expired: .expired
            case .cancelled: .cancelled
            case .suppressed: .suppressed
            }
    }

    /// As it stands in the journal.
    var number: UInt8 { UInt8(TrafficCount.allCases.firstIndex(of: self) ?? 0) }
}

/// One figure for each `TrafficCount`.
package struct TrafficCounts: Hashable, Sendable {
    private var values = [Int](repeating: 0, count: TrafficCount.allCases.count)

    package init() {}

    package subscript(count: TrafficCount) -> Int {
        get { values[Int(count.number)] }
        set { values[Int(count.number)] = newValue }
    }

    package var isEmpty: Bool { values.allSatisfy { $0 == 0 } }

    package static func += (left: inout TrafficCounts, right: TrafficCounts) {
        for index in left.values.indices { left.values[index] += right.values[index] }
    }
}

/// Figures of a time, and of the destinations in it.
package struct TrafficQuery: Hashable, Sendable, Codable {
    package enum Step: String, Hashable, Sendable, Codable, CaseIterable {
        case fiveMinutes = "5m"
        case hour, day

        package var length: Duration {
            switch self {
            case .fiveMinutes: .seconds(300)
            case .hour: .seconds(3600)
            case .day: .seconds(86_400)
            }
        }
    }

    /// The step that this lies in is the first.
    package var since: Timestamp
    /// The step that this lies in is the last.
    package var until: Timestamp
    package var step: Step
    /// A domain, as recipients have it; nil for all. Not by five minutes.
    package var destination: String?

    package init(since: Timestamp, until: Timestamp, step: Step, destination: String? = nil) {
        self.since = since
        self.until = until
        self.step = step
        self.destination = destination
    }
}

package struct Traffic: Hashable, Sendable {
    /// By the beginning of their step; those in which nothing happened are missing.
    package var steps: [Timestamp: TrafficCounts] = [:]
    /// By domain, in whole hours; empty where the query names one.
    package var destinations: [String: TrafficCounts] = [:]
    /// Commits whose figures are not in it yet.
    package var journalLength = 0

    package init() {}
}

/// Open recipients of one destination, by age.
package struct QueueShapeRow: Hashable, Sendable {
    package var destination: String
    /// Of each age up to `QueueShape.ages`, and of those beyond the last.
    package var counts: [Int]
    package var held: Int
    /// When the oldest of their messages came, to the minute.
    package var oldest: Timestamp

    package var total: Int { counts.reduce(0, +) }
}

package enum QueueShape {
    /// Bounds in minutes, as Postfix's qshape has them.
    package static let ages = [5, 10, 20, 40, 80, 160, 320, 640, 1280]
}
