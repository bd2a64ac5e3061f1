import DeliveryPlanning
import MailModel

/// One stage of trying a route.
package struct RouteTestStep: Codable, Hashable, Sendable {
    /// `notice`, `resolve`, `token`, `connect`, `greeting`, `ehlo`, `tls`, `auth`, `mail`, `recipient`, `limits`; `ready` where all is well
    /// without an envelope.
    package var stage: String
    package var ok: Bool
    /// True where it is well now, and will not stay so; nil otherwise.
    package var warning: Bool?
    /// What was found, or the peer's words.
    package var text: String
    /// The step that is missing; nil where nothing is, or nothing certain is known.
    package var advice: String?

    package init(stage: String, ok: Bool, text: String, advice: String? = nil, warning: Bool? = nil) {
        self.warning = warning
        self.stage = stage
        self.ok = ok
        self.text = text
        self.advice = advice
    }
}

/// An egress source that routes name and no running node has.
package struct MissingSource: Codable, Hashable, Sendable {
    package var source: String
    package var since: String
    /// That can leave from nowhere else.
    package var recipients: Int

    init(_ condition: SourceCondition) {
        source = condition.source
        since = condition.since.rfc3339
        recipients = condition.recipients
    }
}

/// How a running gate is.
package struct GateStatus: Codable, Hashable, Sendable {
    package var version: String
    package var node: Int
    package var hostName: String
    package var uptimeSeconds: Int
    /// Listener's name to `address:port`.
    package var addresses: [String: String]
    package var connections: Int
    /// Recipients in memory.
    package var queuedInMemory: Int
    package var attemptsInFlight: Int
    package var directoryVersion: Int64
    package var missingSources: [MissingSource] = []
    /// Why it is not ready; empty where it is.
    package var problems: [String]
    /// Routes whose next host refuses our account.
    package var stoppedRoutes: [StoppedRouteView] = []

    package init(
        version: String, node: Int, hostName: String, uptimeSeconds: Int, addresses: [String: String], connections: Int,
        queuedInMemory: Int, attemptsInFlight: Int, directoryVersion: Int64, problems: [String]
    ) {
        self.version = version
        self.node = node
        self.hostName = hostName
        self.uptimeSeconds = uptimeSeconds
        self.addresses = addresses
        self.connections = connections
        self.queuedInMemory = queuedInMemory
        self.attemptsInFlight = attemptsInFlight
        self.directoryVersion = directoryVersion
        self.problems = problems
    }
}

/// An outcome with nothing to say but how many it touched.
package struct Affected: Codable, Hashable, Sendable {
    package var count: Int
    package init(count: Int) { self.count = count }
}
