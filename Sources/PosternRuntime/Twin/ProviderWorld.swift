import MailModel
import ProviderTwin
import SMTPProtocol
import Synchronization

/// The model of a receiver with what it took, behind one lock.
final class ProviderWorld: Sendable {
    struct State: Sendable {
        var model: ReceiverTwin
        var mailbag = TwinMailbag()
    }

    let clock: TwinClock
    private let state: Mutex<State>
    private let content = ContentBudget()

    init(_ model: ReceiverTwin, clock: TwinClock) {
        self.clock = clock
        state = Mutex(State(model: model))
    }

    /// The time is read under the lock, so that the model never sees it run backwards.
    func use<Result: Sendable>(_ body: (inout sending State, Timestamp) -> sending Result) -> Result {
        state.withLock { body(&$0, clock.now) }
    }

    func reserve(_ bytes: Int) -> Bool { content.reserve(bytes) }
    func release(_ bytes: Int) { content.release(bytes) }

    func submitted(_ message: ReceivedMessage, from address: IPAddress) -> SMTPReply {
        let facts = ExchangeContentFacts.read(message.content)
        return use { state, now in
            let recipients = message.recipients.map(\.address)
            let decision = state.model.submitted(facts, recipients: recipients, from: address, at: now)
            if case .accepted(_, let id, let place) = decision {
                state.mailbag.add(
                    TwinMessage(
                        id: id, sender: "\(message.reversePath)", recipients: recipients, subject: facts.subject, acceptedAt: now,
                        leavesAt: now, place: place.rawValue, content: message.content))
            }
            return decision.reply
        }
    }
}
