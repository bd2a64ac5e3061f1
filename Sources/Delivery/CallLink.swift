import DeliveryPlanning
import GateCore
import MailModel

/// What stands for a connection where a message is handed over by a call: to a provider's API, or to a group of the gate itself. One call at
/// a time. Confined to its loop.
final class CallLink {
    typealias Answer = Result<SMTPReply, DeliveryFailure>
    /// Hands an attempt's octets over. The answer comes on the loop, once, unless the link was closed meanwhile.
    typealias Call = (CallLink, AttemptOrder, [UInt8], @escaping (Answer) -> Void) -> Void

    private let id: ConnectionID
    private let facts: ConnectionFacts
    private unowned let port: any DeliveryPort
    private let call: Call
    private(set) var isClosed = false
    /// On the content of the attempt under way.
    private var notes: [Finding] = []

    init(_ id: ConnectionID, facts: ConnectionFacts, port: any DeliveryPort, call: @escaping Call) {
        self.id = id
        self.facts = facts
        self.port = port
        self.call = call
    }

    func close() { isClosed = true }

    func attempt(_ attempt: AttemptOrder) {
        notes = []
        port.content(of: attempt) { [weak self] result in
            guard let self, !self.isClosed else { return }
            switch result {
            case .success(let content):
                self.notes = content.notes
                self.call(self, attempt, content.octets) { [weak self] in self?.ended(attempt, $0) }
            case .failure(let failure): self.ended(attempt, .failure(failure))
            }
        }
    }

    private func ended(_ attempt: AttemptOrder, _ answer: Answer) {
        guard !isClosed else { return }
        let one: RecipientResult =
            switch answer {
            case .success(let reply): .delivered(reply)
            case .failure(let failure): .failed(failure)
            }
        port.happened(
            .attemptEnded(
                id, attempt.recipients.map { _ in one }, isReusable: true, reportsSuccessItself: false, facts: facts, notes: notes))
    }
}
