/// Calendars of days that providers and senders have found to do.
package enum WarmUpPlan: String, Hashable, Sendable, Codable, CaseIterable {
    /// Doubling each day at first, 30 days.
    case standard
    /// Half of that, for a source or domain that had trouble.
    case careful
    /// For a source that is known, and was away.
    case fast

    package var caps: [Int] {
        switch self {
        case .standard:
            [
                50, 100, 200, 400, 700, 1000, 1500, 2000, 3000, 4000, 5500, 7500, 10_000, 13_000, 17_000, 22_000, 28_000, 35_000, 42_000,
                50_000,
                60_000, 72_000, 86_000, 100_000, 120_000, 140_000, 160_000, 180_000, 200_000, 250_000,
            ]
        case .careful: WarmUpPlan.standard.caps.flatMap { [$0 / 2, $0 / 2] }
        case .fast: [500, 1000, 2500, 5000, 10_000, 20_000, 40_000, 80_000, 150_000, 250_000]
        }
    }
}
