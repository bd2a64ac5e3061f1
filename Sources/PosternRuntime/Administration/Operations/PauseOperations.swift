import DeliveryPlanning
import MailModel
package import OutboundPolicy
import Storage

package struct PauseView: Codable, Hashable, Sendable {
    /// `all`, `external`, `sender:a@example.org`, `route:name`.
    package var scope: String
}

/// Presses the stop button: mail is still accepted and waits.
package struct AddPause: AdministrativeOperation {
    package static let name = "pauses.add"
    package static let scope = AccessScope.pausesWrite
    package var scope: Pause.Scope

    package init(scope: Pause.Scope) { self.scope = scope }

    package func perform(in administration: Administration, _ act: Act) async throws -> PauseView {
        guard !act.reason.isEmpty else {
            throw AdministrationError(.invalid, "a pause wants a reason", "Give --reason; it is what others find when mail stands still.")
        }
        if case .route(let name) = scope, try await administration.directory().routes[name] == nil {
            throw AdministrationError.noSuch("route", name)
        }
        try await administration.put(
            .pause, name: scope.description, Pause(scope: scope), entry: act.entry("pause.add", target: scope.description))
        return PauseView(scope: scope.description)
    }
}

package struct RemovePause: AdministrativeOperation {
    package static let name = "pauses.remove"
    package static let scope = AccessScope.pausesWrite
    package var scope: Pause.Scope

    package init(scope: Pause.Scope) { self.scope = scope }

    package func perform(in administration: Administration, _ act: Act) async throws -> PauseView {
        guard try await administration.directory().pauses.contains(scope) else {
            throw AdministrationError(.notFound, "\(scope) is not paused", "`postern pauses` shows what is.")
        }
        try await administration.remove(.pause, name: scope.description, entry: act.entry("pause.remove", target: scope.description))
        // What the pause kept back would be looked at again after a while only. All else that this reaches was about to be due as well.
        var kept = QueueFilter()
        kept.states = [.queued]
        kept.dueBy = act.at + DeliveryPlanning.QueueSettings.pausedWaitStandard
        if case .sender(let name) = scope { kept.sender = name }
        let entry = act.entry("queue.retry", target: "what \(scope) kept back")
        _ = try await administration.act(QueueAct(verb: .retry, filter: kept, audit: entry))
        return PauseView(scope: scope.description)
    }
}

package struct ListPauses: AdministrativeOperation {
    package static let name = "pauses.list"
    package static let scope = AccessScope.pausesRead
    package init() {}

    package func perform(in administration: Administration, _ act: Act) async throws -> [PauseView] {
        try await administration.directory().pauses.map { PauseView(scope: $0.description) }.sorted { $0.scope < $1.scope }
    }
}
