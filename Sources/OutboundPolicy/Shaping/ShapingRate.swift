/// So many in any window of that length, and spaced: 30 a minute never leave within one second.
package struct ShapingRate: Hashable, Sendable, Codable, CustomStringConvertible {
    package enum Unit: String, Hashable, Sendable, Codable, CaseIterable {
        case messages, recipients
        /// New ones.
        case connections
    }

    package enum Period: String, Hashable, Sendable, Codable, CaseIterable {
        case second, minute, hour, day

        package var milliseconds: Int64 {
            switch self {
            case .second: 1000
            case .minute: 60_000
            case .hour: 3_600_000
            case .day: 86_400_000
            }
        }
    }

    /// 1…10,000,000.
    package var amount: Int
    package var unit: Unit
    package var period: Period
    /// How many may leave at once, 1…amount; nil for the usual: one of a second's or a minute's, a minute's share of an hour's, an hour's
    /// share of a day's, and all of recipients, since the messages that carry them are spaced already.
    package var burst: Int?

    package init(_ amount: Int, _ unit: Unit, per period: Period, burst: Int? = nil) {
        self.amount = amount
        self.unit = unit
        self.period = period
        self.burst = burst
    }

    package var burstSize: Int {
        let usual =
            switch (unit, period) {
            case (.recipients, .second): (amount + 1) / 2
            case (.recipients, _): amount
            // As many as a millisecond has, where that is more than one.
            case (_, .second): 1 + amount / 500
            case (_, .minute): 1 + amount / 30_000
            case (_, .hour): amount / 60
            case (_, .day): amount / 24
            }
        return min(amount, max(1, burst ?? usual))
    }

    package var mistake: String? {
        if !(1...10_000_000).contains(amount) { return "\(amount) \(unit.rawValue) per \(period.rawValue) is not within 1…10000000" }
        if let burst, !(1...amount).contains(burst) { return "a burst of \(burst) is not within 1…\(amount)" }
        return nil
    }

    package var description: String { "\(amount) \(unit.rawValue) per \(period.rawValue)" }

    /// As it is written: `30/min`, `600/h:20`.
    package var text: String {
        let word =
            switch period {
            case .second: "s"
            case .minute: "min"
            case .hour: "h"
            case .day: "d"
            }
        return "\(amount)/\(word)" + (burst.map { ":\($0)" } ?? "")
    }

    /// `30/min`, `10000/day`, `5/s`, with a burst as in `600/h:20`; nil for anything else.
    package init?(_ text: some StringProtocol, of unit: Unit) {
        let halves = text.split(separator: "/", omittingEmptySubsequences: false)
        guard halves.count == 2, let amount = Int(halves[0]) else { return nil }
        let ends = halves[1].split(separator: ":", omittingEmptySubsequences: false)
        guard let period = ends.first.flatMap({ Period(word: $0.lowercased()) }), ends.count <= 2 else { return nil }
        let burst = ends.count == 2 ? Int(ends[1]) : nil
        guard ends.count == 1 || burst != nil else { return nil }
        self.init(amount, unit, per: period, burst: burst)
        guard mistake == nil else { return nil }
    }
}

extension ShapingRate.Period {
    fileprivate init?(word: String) {
        switch word {
        case "s", "sec", "second": self = .second
        case "m", "min", "minute": self = .minute
        case "h", "hour": self = .hour
        case "d", "day": self = .day
        default: return nil
        }
    }
}
