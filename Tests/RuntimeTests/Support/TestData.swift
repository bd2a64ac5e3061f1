import Console
import DeliveryPlanning
import MailModel
import OutboundPolicy
import Storage
import Submission
import Synchronization

@testable import PosternRuntime

/// An initialised data directory with its store open, as a gate has it.
final class TestData: Sendable {
    let directory: DataDirectory
    let store: OpenStore
    private let temporary: TemporaryDirectory

    init() async throws {
        temporary = try TemporaryDirectory()
        directory = DataDirectory(temporary.path)
        var initialization = Initialization(directory: directory, hostName: DomainName("gate.example.org"))
        initialization.passwordCost = TestData.passwordCost
        _ = try await initialization.perform(now: TestData.now)
        guard let lock = try DirectoryLock.acquire(directory) else { throw AdministrationError(.conflict, "locked") }
        store = try OpenStore(directory, settings: try directory.settings(), lock: lock)
    }

    static let passwordCost = PasswordHash.Cost(logRounds: 4, blockSize: 1, parallelism: 1)
    static let now = Timestamp(seconds: 1_800_000_000)
    static let act = Act(actor: "local:tester", reason: "a test", at: now)

    func administration(live: (any LiveGate)? = nil) -> Administration {
        var administration = Administration(store: store, dataDirectory: directory, vault: store.vault, live: live)
        administration.passwordCost = TestData.passwordCost
        return administration
    }

    func perform<Operation: AdministrativeOperation>(_ operation: Operation) async throws -> Operation.Outcome {
        try await administration().perform(operation, TestData.act)
    }

    /// Accepts a message for these recipients, straight into the store.
    func accept(
        _ id: MessageID, recipients: [String], state: RecipientState = .queued, content: String = "From: a\r\n\r\nhello\r\n",
        edit: (inout MessageRecord.Fields) -> Void = { _ in }
    ) async throws {
        var record = MessageRecord(
            tenant: .standard, id: id, receivedAt: TestData.now, trafficClass: .personal, sender: "a@example.org",
            principal: "account:a@example.org", reversePath: .address(EmailAddress("a@example.org")!), envelopeID: nil, dsnReturn: nil,
            body: .sevenBit, isInternationalized: false, headerFrom: "a@example.org", subject: "hello", headerMessageID: "m@example.org",
            sizeBytes: 20, clientAddress: nil, clientName: "client", submissionTLS: nil, pool: .normal, onlyRoute: nil, findings: [],
            expiresAt: TestData.now + .seconds(86_400), warnAt: nil, recipientCount: recipients.count)
        edit(&record.fields)
        let rows = recipients.enumerated().map { index, address in
            RecipientRecord(
                index: Int32(index), recipient: EnvelopeRecipient(EmailAddress(address)!), isInternal: false, state: state,
                dueAt: TestData.now)
        }
        _ = try await store.perform(
            .accept(NewMessage(record: record, recipients: rows, content: Array(content.utf8), lease: nil)))
    }
}

/// A gate that only remembers what was asked of it.
final class RecordingGate: GateRunner {
    private let calls = Mutex<[String]>([])

    var recorded: [String] { calls.withLock { $0 } }

    func start() async throws -> [String: String] {
        calls.withLock { $0.append("start") }
        return ["submission": "127.0.0.1:1"]
    }

    func work() async {}
    var owner: Int64? { nil }
    func stop() async { calls.withLock { $0.append("stop") } }
    func reload(_ settings: Settings) async throws { calls.withLock { $0.append("reload") } }

    func directoryChanged() async { calls.withLock { $0.append("directoryChanged") } }

    func act(_ act: QueueAct) async throws -> Int {
        calls.withLock { $0.append("act \(act.verb.rawValue)") }
        return 7
    }

    func suppress(_ work: SuppressionWork) async throws -> Int {
        calls.withLock { $0.append("suppress") }
        return 1
    }

    func testRoute(_ name: String, recipient: EmailAddress?) async throws -> [RouteTestStep] {
        [RouteTestStep(stage: "connect", ok: true, text: name)]
    }

    func preflightRoute(_ name: String, sender: EmailAddress?, recipient: EmailAddress?) async throws -> [RouteTestStep] {
        [RouteTestStep(stage: "mail", ok: true, text: name)]
    }

    func testWebhook(_ name: String) async throws -> WebhookTestResult { WebhookTestResult(ok: true, address: "", text: name) }

    func raise(_ condition: AlertCondition) { calls.withLock { $0.append("raise \(condition.kind.rawValue) \(condition.isOver)") } }

    func access(_ key: String, from address: IPAddress?) -> APIAccess { .unavailable }
    func principal(_ caller: String) -> AccessPrincipal? { nil }
    func directory() -> Directory? { nil }
    func checkPassword(name: String, password: String, from address: IPAddress?) async -> PasswordAnswer { .busy }
    func signInBegan(name: String, from address: IPAddress?) -> String? { nil }
    func signInFailed(name: String, from address: IPAddress?) -> Duration { .zero }
    func reserve(bytes: Int) -> SMTPReply? { nil }
    func release(bytes: Int) {}
    func submit(_ submission: HTTPSubmission) async -> SubmissionOutcome { .refused(SMTPReply(451, nil, "not here"), []) }
    func handOver(
        _ copies: [HandedCopy], of campaign: String, from sender: EmailAddress, to recipients: [EmailAddress]
    ) async -> [SubmissionOutcome] { copies.map { _ in .refused(SMTPReply(451, nil, "not here"), []) } }

    func status() async -> GateStatus {
        GateStatus(
            version: PosternVersion.text, node: 1, hostName: "gate.example.org", uptimeSeconds: 1, addresses: ["submission": "127.0.0.1:1"],
            connections: 0, queuedInMemory: 0, attemptsInFlight: 0, directoryVersion: 1, problems: [])
    }
}
