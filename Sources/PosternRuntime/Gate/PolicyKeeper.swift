import DeliveryPlanning
import GateCore
import Logging
import MailModel
import OutboundPolicy
import Storage

/// Carries out what the core decided about senders: keeps it in the store, so that every node has it, and holds mail that waits.
///
/// On this node the decision holds already. What the store does not take is tried again until it does.
struct PolicyKeeper: Sendable {
    /// Acts that wait; more are dropped and logged: the core decides again with the next message.
    static let actsMax = 1000
    static let actor = "postern"

    let acts: AsyncStream<PolicyAct>
    let store: OpenStore
    let engine: GateEngine
    /// Performs an act on the store's rows and on what is in memory.
    let act: @Sendable (QueueAct) async throws -> Int
    let raise: @Sendable (AlertCondition) -> Void
    let logger: Logger

    func run() async {
        for await act in acts {
            switch act {
            case .alert(let condition): raise(condition)
            case .restrict(let restriction):
                await persist("restriction", restriction.entity.description) { try await restrict(restriction) }
            case .throttle(let throttle): await persist("throttle", throttle.principal) { try await keep(throttle) }
            }
        }
    }

    private static let firstWait = Duration.milliseconds(100)
    private static let longestWait = Duration.seconds(10)

    /// Until it is done, or the gate stops. The decision is made again then with the next message.
    private func persist(_ kind: String, _ name: String, _ body: () async throws -> Void) async {
        var wait = PolicyKeeper.firstWait
        while !Task.isCancelled, !engine.decide({ core, _ in core.isStopping }) {
            do {
                return try await body()
            } catch {
                logger.error("a \(kind) could not be kept; it is tried again", metadata: ["name": "\(name)", "error": "\(error)"])
                try? await Task.sleep(for: wait)
                wait = min(wait * 2, PolicyKeeper.longestWait)
            }
        }
    }

    private func restrict(_ restriction: Restriction) async throws {
        logger.warning(
            "restricted",
            metadata: ["entity": "\(restriction.entity)", "reference": "\(restriction.reference)", "cause": "\(restriction.cause)"])
        try await put(
            .restriction, restriction.entity.description, restriction, action: "restriction.raise", reason: "\(restriction.cause)")
        var kept = restriction
        try await gather(&kept)
        try await put(.restriction, kept.entity.description, kept, action: "restriction.evidence", reason: "what was known then")
        // Until tomorrow, mail just waits; what waits for a person is held, so that it does not expire meanwhile.
        if restriction.until == nil { try await hold(restriction) }
    }

    private func keep(_ throttle: SubmissionThrottle) async throws {
        logger.warning("throttled", metadata: ["principal": "\(throttle.principal)", "cause": "\(throttle.cause.rawValue)"])
        try await put(.throttle, throttle.principal, throttle, action: "throttle.begin", reason: throttle.finding.explanation)
    }

    private func put(_ kind: DirectoryKind, _ name: String, _ value: some Encodable, action: String, reason: String) async throws {
        let entry = AuditEntry(at: .now, actor: PolicyKeeper.actor, action: action, target: name, reason: reason)
        let change = DirectoryChange(kind: kind, name: name, value: try DirectoryCoding.text(value), audit: entry)
        _ = try await store.perform(.change(change))
    }

    /// What the trace has of the sender's last day.
    private func gather(_ restriction: inout Restriction) async throws {
        guard case .sender(let sender) = restriction.entity else { return }
        var query = TraceQuery()
        query.sender = sender
        query.since = restriction.since - .seconds(86_400)
        query.limit = PolicyKeeper.evidenceRowsMax
        let wanted = query
        let rows = try await store.read { try $0.trace(wanted) }
        var messages: [MessageID] = []
        for row in rows {
            restriction.evidence.note(row.subject, in: \.subjects)
            restriction.evidence.note(row.recipient, in: \.recipients)
            if !messages.contains(row.id.message), messages.count < RestrictionEvidence.samplesMax { messages.append(row.id.message) }
        }
        let ids = messages
        let records = try await store.read { store in try ids.compactMap { try store.message($0)?.record } }
        for record in records {
            if let address = record.clientAddress { restriction.evidence.note(address.description, in: \.addresses) }
            restriction.evidence.note(record.clientName, in: \.clientNames)
        }
    }

    private static let evidenceRowsMax = 200

    private func hold(_ restriction: Restriction) async throws {
        var filter = QueueFilter()
        filter.states = [.queued]
        if case .sender(let sender) = restriction.entity { filter.sender = sender } else { return }
        let entry = AuditEntry(
            at: .now, actor: PolicyKeeper.actor, action: "queue.hold", target: restriction.entity.description,
            reason: "restricted, \(restriction.reference)")
        _ = try await act(QueueAct(verb: .hold, filter: filter, audit: entry))
    }
}

extension RestrictionEvidence {
    fileprivate mutating func note(_ text: String, in list: WritableKeyPath<RestrictionEvidence, [String]>) {
        guard !text.isEmpty, self[keyPath: list].count < RestrictionEvidence.samplesMax, !self[keyPath: list].contains(text) else { return }
        self[keyPath: list].append(text)
    }
}
