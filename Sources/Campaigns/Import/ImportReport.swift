/// What an import came to.
package struct ImportReport: Hashable, Sendable, Codable {
    /// Findings that are kept at their cells; all are counted.
    package static let findingsMax = 1000

    /// Records, without the titles.
    package var rows = 0
    /// Rows that may be written to.
    package var taken = 0
    /// Of those taken, how many were on the list before.
    package var alreadyOnList = 0
    /// How often each rule found something.
    package private(set) var counts: [Count] = []
    package var findings: [ImportFinding] = []
    /// Rows that were left out since whoever imported them chose so; nil for none.
    package var leftOut: Int?
    /// Cells that were read as Windows-1252, since they were no UTF-8.
    package var fieldsNotUTF8 = 0

    package struct Count: Hashable, Sendable, Codable {
        package var rule: ImportRule
        package var total: Int
    }

    package init() {}

    package func count(_ rule: ImportRule) -> Int { counts.first { $0.rule == rule }?.total ?? 0 }

    package mutating func count(_ rule: ImportRule, _ more: Int) {
        if let place = counts.firstIndex(where: { $0.rule == rule }) {
            counts[place].total += more
        } else {
            counts.append(Count(rule: rule, total: more))
        }
    }

    /// With the first findings only.
    package func shortened(to count: Int) -> ImportReport {
        var short = self
        short.findings = Array(findings.prefix(count))
        return short
    }

    package var errors: Int { ImportRule.allCases.filter { $0.isError && $0.leavesOut }.reduce(0) { $0 + count($1) } }
}

/// Where the addresses of a file come from, as the person who imports it says.
package enum ListSource: String, Hashable, Sendable, Codable, CaseIterable {
    /// They signed up for this list themselves.
    case signUp = "sign-up"
    case customers
    case members
    /// Employees or students of the organisation.
    case organisation
    case event
    /// Moved here from another program, with consent that was given there.
    case moved
    case unknown

    package var basis: ConsentBasis {
        switch self {
        case .signUp, .moved: .express
        case .customers, .members: .relationship
        case .event: .inquiry
        case .organisation: .organisation
        case .unknown: .unknown
        }
    }
}

/// How much an import puts at risk. It sets how many people get the first mail before the rest.
package struct RiskGrade: Hashable, Sendable, Codable {
    package enum Level: String, Hashable, Sendable, Codable, CaseIterable, Comparable {
        case low, medium, high

        package static func < (one: Level, other: Level) -> Bool {
            (allCases.firstIndex(of: one) ?? 0) < (allCases.firstIndex(of: other) ?? 0)
        }

        /// People who get the first mail before the rest, of so many: the greater the risk, the fewer.
        package func canary(of people: Int) -> Int {
            let (percent, most) =
                switch self {
                case .low: (10, 2000)
                case .medium: (5, 1000)
                case .high: (2, 500)
                }
            return min(people, max(50, min(most, people * percent / 100)))
        }
    }

    package var level: Level
    /// One sentence each.
    package var reasons: [String]

    /// People who get the first mail before the rest, of so many.
    package func canary(of people: Int) -> Int { level.canary(of: people) }

    package init(_ report: ImportReport, source: ListSource) {
        var reasons: [String] = []
        var level = Level.low
        func say(_ new: Level, _ reason: String) {
            level = max(level, new)
            reasons.append(reason)
        }
        func share(_ count: Int) -> Double { report.rows == 0 ? 0 : Double(count) / Double(report.rows) * 100 }
        /// Two percentages, from which on a share is medium and high.
        func weigh(_ count: Int, _ bounds: (Double, Double), _ what: String) {
            let percent = share(count)
            guard percent >= bounds.0 else { return }
            say(percent >= bounds.1 ? .high : .medium, "\(count) of \(report.rows) rows (\(Int(percent.rounded())) %) \(what)")
        }
        if source == .unknown { say(.high, "nobody says where the addresses come from") }
        if source == .event { say(.medium, "people at an event seldom expect regular mail") }
        weigh(
            report.count(.badAddress) + report.count(.noAddress), (1, 5),
            "hold no address that can be written to: nobody has kept the list clean")
        weigh(report.count(.suppressed), (1, 5), "are on the suppression list: they bounced, complained or unsubscribed before")
        weigh(report.count(.typo), (0.5, 3), "have a domain that looks mistyped: such domains are often spam traps")
        weigh(report.count(.role), (2, 10), "belong to a function: such addresses are often collected from web pages")
        weigh(report.count(.disposable), (0.5, 3), "are mailboxes that are thrown away")
        self.level = level
        self.reasons = reasons
    }
}
