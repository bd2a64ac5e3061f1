package import MailModel
package import OutboundPolicy
package import Storage

/// An alert as the command line and the HTTP interface show it. Times are RFC 3339 in UTC; empty for what has not been.
package struct AlertLine: Codable, Hashable, Sendable {
    package var id: String
    package var kind: AlertKind
    /// What it is about: a sender's key, `connector:scanner`, `route:office365`, `organisation`.
    package var subject: String
    package var severity: AlertSeverity
    package var state: Incident.State
    package var first: String
    package var last: String
    /// How often it was reported.
    package var hits: Int
    /// Percent of a limit; 0 where it has no stages.
    package var stage: Int
    package var text: String
    package var advice: String
    /// Who acknowledged or resolved it, and why.
    package var actor: String
    package var reason: String
    package var ended: String
    /// `person`, `over` or `quiet`; empty while it is open.
    package var ending: String
    /// How many times people were told.
    package var notices: Int

    init(_ incident: Incident) {
        id = incident.id
        kind = incident.kind
        subject = incident.subject
        severity = incident.severity
        state = incident.state
        first = incident.firstAt.rfc3339
        last = incident.lastAt.rfc3339
        hits = incident.hits
        stage = incident.stage
        text = incident.text
        advice = incident.advice
        actor = incident.actor
        reason = incident.reason
        ended = incident.endedAt?.rfc3339 ?? ""
        ending = incident.ending?.rawValue ?? ""
        notices = incident.noticeCount
    }

    var key: AlertQuery.Key? { Timestamp(rfc3339: last).map { AlertQuery.Key(lastAt: $0, id: id) } }
}

/// One alert with its findings, and with who was told.
package struct AlertView: Codable, Hashable, Sendable {
    package struct Notice: Codable, Hashable, Sendable {
        /// `mail:ADDRESS`, `webhook:NAME` or `sender:ADDRESS`.
        package var channel: String
        package var due: String
        /// Empty while it is to go out.
        package var done: String
        package var attempts: Int
        /// `sent`, or why the last attempt failed.
        package var outcome: String
    }

    package var alert: AlertLine
    package var findings: [Finding]
    package var notices: [Notice]

    init(_ row: AlertRow) {
        alert = AlertLine(row.incident)
        findings = row.incident.findings
        notices = row.notices.map {
            Notice(
                channel: $0.channel, due: $0.dueAt.rfc3339, done: $0.doneAt?.rfc3339 ?? "", attempts: $0.attempts, outcome: $0.outcome)
        }
    }
}

package struct ListAlerts: AdministrativeOperation {
    package static let name = "alerts.list"
    package static let scope = AccessScope.alertsRead
    package var query: AlertQuery

    package init(query: AlertQuery = AlertQuery()) { self.query = query }

    package func perform(in administration: Administration, _ act: Act) async throws -> [AlertLine] {
        var query = query
        query.id = nil
        return try await administration.store.read { [query] in try $0.alerts(query).map { AlertLine($0.incident) } }
    }
}

package struct ShowAlert: AdministrativeOperation {
    package static let name = "alerts.show"
    package static let scope = AccessScope.alertsRead
    package var id: String

    package init(id: String) { self.id = id }

    package func perform(in administration: Administration, _ act: Act) async throws -> AlertView {
        var query = AlertQuery()
        query.id = id
        guard let row = try await administration.store.read({ [query] in try $0.alerts(query).first }) else { throw AlertActs.noSuch(id) }
        return AlertView(row)
    }
}

/// Says that somebody works on it: no more notices of it, unless it gets worse.
package struct AcknowledgeAlert: AdministrativeOperation {
    package static let name = "alerts.acknowledge"
    package static let scope = AccessScope.alertsWrite
    package var id: String

    package init(id: String) { self.id = id }

    package func perform(in administration: Administration, _ act: Act) async throws -> AlertLine {
        try await AlertActs.perform(.acknowledge, id, in: administration, act)
    }
}

/// Ends it. Where the condition comes again, that is another alert.
package struct ResolveAlert: AdministrativeOperation {
    package static let name = "alerts.resolve"
    package static let scope = AccessScope.alertsWrite
    package var id: String

    package init(id: String) { self.id = id }

    package func perform(in administration: Administration, _ act: Act) async throws -> AlertLine {
        guard !act.reason.isEmpty else {
            throw AdministrationError(.invalid, "resolving an alert wants a reason", "Say what was done: --reason TEXT.")
        }
        return try await AlertActs.perform(.resolve, id, in: administration, act)
    }
}

private enum AlertActs {
    static func perform(_ verb: AlertAct.Verb, _ id: String, in administration: Administration, _ act: Act) async throws -> AlertLine {
        let work = AlertWork.act(AlertAct(verb, id: id, audit: act.entry("alert.\(verb.rawValue)", target: id)))
        guard case .alert(.acted(let incident, let isChanged)) = try await administration.store.perform(.alert(work)), let incident else {
            throw noSuch(id)
        }
        guard isChanged else {
            throw AdministrationError(.conflict, "alert \(id) is resolved already", "`postern alerts show \(id)` says by whom and why.")
        }
        return AlertLine(incident)
    }

    static func noSuch(_ id: String) -> AdministrationError {
        AdministrationError(.notFound, "there is no alert \(id)", "`postern alerts --all` shows those there are.")
    }
}
