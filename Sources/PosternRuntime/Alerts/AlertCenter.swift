package import OutboundPolicy
import Synchronization

/// Where everything that finds something wrong says so: event loops, the writer thread, services. Nobody waits here.
///
/// Bounded: conditions of one kind and subject are added up, and too many subjects are told as one.
package final class AlertCenter: Sendable {
    private let reports: Mutex<AlertReports>

    package init(subjectsMax: Int = 1000) { reports = Mutex(AlertReports(subjectsMax: subjectsMax)) }

    /// Returns at once; the store hears of it within a second, as soon as it answers.
    package func raise(_ condition: AlertCondition) { reports.withLock { $0.add(condition) } }

    package func raise(_ conditions: [AlertCondition]) {
        guard !conditions.isEmpty else { return }
        reports.withLock { reports in
            for condition in conditions { reports.add(condition) }
        }
    }

    var isEmpty: Bool { reports.withLock { $0.isEmpty } }

    func takeAll() -> [AlertReport] { reports.withLock { $0.takeAll() } }
    func giveBack(_ older: [AlertReport]) { reports.withLock { $0.giveBack(older) } }
}
