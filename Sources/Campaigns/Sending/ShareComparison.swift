/// Whether two shares differ by more than chance: the two-proportion z-test, with the pooled share, on two sides.
package struct ShareComparison: Hashable, Sendable {
    package struct Group: Hashable, Sendable {
        package var people: Int
        /// Of these, those of whom something is counted.
        package var counted: Int

        package init(people: Int, counted: Int) {
            self.people = people
            self.counted = counted
        }

        package var share: Double { people > 0 ? Double(counted) / Double(people) : 0 }
    }

    package var first: Group
    package var second: Group

    /// The test goes by the normal distribution, which holds from about five of each outcome in each group on.
    package static let leastExpected = 5.0

    package init(_ first: Group, _ second: Group) {
        self.first = first
        self.second = second
    }

    private var pooled: Double {
        Double(first.counted + second.counted) / Double(max(1, first.people + second.people))
    }

    /// False where there are too few to say anything.
    package var isEnough: Bool {
        [first, second].allSatisfy { group in
            Double(group.people) * pooled >= ShareComparison.leastExpected
                && Double(group.people) * (1 - pooled) >= ShareComparison.leastExpected
        }
    }

    /// How far the first lies above the second, in standard errors; 0 where they are the same, or nothing is known.
    package var z: Double {
        guard first.people > 0, second.people > 0, pooled > 0, pooled < 1 else { return 0 }
        let variance = pooled * (1 - pooled) * (1 / Double(first.people) + 1 / Double(second.people))
        return (first.share - second.share) / variance.squareRoot()
    }

    /// The confidence that they differ, in whole percent rounded down, as far as it is told apart: 0, 80, 90, 95 or 99.
    package var confidence: Int {
        guard isEnough else { return 0 }
        // Quantiles of the normal distribution on two sides.
        return [(2.5758, 99), (1.9600, 95), (1.6449, 90), (1.2816, 80)].first { abs(z) >= $0.0 }?.1 ?? 0
    }

    /// Whether one is taken for another: 95 % are asked for.
    package var isDifferent: Bool { confidence >= 95 }

    /// In one sentence. `counted`: what is counted, such as `left the list`.
    package func words(_ counted: String) -> String {
        func part(_ group: Group) -> String { "\(group.counted) of \(group.people) (\((group.share * 10_000).rounded() / 100) %)" }
        let both = "\(part(first)) and \(part(second)) \(counted)"
        guard isEnough else { return "\(both): too few to say anything." }
        return isDifferent
            ? "\(both): a difference, with \(confidence) % confidence."
            : "\(both): no difference seen."
    }
}
