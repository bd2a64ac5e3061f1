import MailModel
import ProviderTwin
import SMTPProtocol
import Synchronization

/// The model of a receiver with what it took, behind one lock.
final class ProviderWorld: Sendable {
    struct State: Sendable {
        var model: ReceiverTwin
        var mailbag = TwinMailbag()
        var counts = Counts()
    }

    /// Since it was started.
    struct Counts: Sendable, Encodable {
        /// Recipients of messages that were taken.
        private(set) var accepted = 0
        /// Recipients, messages and connections that were refused, by the reply's codes: `550 5.1.1`.
        private(set) var refused: [String: Int] = [:]

        mutating func took(_ recipients: Int) { accepted += recipients }

        /// What was said where it was no refusal counts nowhere.
        mutating func said(_ reply: SMTPReply, recipients: Int = 1) {
            guard reply.code >= 400 else { return }
            refused["\(reply.code)" + (reply.enhancedCode.map { " \($0)" } ?? ""), default: 0] += recipients
        }
    }

    let clock: TwinClock
    /// Nil where nothing is evaluated.
    private let names: TwinNames?
    private let state: Mutex<State>
    /// Nil where nothing comes back.
    private let returns: TwinReturns?
    private let content = ContentBudget()

    init(_ model: ReceiverTwin, clock: TwinClock, names: TwinNames? = nil, returns: TwinReturns? = nil) {
        self.clock = clock
        self.names = names
        self.returns = returns
        state = Mutex(State(model: model))
    }

    /// The time is read under the lock, so that the model never sees it run backwards.
    func use<Result: Sendable>(_ body: (inout sending State, Timestamp) -> sending Result) -> Result {
        state.withLock { body(&$0, clock.now) }
    }

    func reserve(_ bytes: Int) -> Bool { content.reserve(bytes) }
    func release(_ bytes: Int) { content.release(bytes) }

    func submitted(_ message: ReceivedMessage, helloName: String?, from address: IPAddress) -> SMTPReply {
        let facts = ExchangeContentFacts.read(message.content)
        let evaluated = names.map {
            AuthenticationCheck($0.zone, .swift).facts(
                message.content, reversePath: message.reversePath, helloName: helloName, from: address, at: clock.now)
        }
        let recipients = message.recipients.map(\.address)
        return use { state, now in
            let decision = state.model.submitted(facts, recipients: recipients, from: address, evaluated: evaluated, at: now)
            state.counts.said(decision.reply, recipients: recipients.count)
            if case .accepted(_, let id, let place) = decision {
                state.counts.took(recipients.count)
                let results = evaluated.map { "Authentication-Results: \(state.model.provider.hostName); \($0.words)\r\n" } ?? ""
                state.mailbag.add(
                    TwinMessage(
                        id: id, sender: "\(message.reversePath)", recipients: recipients, subject: facts.subject, acceptedAt: now,
                        leavesAt: now, place: place.rawValue, content: Array(results.utf8) + message.content))
                sendBack(message, id, state.model.provider)
            }
            return decision.reply
        }
    }

    private func sendBack(_ message: ReceivedMessage, _ id: String, _ provider: ReceiverProvider) {
        guard let returns else { return }
        let messages = message.recipients.compactMap { recipient in
            provider.sendsBack(
                recipient.address, reversePath: message.reversePath, content: message.content, number: id,
                complaints: returns.address.complaints, at: .now)
        }
        if !messages.isEmpty { returns.add(messages) }
    }
}
