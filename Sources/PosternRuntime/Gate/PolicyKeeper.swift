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
    let logger: Logger

    func run() async {
        for await act in acts {
            switch act {
            // Raised at once by whoever hands acts over: news does not wait for the store.
            case .alert: continue
            case .restrict(let restriction): await restrict(restriction)
            case .throttle(let throttle): await keep(throttle)
            case .count(let report): await count(report)
            }
        }
    }

    private static let firstWait = Duration.milliseconds(100)
    private static let longestWait = Duration.seconds(10)

    /// Until it is done, or the gate stops: then nil, and the decision is made again with the next message.
    private func persist<Value>(_ name: String, _ body: () async throws -> Value) async -> Value? {
        var wait = PolicyKeeper.firstWait
        while !Task.isCancelled, !engine.decide({ core, _ in core.isStopping }) {
            do {
                return try await body()
            } catch {
                logger.error("a decision could not be kept; it is tried again", metadata: ["about": "\(name)", "error": "\(error)"])
                try? await Task.sleep(for: wait)
                wait = min(wait * 2, PolicyKeeper.longestWait)
            }
        }
        return nil
    }

    private func restrict(_ restriction: Restriction) async {
        let name = restriction.entity.description
        logger.warning(
            "restricted", metadata: ["entity": "\(name)", "reference": "\(restriction.reference)", "cause": "\(restriction.cause)"])
        let raised = await persist(name) {
            try await put(.restriction, name, restriction, action: "restriction.raise", reason: "\(restriction.cause)")
        }
        guard let version = raised ?? nil else { return }
        // Whoever changes it meanwhile, by a release above all, has the last word.
        let isOurs = await persist(name) {
            var kept = restriction
            try await gather(&kept)
            return try await put(
                .restriction, name, kept, action: "restriction.evidence", reason: "what was known then", expecting: version) != nil
        }
        // Until tomorrow, mail just waits; what waits for a person is held, so that it does not expire meanwhile.
        if isOurs == true, restriction.until == nil { await persist(name) { try await hold(restriction) } }
    }

    private func keep(_ throttle: SubmissionThrottle) async {
        logger.warning("throttled", metadata: ["principal": "\(throttle.principal)", "cause": "\(throttle.cause.rawValue)"])
        _ = await persist(throttle.principal) {
            try await put(.throttle, throttle.principal, throttle, action: "throttle.begin", reason: throttle.finding.explanation)
        }
    }

    /// Once: an error that is not counted here is counted on this node all the same.
    private func count(_ report: ErrorReport) async {
        let key = CounterKey(name: report.counterName, window: report.window)
        let call = CounterCall(
            key: key, owner: engine.decide { core, _ in core.run.owner }, used: 1, wanted: 0, limit: 0, at: .now)
        do {
            guard case .counted(let grant) = try await store.perform(.count(call)) else { return }
            engine.decide { core, now in core.errorsCounted(grant.reading.used, report, at: now) }
        } catch {
            logger.warning("an error was not counted over all nodes", metadata: ["principal": "\(report.principal)", "error": "\(error)"])
        }
    }

    /// The version that it made; nil where the object's version was not the expected one, and nothing was changed.
    private func put(
        _ kind: DirectoryKind, _ name: String, _ value: some Encodable, action: String, reason: String, expecting expected: Int64? = nil
    ) async throws -> Int64? {
        let entry = AuditEntry(at: .now, actor: PolicyKeeper.actor, action: action, target: name, reason: reason)
        let change = DirectoryChange(
            kind: kind, name: name, value: try DirectoryCoding.text(value), expectedVersion: expected, audit: entry)
        guard case .changed(let version) = try await store.perform(.change(change)) else { return nil }
        return version
    }

    /// What the trace has of the sender's last day.
    private func gather(_ restriction: inout Restriction) async throws {
        guard let sender = restriction.entity.senderName else { return }
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
        guard let filter = QueueFilter(of: restriction.entity, in: [.queued]) else { return }
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
