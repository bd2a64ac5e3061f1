import Logging
import MailModel
import NIOPosix
import OutboundPolicy
import Synchronization

/// What another scanner said, or why it said nothing.
enum OpinionOutcome: Sendable {
    case given(ScoredFinding)
    case missing(reason: String)
}

/// Asks rspamd about messages: some at a time, each within its time-out, and nobody for a while where it does not answer. The message goes on either way; what is missing is said.
final class SecondOpinionDesk: Sendable {
    private struct Question: Sendable {
        var opinion: SecondOpinion
        var question: OpinionQuestion
        var done: @Sendable (OpinionOutcome) -> Void
        let since = ContinuousClock.now
    }

    private struct State {
        var breaker = CircuitBreaker()
        /// What it stands for: another address is another service.
        var url = ""
    }

    private let stream: AsyncStream<Question>
    private let continuation: AsyncStream<Question>.Continuation
    private let state = Mutex(State())
    private let client: OutboundHTTP
    private let addresses: @Sendable (DomainName) async -> DNSAnswer<IPAddress>
    private let vault: KeyVault?
    private let logger: Logger

    /// Questions at a time, and that wait.
    private static let questionsMax = 32
    private static let waitingMax = 256

    init(
        client: OutboundHTTP, vault: KeyVault?, logger: Logger, addresses: @escaping @Sendable (DomainName) async -> DNSAnswer<IPAddress>
    ) {
        (self.client, self.vault, self.logger, self.addresses) = (client, vault, logger, addresses)
        (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(SecondOpinionDesk.waitingMax))
    }

    /// `done` is called once, on any thread: at once where nobody is asked. Needs `run`.
    func ask(_ question: OpinionQuestion, of opinion: SecondOpinion, done: @escaping @Sendable (OpinionOutcome) -> Void) {
        guard mayAsk(opinion) else { return done(.missing(reason: SecondOpinionDesk.pausing)) }
        switch continuation.yield(Question(opinion: opinion, question: question, done: done)) {
        case .enqueued: break
        case .dropped, .terminated: fallthrough
        @unknown default:
            concluded(opinion, isAnswer: nil)
            done(.missing(reason: SecondOpinionDesk.full))
        }
    }

    /// Returns after `finish`, or where the task is cancelled; what waits then is answered as missing.
    func run() async {
        await withDiscardingTaskGroup { group in
            let gate = AsyncGate(SecondOpinionDesk.questionsMax)
            for await question in stream {
                await gate.enter()
                group.addTask {
                    question.done(await self.answer(question))
                    await gate.leave()
                }
            }
        }
    }

    func finish() { continuation.finish() }

    private static let full = "too many messages wait for rspamd"
    private static let pausing = "rspamd did not answer before, and is left alone for a while"

    /// Whoever has waited for its turn as long as for an answer waits no longer.
    private func answer(_ question: Question) async -> OpinionOutcome {
        guard ContinuousClock.now - question.since < .milliseconds(question.opinion.timeout) else {
            concluded(question.opinion, isAnswer: nil)
            return .missing(reason: SecondOpinionDesk.full)
        }
        return await answer(question.question, question.opinion)
    }

    /// Asks at once. The service's state counts.
    func answer(_ question: OpinionQuestion, _ opinion: SecondOpinion) async -> OpinionOutcome {
        switch await called(question, opinion) {
        case .success(let answer):
            concluded(opinion, isAnswer: true)
            return .given(answer.finding(weight: opinion.weight ?? SecondOpinion.usualWeight))
        case .failure(let fault):
            concluded(opinion, isAnswer: false)
            return .missing(reason: fault.text)
        }
    }

    private func mayAsk(_ opinion: SecondOpinion) -> Bool {
        state.withLock { state in
            if state.url != opinion.url { state = State(url: opinion.url) }
            return state.breaker.mayAsk(at: .now)
        }
    }

    /// `isAnswer`: nil where it was not asked after all.
    private func concluded(_ opinion: SecondOpinion, isAnswer: Bool?) {
        let news: CircuitBreaker.State? = state.withLock { state in
            guard state.url == opinion.url else { return nil }
            let before = state.breaker.state
            switch isAnswer {
            case true?: state.breaker.succeeded()
            case false?: state.breaker.failed(at: .now)
            case nil: if before == .probing { state.breaker.failed(at: .now) }
            }
            return state.breaker.state == before ? nil : state.breaker.state
        }
        switch news {
        case .open: logger.warning("rspamd does not answer; it is asked again in a while", metadata: ["url": "\(opinion.url)"])
        case .closed: logger.notice("rspamd answers again", metadata: ["url": "\(opinion.url)"])
        case .probing, nil: break
        }
    }

    private func called(_ question: OpinionQuestion, _ opinion: SecondOpinion) async -> Result<RspamdAnswer, HTTPFault> {
        let target: HTTPTarget
        switch HTTPTarget.read(opinion.url, allowsPrivateAddresses: true) {
        case .failure(let fault): return .failure(fault)
        case .success(var read):
            if read.path == "/" { read.path = "/checkv2" }
            target = read
        }
        guard let password = password(opinion) else { return .failure(HTTPFault(text: "the password for rspamd does not open")) }
        let address: IPAddress
        switch await target.address(addresses) {
        case .failure(let fault): return .failure(fault)
        case .success(let found): address = found
        }
        switch await client.post(question.post(opinion, password: password.isEmpty ? nil : password), to: target, at: address) {
        case .failure(let fault): return .failure(fault)
        case .success(let answer) where answer.status != 200:
            return .failure(HTTPFault(text: "rspamd answers with status \(answer.status)"))
        case .success(let answer):
            guard !answer.isCut, let read = RspamdAnswer(answer.body) else {
                return .failure(HTTPFault(text: "rspamd's answer cannot be read"))
            }
            return .success(read)
        }
    }

    /// Empty for none; nil where it does not open.
    private func password(_ opinion: SecondOpinion) -> String? {
        guard let sealed = opinion.sealedPassword else { return "" }
        return (try? vault?.open(sealed, context: KeyVault.secondOpinionContext)).map { String(decoding: $0, as: UTF8.self) }
    }
}
