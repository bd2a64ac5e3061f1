import DeliveryPlanning
package import MailModel
package import OutboundPolicy
import Storage

/// What became of somebody's mail, and what its rates call for.
package struct SendingRateView: Codable, Hashable, Sendable {
    /// `sender:a@example.org`, `list:NAME`, `provider:NAME`, `all`.
    package var subject: String
    package var messages: Int
    package var figures: SendingFigures
    /// Percent.
    package var hardBounces: Double
    package var complaints: Double
    package var deferrals: Double
    /// `warn`, `hold`, `stop`; empty where no rate that counts has reached a threshold.
    package var level: String
    package var findings: [Finding]

    static func stage(_ view: SendingRateView) -> Int { RateLevel(rawValue: view.level)?.stage ?? 0 }

    init(_ subject: RateSubject, _ figures: SendingFigures, _ policy: RatePolicy) {
        self.subject = subject.description
        self.figures = figures
        messages = figures.messages
        (hardBounces, complaints, deferrals) = (figures.hardBouncePercent, figures.complaintPercent, figures.deferralPercent)
        let found = policy.findings(figures, of: subject)
        level = found.first?.level.rawValue ?? ""
        findings = found.map(\.finding)
    }
}

/// The rates of all whose mail something came back of, in the policy's window, the worst first.
package struct ShowSendingRates: AdministrativeOperation {
    package static let name = "suppressions.rates"
    package static let scope = AccessScope.suppressionsRead

    package init() {}

    package func perform(in administration: Administration, _ act: Act) async throws -> [SendingRateView] {
        let policy = try await administration.directory().suppressionPolicy.rates
        let now = act.at
        let rates = try await administration.store.read { try SendingRates.read($0, policy, at: now) { _ in nil } }
        return rates.map { SendingRateView($0.subject, $0.figures, policy) }.sorted { one, other in
            let (first, second) = (SendingRateView.stage(one), SendingRateView.stage(other))
            return first == second ? one.messages > other.messages : first > second
        }
    }
}

/// What came back on the days of a time, by receiver and reason.
package struct ReturnsView: Codable, Hashable, Sendable {
    package struct Row: Codable, Hashable, Sendable {
        /// `2026-11-22`, in UTC.
        package var date: String
        /// `google`; `other` for those that are none of the known ones.
        package var provider: String
        /// A `BounceClass`, or `deferred`.
        package var event: String
        package var count: Int
    }

    package var rows: [Row]
    /// Complaints and bounces that nobody could prove, in the same time: counted, and not believed.
    package var unproven: Int
}

package struct ShowReturns: AdministrativeOperation {
    package static let name = "suppressions.returns"
    package static let scope = AccessScope.suppressionsRead
    /// 1…90, today the last of them; nil: 14.
    package var days: Int?
    /// `all`, `sender:a@example.org`, `list:NAME`; nil: all. Receivers are told apart for all alone.
    package var subject: String?

    package init(days: Int? = nil, subject: String? = nil) {
        self.days = days
        self.subject = subject
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> ReturnsView {
        let days = days ?? 14
        guard (1...90).contains(days) else { throw AdministrationError(.invalid, "\(days) days", "Figures are kept for 90 days.") }
        guard let wanted = RateSubject(subject ?? "all") else {
            throw AdministrationError(.invalid, "\(subject ?? "") is no subject", "Give all, sender:ADDRESS or list:NAME.")
        }
        let today = Int64(act.at.day)
        let range = ((today - Int64(days) + 1) * 24, (today + 1) * 24)
        let (counts, unproven) = try await administration.store.read { store in
            (
                try store.sendingCounts(of: SendingSubject(wanted.description), from: range.0, to: range.1),
                try store.sendingCounts(of: SendingSubject(SendingTally.unproven), from: range.0, to: range.1)
            )
        }
        var totals: [ReturnsView.Row: Int] = [:]
        for count in counts {
            let date = String(Timestamp(seconds: count.hour / 24 * 86_400).rfc3339.prefix(10))
            totals[ReturnsView.Row(date: date, provider: count.provider, event: count.event.text, count: 0), default: 0] += count.total
        }
        let rows = totals.map { row, total in
            var row = row
            row.count = max(0, total)
            return row
        }
        return ReturnsView(
            rows: rows.sorted { ($0.date, $0.provider, $0.event) < ($1.date, $1.provider, $1.event) },
            unproven: unproven.reduce(0) { $0 + $1.total })
    }
}
