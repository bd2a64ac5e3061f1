import MailModel
import Metrics

/// What came back, for `/metrics`.
final class ReportCounters: Sendable {
    private let believed: [ReturnedReport.Kind: Counter]
    private let unproven: [ReturnedReport.Kind: Counter]
    private let domainReports: [ReportIntakeView.Outcome: Counter] = Dictionary(
        uniqueKeysWithValues: ReportIntakeView.Outcome.allCases.map {
            ($0, Counter(label: "postern_domain_reports_total", dimensions: [("outcome", $0.rawValue)]))
        })
    private let refused = Counter(label: "postern_reports_refused_total")

    init() {
        func counters(_ isProven: String) -> [ReturnedReport.Kind: Counter] {
            Dictionary(
                uniqueKeysWithValues: ReturnedReport.Kind.allCases.map {
                    ($0, Counter(label: "postern_reports_total", dimensions: [("kind", $0.rawValue), ("believed", isProven)]))
                })
        }
        believed = counters("yes")
        unproven = counters("no")
    }

    /// An address that takes no reports: forged, or over its time.
    func refusedRecipient() { refused.increment() }

    func took(_ outcome: ReportIntakeView.Outcome) { domainReports[outcome]?.increment() }

    func took(_ reports: [ReturnedReport]) {
        for report in reports { (report.authenticity.isProven ? believed : unproven)[report.kind]?.increment() }
    }
}
