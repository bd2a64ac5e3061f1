import MailModel
package import ProviderTwin
import SMTPProtocol
import Synchronization

/// The model with what it took, behind one lock; shared by all connections and the HTTP side.
package final class ExchangeWorld: Sendable {
    struct State: Sendable {
        var model: ExchangeOnline
        var mailbag = TwinMailbag()
    }

    package let clock: TwinClock
    private let state: Mutex<State>
    private let sessions = Atomic<Int>(0)
    private let content = ContentBudget()

    package init(_ tenant: ExchangeTenant, clock: TwinClock) {
        self.clock = clock
        state = Mutex(State(model: ExchangeOnline(tenant)))
    }

    /// The time is read under the lock, so that the model never sees it run backwards.
    func use<Result: Sendable>(_ body: (inout sending State, Timestamp) -> sending Result) -> Result {
        state.withLock { body(&$0, clock.now) }
    }

    func newSession() -> ExchangeSession { sessions.add(1, ordering: .relaxed).newValue }

    func reserve(_ bytes: Int) -> Bool { content.reserve(bytes) }
    func release(_ bytes: Int) { content.release(bytes) }

    func submitted(_ message: ReceivedMessage, session: ExchangeSession) -> SMTPReply {
        let facts = ExchangeContentFacts.read(message.content)
        return use { state, now in
            let decision = state.model.submitted(
                ExchangeSubmission(reversePath: message.reversePath, recipients: message.recipients.map(\.address), facts: facts),
                session: session, at: now)
            if case .accepted(_, let handover) = decision {
                if !handover.recipients.isEmpty {
                    state.mailbag.add(
                        TwinMessage(
                            id: handover.id, sender: "\(message.reversePath)", recipients: handover.recipients, subject: handover.subject,
                            acceptedAt: handover.acceptedAt, leavesAt: handover.leavesAt, place: handover.pool.rawValue,
                            content: message.content))
                }
                for report in handover.reports {
                    state.mailbag.add(
                        TwinMessage(
                            id: report.id, sender: "", recipients: [report.to], subject: "Undeliverable: \(report.subject)",
                            acceptedAt: report.at, leavesAt: report.at, place: ExchangePool.highRisk.rawValue, content: report.content))
                }
            }
            return decision.reply
        }
    }
}
