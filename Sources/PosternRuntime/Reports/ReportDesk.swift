import Crypto
import DeliveryPlanning
import GateCore
import InternetMessage
import Logging
import MailAuthentication
import MailModel
import NIOPosix
import OutboundPolicy
import Storage
import Synchronization

/// Takes in what comes back, by whichever way: reads it, finds whom it is about, sees whether it is true, and keeps it with all that follows in
/// one commit. Many at a time, as children of one task; what finds no room is to come again.
final class ReportDesk: Sendable {
    /// A message, to addresses that take reports.
    struct Arrival: Sendable {
        var content: [UInt8]
        var recipients: [ReportRecipients.Recipient]
        var source = ReturnedReport.Source.listener
    }

    struct Refusal: Error {
        var reply: SMTPReply
    }

    private struct Work: Sendable {
        var arrival: Arrival
        var done: @Sendable (SMTPReply) -> Void
    }

    private let engine: GateEngine
    private let store: OpenStore
    private let pool: NIOThreadPool
    private let resolver: any DNSResolver
    private let live: LiveSettings
    private let vault: KeyVault
    private let leaving: ListLeaving
    private let logger: Logger
    private let stream: AsyncStream<Work>
    private let continuation: AsyncStream<Work>.Continuation
    private let connections = Mutex(0)
    let counters = ReportCounters()

    /// Messages that are worked on at a time, and that wait for it.
    private static let worksMax = 64
    private static let waitingMax = 256

    init(engine: GateEngine, context: GateContext, pool: NIOThreadPool, resolver: any DNSResolver) {
        self.engine = engine
        store = context.store
        live = context.live
        vault = context.vault
        leaving = context.leaving
        logger = context.logger
        self.pool = pool
        self.resolver = resolver
        (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(ReportDesk.waitingMax))
    }

    // MARK: - The listener's questions

    func connectionOpened() -> Bool {
        let max = live.current.reports.connectionsMax
        return connections.withLock { open in
            guard open < max else { return false }
            open += 1
            return true
        }
    }

    func connectionClosed() { connections.withLock { $0 -= 1 } }

    func recipient(_ address: EmailAddress) -> Result<ReportRecipients.Recipient, Refusal> {
        do {
            if let found = try recipients.recipient(address, at: .now) { return .success(found) }
        } catch {
            return .failure(
                Refusal(reply: SMTPReply(451, EnhancedStatusCode(4, 3, 0), "The address cannot be checked now; try again later")))
        }
        counters.refusedRecipient()
        return .failure(Refusal(reply: SMTPReply(550, EnhancedStatusCode(5, 1, 1), "No such address here")))
    }

    /// Those of some addresses that take reports; what is none is left out, and nobody is answered.
    func known(_ addresses: [EmailAddress]) -> [ReportRecipients.Recipient] {
        let recipients = recipients
        return addresses.compactMap { try? recipients.recipient($0, at: .now) }
    }

    private var recipients: ReportRecipients { ReportRecipients(live.current, vault: vault) }

    /// Of the message, as it stands.
    private static func subject(of content: [UInt8]) -> String {
        guard case .success(let header) = HeaderSection.scan(content), let field = header.first("subject", in: content) else { return "" }
        return field.text(in: content)
    }

    // MARK: - Taking in

    /// `done` is called once, on any thread: with 250 when all of it is on disk.
    func take(_ arrival: Arrival, done: @escaping @Sendable (SMTPReply) -> Void) {
        if case .enqueued = continuation.yield(Work(arrival: arrival, done: done)) { return }
        done(SMTPReply(451, EnhancedStatusCode(4, 3, 2), "Too many reports at this moment; try again in a minute"))
    }

    /// A message of a mailbox: returns when all of it is on disk, or why it is not.
    func take(_ content: [UInt8], recipients: [ReportRecipients.Recipient]) async -> SMTPReply {
        await reply(to: Arrival(content: content, recipients: recipients, source: .mailbox))
    }

    func finish() { continuation.finish() }

    func run() async {
        await withDiscardingTaskGroup { group in
            let gate = AsyncGate(ReportDesk.worksMax)
            for await work in stream {
                await gate.enter()
                group.addTask {
                    work.done(await self.reply(to: work.arrival))
                    await gate.leave()
                }
            }
        }
    }

    private func reply(to arrival: Arrival) async -> SMTPReply {
        do {
            var rest = arrival
            rest.recipients.removeAll { $0 == .domainReports }
            if rest.recipients.count < arrival.recipients.count {
                let reply = try await takeDomainReport(arrival.content)
                if rest.recipients.isEmpty { return reply }
            }
            try await take(rest)
            return SMTPReply(250, EnhancedStatusCode(2, 0, 0), "Report kept")
        } catch {
            logger.warning("a report could not be kept", metadata: ["error": "\(error)"])
            return SMTPReply(451, EnhancedStatusCode(4, 3, 0), "The report could not be kept; try again later")
        }
    }

    /// A report on our domains. One that cannot be read is refused: whoever sent it hears why.
    private func takeDomainReport(_ content: [UInt8]) async throws -> SMTPReply {
        let intake = DomainReportIntake(store: store, directory: engine.decide { core, _ in core.directory })
        let views = try await intake.take(content, way: "listener", at: .now)
        for view in views { counters.took(view.outcome) }
        if views.contains(where: { $0.outcome == .full }) {
            return SMTPReply(452, EnhancedStatusCode(4, 3, 1), "Too many reports today; try again tomorrow")
        }
        guard let refused = views.first, views.allSatisfy({ $0.outcome == .refused }) else {
            return SMTPReply(250, EnhancedStatusCode(2, 0, 0), "Report kept")
        }
        logger.info("a report on a domain was refused", metadata: ["reason": "\(refused.reason)"])
        return SMTPReply(554, EnhancedStatusCode(5, 6, 0), "The report cannot be used")
    }

    private func take(_ arrival: Arrival) async throws {
        let now = Timestamp.now
        let content = arrival.content
        if arrival.recipients.contains(.unsubscribe) {
            try await leaving.leave(by: ReportDesk.subject(of: content))
            guard arrival.recipients.contains(where: { $0 != .unsubscribe }) else { return }
        }
        var reading = try await pool.runIfActive {
            ReturnedReading.of(content, source: arrival.source, at: now, authenticity: .unproven("nothing proves it"))
        }
        if reading.kind == .complaint { reading.believe(try await signer(of: content, at: now)) }
        let recipients = recipients
        var reports = reading.reports(for: arrival.recipients, token: try reading.reversePath.flatMap(recipients.token), at: now)
        for place in reports.indices { reports[place].source = arrival.source }
        var hash = SHA256()
        hash.update(data: Array("\(arrival.source.rawValue) \(arrival.recipients)".utf8))
        hash.update(data: content)
        try await keep(reports, id: hash.finalize().prefix(16).hexadecimal, content: content, at: now)
    }

    /// Keeps reports that are one intake, under a name that is the same for the same intake. False where it was kept before.
    @discardableResult
    func keep(_ reports: [ReturnedReport], id: String, content: [UInt8], at now: Timestamp) async throws -> Bool {
        var kept: [(report: ReturnedReport, feedback: Feedback?)] = []
        for report in reports {
            let subject: ReturnedSubject?
            if let token = report.token {
                subject = try await store.read { try $0.returnedSubject(token) }
            } else {
                subject = nil
            }
            let provider = subject?.host.flatMap { MailProvider.of(host: $0) }
            let feedback = engine.decide { core, _ in
                core.feedback(report, message: subject?.message, recipient: subject?.recipient, provider: provider)
            }
            kept.append((report, feedback))
        }
        let settings = live.current.reports
        let raw = settings.keepDays > 0 ? Array(content.prefix(settings.keepBytes)) : []
        let count = try await commit(ReturnedIntake(id: id, at: now, reports: kept, content: raw))
        if count >= 0 { counters.took(reports) }
        return count >= 0
    }

    /// On disk, and right after that commit in what decisions ask.
    private func commit(_ intake: ReturnedIntake) async throws -> Int {
        let entries = intake.reports.compactMap { $0.feedback?.note.effect }.filter { $0.measure == .suppress }.map(\.entry)
        let engine = engine
        return try await withCheckedThrowingContinuation { continuation in
            let listener = ReportListener { result in
                continuation.resume(
                    with: result.map { result in
                        guard case .affected(let count) = result else { return 0 }
                        if count > 0, !entries.isEmpty { engine.decide { core, _ in core.suppressionsChanged(entries) } }
                        return count
                    })
            }
            if !store.committer.enqueue(.returned(.keep(intake)), ticket: 0, listener: listener) {
                continuation.resume(throwing: StoreError.busy)
            }
        }
    }

    // MARK: - Whose complaints are believed

    /// The domain of a believed source that signed all of it; nil for none.
    private func signer(of content: [UInt8], at now: Timestamp) async throws -> DomainName? {
        guard case .success(let header) = HeaderSection.scan(content) else { return nil }
        let sources = live.current.reports.complaintSources
        var keys: [DomainName: DNSAnswer<String>] = [:]
        for name in DKIM.keyNames(content: content, header: header) where sources.contains(where: { name.isWithin($0) }) {
            keys[name] = await resolver.txt(name)
        }
        guard !keys.isEmpty else { return nil }
        let found = keys
        let results = try await pool.runIfActive { try DKIM.verify(content: content, header: header, keys: found, at: now) }
        if results.contains(where: { if case .temporaryError = $0.outcome { found[$0.recordName] != nil } else { false } }) {
            throw StoreError.busy
        }
        return results.lazy.filter { $0.outcome == .pass && !$0.isBodyPartial }.compactMap { DomainName($0.domain) }
            .first { domain in sources.contains { domain.isWithin($0) } }
    }
}

extension DKIMVerification {
    fileprivate var recordName: DomainName { DomainName("\(selector)._domainkey.\(domain)") ?? DKIMVerification.none }
    private static let none: DomainName = {
        guard let name = DomainName("invalid") else { preconditionFailure("a name") }
        return name
    }()
}

private final class ReportListener: CommitListener {
    private let done: @Sendable (Result<StoreWorkResult, any Error>) -> Void
    init(_ done: @escaping @Sendable (Result<StoreWorkResult, any Error>) -> Void) { self.done = done }
    func committed(_ results: [CommitResult]) {
        for result in results { done(result.result) }
    }
}
