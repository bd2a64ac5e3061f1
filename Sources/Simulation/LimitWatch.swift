import MailModel
import OutboundPolicy
import ProviderTwin

/// Promise 4, seen from the receiver: no rate of the plan is exceeded in any window.
struct LimitWatch: Sendable {
    private struct Rate {
        var limit: Int
        var unit: ShapingRate.Unit
        var count: SlidingCount
    }

    private var rates: [Rate]
    private(set) var problems: [String] = []

    init(_ limits: ShapingLimits) {
        rates = limits.rates.filter { $0.period != .second && $0.unit != .connections }.map {
            Rate(limit: $0.amount, unit: $0.unit, count: SlidingCount(window: .milliseconds($0.period.milliseconds)))
        }
    }

    /// A message to so many recipients was taken.
    mutating func passed(_ recipients: Int, at now: Timestamp) {
        for index in rates.indices {
            rates[index].count.add(rates[index].unit == .messages ? 1 : recipients, at: now)
            let sum = rates[index].count.sum(at: now)
            if sum > rates[index].limit, problems.count < 100 {
                problems.append("\(sum) \(rates[index].unit) at \(now.rfc3339), of at most \(rates[index].limit)")
            }
        }
    }
}
