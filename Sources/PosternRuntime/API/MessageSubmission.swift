import Console
import Crypto
import DeliveryPlanning
import Foundation
import InternetMessage
import MailModel
import OutboundPolicy
import Storage
import Submission

/// `POST /v1/messages`: reads a message from a request and submits it.
struct MessageSubmission: Sendable {
    let gate: any HTTPGate
    let store: any StoreAccess
    let recipientsMax: Int
    let messageBytesMax: Int
    let now: @Sendable () -> Timestamp

    static let idempotencyHeader = "Idempotency-Key"

    func submit(_ request: APIRequest) async throws -> APIResponse {
        guard let principal = gate.principal(request.caller.name) else { throw Problem.forbidden("The key is not valid any more.") }
        let (envelope, content) = try request.raw.map { try raw(request, $0) } ?? built(request)
        let recipients = try checked(envelope.recipients.map(\.address))
        let mark = request.headers[MessageSubmission.idempotencyHeader.lowercased()].map { key in
            IdempotencyMark(principal: request.caller.name, key: key, requestHash: MessageSubmission.fingerprint(request))
        }
        if let mark, let repeated = try await earlier(mark) { return try answer(repeated, recipients, isRepeated: true) }
        let outcome = await gate.submit(
            HTTPSubmission(
                principal: principal.submitter, address: request.peer.address.flatMap { IPAddress($0) },
                tlsVersion: request.peer.tlsVersion,
                isEncrypted: request.peer.isEncrypted, envelope: envelope, content: content, idempotency: mark))
        switch outcome {
        case .kept(let id): return try answer(id, recipients, isRepeated: false)
        case .repeated(let id, true): return try answer(id, recipients, isRepeated: true)
        case .repeated(_, false): throw MessageSubmission.otherRequest
        case .refused(let reply, let findings): throw SubmissionProblem.of(reply, findings)
        case .recipientsRefused(let refused): throw try SubmissionProblem.of(refused, in: request)
        }
    }

    // MARK: - Repeated requests

    private static let otherRequest = Problem(
        409, "idempotency-key-reused", "The key was used for another request",
        "This Idempotency-Key came with another message less than 24 hours ago; take a new one for each message.")

    /// The message that this same request made before. The commit looks once more: of two requests at a time, one makes it.
    private func earlier(_ mark: IdempotencyMark) async throws -> MessageID? {
        let since = now() - IdempotencyMark.lifetime
        guard let found = try await store.read({ try $0.request(mark, tenant: .standard, since: since) }) else { return nil }
        guard found.isSameRequest else { throw MessageSubmission.otherRequest }
        return found.message
    }

    private static func fingerprint(_ request: APIRequest) -> String {
        var bytes = Data(request.raw == nil ? "json\n".utf8 : "rfc822\n".utf8)
        if request.raw != nil { bytes += request.input + Data("\n".utf8) }
        return SHA256.hash(data: bytes + Data(request.body)).hexadecimal
    }

    private func answer(_ id: MessageID, _ recipients: [EmailAddress], isRepeated: Bool) throws -> APIResponse {
        let accepted = AcceptedMessage(id, recipients: recipients)
        var headers = ["Location": accepted.url]
        if isRepeated { headers["Idempotency-Replayed"] = "true" }
        return APIResponse(body: try JSONText.data(accepted), headers: headers)
    }

    // MARK: - Reading

    private func built(_ request: APIRequest) throws -> (Envelope, [UInt8]) {
        let input = try request.fields(MessageInput.self)
        let (from, to) = try input.addresses()
        var parameters = MailParameters()
        parameters.dsnReturn = input.dsn?.return?.value
        parameters.envelopeID = try envelopeID(input.dsn?.envelopeId, "/dsn/envelopeId")
        parameters.futureRelease = input.sendAt.map { .holdUntil($0.time) }
        let notify = try notify(input.dsn?.notify, "/dsn/notify")
        let content = try input.content(boundarySeed: MessageSubmission.seed())
        return (envelope(from, to, parameters, notify), content)
    }

    private func raw(_ request: APIRequest, _ bytes: [UInt8]) throws -> (Envelope, [UInt8]) {
        let input = try request.fields(RawEnvelopeInput.self, from: .query)
        let content = RawMessage.withLineEnds(bytes)
        let named = RawMessage.addresses(content)
        guard let from = input.from ?? named.from else {
            throw Problem.invalid([FieldProblem(.query, "from", "is missing, and the message has no From field that reads")])
        }
        var parameters = MailParameters()
        parameters.dsnReturn = input.dsnReturn?.value
        parameters.envelopeID = try envelopeID(input.envelopeId, "envelopeId")
        parameters.futureRelease = input.sendAt.map { .holdUntil($0.time) }
        let notify = try notify(input.dsnNotify, "dsnNotify")
        return (envelope(from, input.to ?? named.to, parameters, notify), content)
    }

    private func envelope(_ from: EmailAddress, _ to: [EmailAddress], _ parameters: MailParameters, _ notify: DSNNotify?) -> Envelope {
        var seen: Set<EmailAddress> = []
        let recipients = to.filter { seen.insert($0).inserted }.map { EnvelopeRecipient($0, notify: notify) }
        var parameters = parameters
        // Asked for in any case; the message is marked so only where it needs it.
        parameters.isInternationalized = true
        parameters.body = .eightBit
        return Envelope(reversePath: .address(from), parameters: parameters, recipients: recipients)
    }

    private func checked(_ recipients: [EmailAddress]) throws -> [EmailAddress] {
        guard !recipients.isEmpty else {
            throw Problem.unprocessable("The message has no recipient.", [FieldProblem(.body, "/to", "is empty")])
        }
        guard recipients.count <= recipientsMax else {
            throw Problem.unprocessable("The message has \(recipients.count) recipients; at most \(recipientsMax) are allowed.")
        }
        return recipients
    }

    private func envelopeID(_ text: String?, _ field: String) throws -> String? {
        guard let text else { return nil }
        guard (1...100).contains(text.utf8.count), text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else {
            throw Problem.invalid([FieldProblem(.body, field, "has to have 1 to 100 printable ASCII characters (RFC 3461 §4.4)")])
        }
        return text
    }

    private func notify(_ notify: [MessageInput.Notify]?, _ field: String) throws -> DSNNotify? {
        guard let notify, !notify.isEmpty else { return nil }
        guard !notify.contains(.never) || Set(notify) == [.never] else {
            throw Problem.invalid([FieldProblem(.body, field, "has never beside another")])
        }
        return notify.reduce(into: DSNNotify([])) { all, one in
            switch one {
            case .success: all.insert(.success)
            case .failure: all.insert(.failure)
            case .delay: all.insert(.delay)
            case .never: break
            }
        }
    }

    private static func seed() -> String {
        var random = SystemRandomNumberGenerator()
        return String(UInt64.random(in: .min ... .max, using: &random), radix: 36)
            + String(UInt64.random(in: .min ... .max, using: &random), radix: 36)
    }
}

extension MessageInput.Return {
    fileprivate var value: DSNReturn {
        switch self {
        case .full: .full
        case .headers: .headers
        }
    }
}

/// A message that came as its text.
enum RawMessage {
    /// A text whose lines all end in LF alone, as files have them, gets CRLF; anything else stays as it is, for the gate to judge.
    static func withLineEnds(_ bytes: [UInt8]) -> [UInt8] {
        guard !bytes.contains(0x0D) else { return bytes }
        return MessageFile.withLineEnds(bytes)
    }

    /// Who wrote it, and to whom, by its header.
    static func addresses(_ content: [UInt8]) -> (from: EmailAddress?, to: [EmailAddress]) {
        guard case .success(let header) = HeaderSection.scan(content) else { return (nil, []) }
        func addresses(_ name: String) -> [EmailAddress] {
            header.fields.filter { $0.isNamed(name, in: content) }.flatMap { (try? AddressList.parse(content, in: $0.value).get()) ?? [] }
        }
        return (addresses("sender").first ?? addresses("from").first, addresses("to") + addresses("cc") + addresses("bcc"))
    }
}

/// A refusal by SMTP's rules as HTTP tells it.
enum SubmissionProblem {
    /// Names the field of each recipient that does not exist.
    static func of(_ refused: [SubmissionOutcome.RefusedRecipient], in request: APIRequest) throws -> Problem {
        let input = request.raw == nil ? try request.fields(MessageInput.self) : nil
        let errors = refused.map { recipient in
            input.map { FieldProblem(.body, $0.field(of: recipient.address), recipient.refusal.reply.text) }
                ?? FieldProblem(.query, "to", recipient.refusal.reply.text)
        }
        var problem = Problem.unprocessable(
            refused.count == 1 ? "A recipient does not exist." : "\(refused.count) recipients do not exist.", errors)
        if let first = refused.first { problem.members["reply"] = .string(first.refusal.reply.description) }
        problem.members["findings"] = try? JSONValue(refused.flatMap(\.refusal.findings))
        return problem
    }

    static func of(_ reply: SMTPReply, _ findings: [Finding]) -> Problem {
        var problem =
            switch (reply.code, reply.enhancedCode?.subject) {
            case (552, _): Problem(413, "too-large", "The request is too large", reply.text)
            case (400...499, _): Problem.unavailable(reply.text, retryAfterSeconds: 60)
            // X.7.X: security and policy.
            case (_, 7): Problem.forbidden(reply.text)
            default: Problem.unprocessable(reply.text)
            }
        problem.members["reply"] = .string(reply.description)
        if !findings.isEmpty { problem.members["findings"] = try? JSONValue(findings) }
        return problem
    }
}
