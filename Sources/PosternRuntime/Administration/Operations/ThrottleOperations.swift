import GateCore
import MailModel
package import OutboundPolicy

package struct ListThrottles: AdministrativeOperation {
    package static let name = "throttles.list"
    package static let scope = AccessScope.restrictionsRead
    /// Those too that are over.
    package var all: Bool

    package init(all: Bool = false) { self.all = all }

    package func perform(in administration: Administration, _ act: Act) async throws -> [ThrottleView] {
        try await administration.directory().throttles.values.filter { all || $0.isInForce(at: act.at) }
            .sorted { ($0.since, $0.principal) > ($1.since, $1.principal) }
            .map { ThrottleView($0, at: act.at) }
    }
}

/// The cause is mended: the submitter may send again before the period is over.
package struct EndThrottle: AdministrativeOperation {
    package static let name = "throttles.end"
    package static let scope = AccessScope.restrictionsWrite
    /// `account:a@example.org`, `connector:scanner`.
    package var principal: String

    package init(principal: String) { self.principal = principal }

    package func perform(in administration: Administration, _ act: Act) async throws -> ThrottleView {
        guard var throttle = try await administration.directory().throttles[principal], throttle.isInForce(at: act.at) else {
            throw AdministrationError(.notFound, "\(principal) is not throttled", "`postern throttles list` shows who is.")
        }
        throttle.endedAt = act.at
        try await administration.put(.throttle, name: principal, throttle, entry: act.entry("throttle.end", target: principal))
        administration.live?.raise(throttle.condition.over(at: act.at, text: "The throttle of \(principal) was ended by \(act.actor)"))
        return ThrottleView(throttle, at: act.at)
    }
}
