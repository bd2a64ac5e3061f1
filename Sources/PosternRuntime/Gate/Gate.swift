package import Console
import DNSClient
import Delivery
package import DeliveryPlanning
import GateCore
import Glibc
import Logging
package import MailModel
import NIOCore
import NIOPosix
package import OutboundPolicy
import SMTPProtocol
import SMTPTransport
package import Storage
package import Submission
import Synchronization

/// The gate as a running thing: listeners, queue, deliveries, and the receiver inside. Made once for a process.
package final class Gate: GateRunner {
    private let context: GateContext
    private let running = Mutex<RunningGate?>(nil)

    package init(_ context: GateContext) { self.context = context }

    package func start() async throws -> [String: String] {
        let gate = try await RunningGate.start(context)
        running.withLock { $0 = gate }
        return gate.addresses
    }

    package func work() async { await running.withLock { $0 }?.work() }

    package func stop() async {
        let gate = running.withLock { running in
            defer { running = nil }
            return running
        }
        await gate?.stop()
    }

    package func reload(_ settings: Settings) async throws {
        guard let gate = running.withLock({ $0 }) else { return }
        try gate.reload(settings)
    }

    package func directoryChanged() async { await running.withLock { $0 }?.loadDirectory() }

    package func act(_ act: QueueAct) async throws -> Int {
        guard let gate = running.withLock({ $0 }) else {
            throw AdministrationError(.unavailable, "the gate is starting or stopping", "Try again in a moment.")
        }
        return try await gate.act(act)
    }

    package func suppress(_ work: SuppressionWork) async throws -> Int {
        guard let gate = running.withLock({ $0 }) else {
            throw AdministrationError(.unavailable, "the gate is starting or stopping", "Try again in a moment.")
        }
        return try await gate.suppressions.perform(work)
    }

    package func testRoute(_ name: String, recipient: EmailAddress?) async throws -> [RouteTestStep] {
        guard let gate = running.withLock({ $0 }) else { return [] }
        return await gate.testRoute(name, recipient: recipient)
    }

    package func checkTLS(_ domain: DomainName) async throws -> TLSCheck {
        guard let gate = running.withLock({ $0 }) else {
            throw AdministrationError(.unavailable, "the gate is starting or stopping", "Try again in a moment.")
        }
        return await gate.checkTLS(domain)
    }

    package func settings() async -> Settings? { context.live.current }

    package func slowedDestinations() async -> [SlowedDestination] { running.withLock { $0 }?.slowedDestinations() ?? [] }

    package func waits(for rows: [QueueRow]) async -> [String?] {
        running.withLock { $0 }?.waits(for: rows) ?? rows.map { _ in nil }
    }

    package func txt(_ name: DomainName) async -> DNSAnswer<String> {
        await running.withLock { $0 }?.txt(name) ?? .failure(reason: "the gate is starting or stopping", isBogus: false)
    }

    package func unsubscribeProblem(fresh: Bool) async -> String? {
        await running.withLock { $0 }?.unsubscribeProblem(fresh: fresh)
    }

    package func dns() -> (any DNSResolver)? { running.withLock { $0 }?.resolver }

    package func send(_ notice: ReviewNotice) async throws {
        guard let gate = running.withLock({ $0 }) else {
            throw AdministrationError(.unavailable, "the gate is starting or stopping", "Try again in a moment.")
        }
        try await OwnMailSender(store: context.store, engine: gate.engine, live: context.live).send(notice.mail)
    }

    package func send(_ notice: GroupNotice) async throws {
        guard let gate = running.withLock({ $0 }) else {
            throw AdministrationError(.unavailable, "the gate is starting or stopping", "Try again in a moment.")
        }
        try await OwnMailSender(store: context.store, engine: gate.engine, live: context.live).send(notice.mail)
    }

    package func duplicates(_ count: Int) async -> [DuplicateGroupView] {
        running.withLock { $0 }?.scans.duplicates.largest(count, at: .now) ?? []
    }

    package func dkimPolicy() async -> DKIMRotation.Policy {
        let settings = context.live.current.dkim
        return DKIMRotation.Policy(every: settings.rotatesEvery, keep: settings.keepsRetired)
    }

    package func preflightRoute(_ name: String, sender: EmailAddress?, recipient: EmailAddress?) async throws -> [RouteTestStep] {
        guard let gate = running.withLock({ $0 }) else { return [] }
        return await gate.testRoute(name, recipient: recipient, sender: sender, asksForEnvelope: true)
    }

    package func testWebhook(_ name: String) async throws -> WebhookTestResult {
        guard let gate = running.withLock({ $0 }) else {
            throw AdministrationError(.unavailable, "the gate is starting or stopping", "Try again in a moment.")
        }
        guard let webhook = gate.engine.decide({ core, _ in core.directory.webhooks[name] }) else {
            throw AdministrationError.noSuch("webhook", name)
        }
        return await gate.alerting.test(webhook)
    }

    package func replayWebhook(_ record: WebhookCallRecord) async throws -> WebhookTestResult {
        guard let gate = running.withLock({ $0 }) else {
            throw AdministrationError(.unavailable, "the gate is starting or stopping", "Try again in a moment.")
        }
        guard let webhook = gate.engine.decide({ core, _ in core.directory.webhooks[record.webhook] }) else {
            throw AdministrationError.noSuch("webhook", record.webhook)
        }
        return await gate.alerting.replay(record, to: webhook)
    }

    package func raise(_ condition: AlertCondition) { context.alerts.raise(condition) }

    package func access(_ key: String, from address: IPAddress?) -> APIAccess {
        running.withLock { $0 }?.access(key, from: address) ?? .unavailable
    }

    package func principal(_ caller: String) -> AccessPrincipal? { running.withLock { $0 }?.principal(caller) }

    package func checkPassword(name: String, password: String, from address: IPAddress?) async -> PasswordAnswer {
        guard let gate = running.withLock({ $0 }) else { return .locked(Gate.notRunning.text) }
        return await gate.checkPassword(name: name, password: password, from: address)
    }

    package func signInBegan(name: String, from address: IPAddress?) -> String? {
        guard let gate = running.withLock({ $0 }) else { return Gate.notRunning.text }
        return gate.signInBegan(name: name, from: address)
    }

    package func signInFailed(name: String, from address: IPAddress?) -> Duration {
        running.withLock { $0 }?.signInFailed(name: name, from: address) ?? .zero
    }

    package func directory() -> Directory? { running.withLock { $0 }?.engine.decide { core, _ in core.directory } }

    package func reserve(bytes: Int) -> SMTPReply? {
        guard let gate = running.withLock({ $0 }) else { return Gate.notRunning }
        return gate.reserve(bytes: bytes)
    }

    package func release(bytes: Int) { running.withLock { $0 }?.release(bytes: bytes) }

    package func submit(_ submission: HTTPSubmission) async -> SubmissionOutcome {
        guard let gate = running.withLock({ $0 }) else { return .refused(Gate.notRunning, []) }
        return await gate.submit(submission)
    }

    package func handOver(
        _ copies: [HandedCopy], of campaign: String, from sender: EmailAddress, to recipients: [EmailAddress]
    ) async -> [SubmissionOutcome] {
        guard let gate = running.withLock({ $0 }) else { return copies.map { _ in .refused(Gate.notRunning, []) } }
        return await gate.handOver(copies, of: campaign, from: sender, to: recipients)
    }

    package func feedback(_ request: FeedbackRequest) async -> FeedbackReply {
        guard let gate = running.withLock({ $0 }) else { return FeedbackReply(status: 503, text: Gate.notRunning.text) }
        return await gate.feedback.take(request)
    }

    private static let notRunning = SMTPReply(
        421, EnhancedStatusCode(4, 3, 2), "This server is starting or stopping; try again in a minute")

    package var owner: Int64? { running.withLock { $0 }?.keeper.owner }

    package func status() async -> GateStatus {
        guard let gate = running.withLock({ $0 }) else {
            return GateStatus(
                version: PosternVersion.text, node: Int(context.settings.node.id ?? 0), hostName: context.settings.node.hostName.text,
                uptimeSeconds: 0, addresses: [:], connections: 0, queuedInMemory: 0, attemptsInFlight: 0, directoryVersion: 0,
                problems: ["the gate is not running"])
        }
        return await gate.status(context.settings)
    }
}
