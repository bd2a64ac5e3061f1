import MailModel
import OutboundPolicy

/// A route whose next host refuses our account, as the command line and the HTTP interface show it. Times are RFC 3339 in UTC.
package struct StoppedRouteView: Codable, Hashable, Sendable {
    package var route: String
    /// `sign-in`, `restricted`, `blocked`, `mailbox-full`, `daily-limit` or `error-throttle`.
    package var cause: String
    package var since: String
    /// What the next host said, last.
    package var reply: String
    /// What happened, and who has to do what.
    package var text: String
    package var advice: String
    /// When one message is let through again.
    package var probeAt: String
    package var failedProbes: Int
    /// True while a message is let through, whose outcome is not known yet.
    package var probing: Bool

    init(_ stop: UpstreamStop, at now: Timestamp) {
        route = stop.route
        cause = stop.cause.rawValue
        since = stop.since.rfc3339
        reply = stop.reply.description
        text = stop.finding.explanation
        advice = stop.advice
        probeAt = stop.probeAt.rfc3339
        failedProbes = stop.failedProbes
        probing = stop.probe.map { $0.until > now } ?? false
    }
}
