/// Two subjects, tried on a share of the people: which of them fewer people take for a nuisance, or more people follow.
///
/// Who gets which follows from the address and the campaign's seed alone, so that it is the same whenever a copy is written.
package struct SubjectTest: Hashable, Sendable, Codable {
    package enum Variant: String, Hashable, Sendable, Codable, CaseIterable {
        case a, b
    }

    /// The other subject, a template; the campaign's own is the first.
    package var other: String
    /// Percent of the people who get one or the other, half each; the rest gets the winner. 2…100.
    package var share: Int
    /// Hours that what comes back is waited for, 1…168.
    package var waitHours: Int
    /// Nil until it is decided.
    package var winner: Variant?

    package static let shares = 2...100
    package static let waits = 1...168

    package init(other: String, share: Int = 20, waitHours: Int = 24) {
        self.other = other
        self.share = share
        self.waitHours = waitHours
    }

    /// Which subject a person tries; nil for those who get the winner.
    package func variant(of address: String, seed: Int64) -> Variant? {
        let place = SendingOrder.place(of: address, seed: seed &+ 1)
        guard place % 100 < Int64(share) else { return nil }
        return place / 100 % 2 == 0 ? .a : .b
    }
}

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
