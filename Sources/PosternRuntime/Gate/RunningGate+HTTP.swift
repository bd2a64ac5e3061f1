import Console
import GateCore
import InternetMessage
import MailModel
import NIOCore
import OutboundPolicy
import SMTPProtocol
import Submission
import Synchronization

/// What becomes of messages that are submitted together. Confined to one event loop.
private final class GatheredOutcomes {
    private var outcomes: [SubmissionOutcome?]
    private var left: Int
    private let done: ([SubmissionOutcome]) -> Void

    init(_ count: Int, done: @escaping ([SubmissionOutcome]) -> Void) {
        outcomes = Array(repeating: nil, count: count)
        left = count
        self.done = done
    }

    func take(_ outcome: SubmissionOutcome, of index: Int) {
        outcomes[index] = outcome
        left -= 1
        if left == 0 { done(outcomes.compactMap { $0 }) }
    }
}

/// The gate as the HTTP interface uses it.
extension RunningGate {
    func access(_ key: String, from address: IPAddress?) -> APIAccess {
        // What no key can look like is no guess: it counts for nothing, and is not held back.
        guard let token = APIToken(key) else { return .unknown(after: .zero) }
        let name = "api-key:\(token.name)"
        let hash = token.secretHash
        return engine.decide { core, now in
            if case .refuse(let reply) = core.signInBegan(name: name, from: address, at: now) { return .locked(reply.text) }
            let found = core.directory.apiKeys[token.name]
            guard ConstantTime.isEqual(hash, found?.secretHash ?? APIToken.noHash), let found else {
                return .unknown(after: core.signInFailed(name: name, from: address, at: now))
            }
            guard let principal = core.directory.principal(of: found, at: now) else { return .unknown(after: .zero) }
            core.signInSucceeded(name: name, from: address, at: now)
            let rate = found.requestsPerSecondMax ?? context.live.current.http.requestsPerSecond
            if let wait = requestRate.withLock({ $0.requested(by: principal.name, perSecondMax: rate, at: now) }) {
                return .tooFast(retryAfter: wait)
            }
            return .allowed(APICaller(name: principal.name, scopes: Set(principal.scopes.map(\.rawValue))))
        }
    }

    func principal(_ caller: String) -> AccessPrincipal? {
        engine.decide { core, now in
            core.directory.apiKeys[String(caller.dropFirst("api-key:".count))].flatMap { core.directory.principal(of: $0, at: now) }
        }
    }

    func signInBegan(name: String, from address: IPAddress?) -> String? {
        engine.decide { core, now in
            guard case .refuse(let reply) = core.signInBegan(name: name, from: address, at: now) else { return nil }
            return reply.text
        }
    }

    func signInFailed(name: String, from address: IPAddress?) -> Duration {
        engine.decide { core, now in core.signInFailed(name: name, from: address, at: now) }
    }

    func checkPassword(name: String, password: String, from address: IPAddress?) async -> PasswordAnswer {
        let found: Account?
        switch engine.decide({ core, now in core.signInBegan(name: name, from: address, at: now) }) {
        case .refuse(let reply): return .locked(reply.text)
        case .check(let account): found = account
        }
        var person = found
        person?.appPasswords = []
        let checked = person
        let lane = nextLane()
        let isRight: Bool? = await withCheckedContinuation { continuation in
            lane.eventLoop.execute { lane.check(password, of: checked) { continuation.resume(returning: $0) } }
        }
        guard let isRight else { return .busy }
        guard isRight, let found else {
            return .wrong(after: engine.decide { core, now in core.signInFailed(name: name, from: address, at: now) })
        }
        engine.decide { core, now in core.signInSucceeded(name: name, from: address, at: now) }
        return .right(found)
    }

    func reserve(bytes: Int) -> SMTPReply? { engine.decide { core, _ in core.contentReserved(bytes) } }
    func release(bytes: Int) { engine.decide { core, _ in core.contentReleased(bytes) } }

    /// Recipients that are named in one refusal.
    private static let refusedMax = 20

    /// All recipients are taken, or the message is not. Nil: they are.
    private static func recipientsRefusal(_ envelope: Envelope, _ transaction: SubmissionTransaction) -> SubmissionOutcome? {
        var refused: [SubmissionOutcome.RefusedRecipient] = []
        for recipient in envelope.recipients where refused.count < refusedMax {
            guard let refusal = transaction.recipient(recipient, of: envelope.reversePath) else { continue }
            // What stands against the sender is said once.
            guard refusal.findings.first?.rule == GateCore.unknownRecipientRule else { return .refused(refusal.reply, refusal.findings) }
            refused.append(SubmissionOutcome.RefusedRecipient(address: recipient.address, refusal: refusal))
        }
        return refused.isEmpty ? nil : .recipientsRefused(refused)
    }

    func submit(_ submission: HTTPSubmission) async -> SubmissionOutcome {
        let lane = nextLane()
        let settings = context.live.current
        return await withCheckedContinuation { continuation in
            lane.eventLoop.execute {
                let session = SessionFacts(
                    principal: submission.principal, address: submission.address, helloName: "",
                    isEncrypted: submission.isEncrypted, tlsVersion: submission.tlsVersion, mayBePlaintext: true)
                let transaction = SubmissionTransaction(port: lane, settings: RunningGate.submissionOptions(settings), session: session)
                let envelope = submission.envelope
                if let refusal = transaction.sender(envelope.reversePath, envelope.parameters) {
                    return continuation.resume(returning: .refused(refusal.reply, refusal.findings))
                }
                if let refusal = RunningGate.recipientsRefusal(envelope, transaction) { return continuation.resume(returning: refusal) }
                var limits = SMTPServerLimits()
                limits.messageBytesMax = settings.submission.messageBytesMax
                let checked = ContentCheck.check(submission.content, limits: limits)
                let message = ReceivedMessage(
                    reversePath: envelope.reversePath, parameters: envelope.parameters, recipients: envelope.recipients,
                    content: checked.content, defect: checked.defect, has8Bit: checked.has8Bit)
                transaction.message(
                    message, transfer: .http, idempotency: submission.idempotency, notes: submission.notes
                ) { continuation.resume(returning: $0) }
            }
        }
    }

    func handOver(
        _ copies: [HandedCopy], of campaign: String, from sender: EmailAddress, to recipients: [EmailAddress]
    ) async -> [SubmissionOutcome] {
        guard !copies.isEmpty else { return [] }
        let lane = nextLane()
        let options = RunningGate.submissionOptions(context.live.current)
        let session = SessionFacts(
            principal: .campaign(campaign), address: nil, helloName: "", isEncrypted: false, tlsVersion: nil, mayBePlaintext: true)
        return await withCheckedContinuation { continuation in
            lane.eventLoop.execute {
                let outcomes = GatheredOutcomes(copies.count) { continuation.resume(returning: $0) }
                for (index, copy) in copies.enumerated() {
                    let envelope = RunningGate.envelope(from: sender, to: recipients[index])
                    let transaction = SubmissionTransaction(port: lane, settings: options, session: session)
                    if let refusal = transaction.sender(envelope.reversePath, envelope.parameters) {
                        outcomes.take(.refused(refusal.reply, refusal.findings), of: index)
                    } else if let refusal = RunningGate.recipientsRefusal(envelope, transaction) {
                        outcomes.take(refusal, of: index)
                    } else {
                        transaction.handOver(copy, envelope) { outcomes.take($0, of: index) }
                    }
                }
            }
        }
    }

    /// Its author is told by the campaign's report, not by a message for each recipient.
    private static func envelope(from sender: EmailAddress, to recipient: EmailAddress) -> Envelope {
        var parameters = MailParameters()
        parameters.isInternationalized = true
        parameters.body = .eightBit
        return Envelope(
            reversePath: .address(sender), parameters: parameters,
            recipients: [EnvelopeRecipient(recipient, notify: DSNNotify([]))])
    }
}
