import DeliveryPlanning
import MailModel
import OutboundPolicy
import OwnThreads
import Storage
import Testing

@testable import PosternRuntime

/// How senders stand, and what would become of a message, by what a real store has counted.
@Suite(.ownThreads) struct LimitOperationTests {
    private let sender = "admin@gate.example.org"

    /// A message that counts for `sender` by the policies that are put.
    private func send(
        _ sender: String, external: Int, internalCount: Int = 0, number: Int64, at time: Timestamp = TestData.now, _ data: TestData
    ) async throws {
        let directory = try await data.administration().directory()
        let subject = try LimitSubject.find(sender, in: directory)
        let counted = subject.message(external: external, internalCount: internalCount, octets: 1024, directory: directory, at: time)
        let record = MessageRecord(
            tenant: .standard, id: MessageID(number), receivedAt: time, trafficClass: .personal, sender: sender,
            principal: "account:\(sender)", reversePath: .address(EmailAddress("a@example.org")!), envelopeID: nil, dsnReturn: nil,
            body: .sevenBit, isInternationalized: false, headerFrom: sender, subject: "hello", headerMessageID: "m@example.org",
            sizeBytes: 20, clientAddress: nil, clientName: "client", submissionTLS: nil, pool: .normal, onlyRoute: nil, findings: [],
            expiresAt: time + .seconds(86_400), warnAt: nil, recipientCount: 1)
        let row = RecipientRecord(
            index: 0, recipient: EnvelopeRecipient(EmailAddress("b@example.net")!), isInternal: false, state: .queued, dueAt: time)
        let message = NewMessage(
            record: record, recipients: [row], content: Array("From: a\r\n\r\nhi\r\n".utf8), lease: nil,
            claims: PolicyTable(directory).claims(for: counted, at: time))
        _ = try await data.store.perform(.accept(message))
    }

    private func limited(_ action: LimitAction, external: Int = 5) async throws -> TestData {
        let data = try await TestData()
        _ = try await data.perform(ApplyPreset(preset: .standard))
        var changes = PolicyChanges()
        (changes.externalPerHour, changes.action) = (external, action)
        _ = try await data.perform(ChangePolicy(policy: "default", changes: changes))
        return data
    }

    private func usages(_ data: TestData) async throws -> [SenderUsage] {
        try await data.store.read { try $0.usages(after: "", limit: 100).map(\.1) }
    }

    @Test(arguments: [
        (LimitAction.refuse, LimitDecision.refuse, "550 5.2.2"), (.defer, .defer, "451 4.7.1"), (.hold, .hold, ""),
        (.restrict, .restrict, "550 5.1.8"), (.restrictToday, .restrict, "550 5.1.8"), (.alert, .accept, ""), (.slow, .slow, ""),
    ])
    func aDryRunSaysWhatWouldHappenAndChangesNothing(_ action: LimitAction, _ decision: LimitDecision, _ reply: String) async throws {
        let data = try await limited(action)
        try await send(sender, external: 5, number: 1, data)
        let before = try await usages(data)
        let directory = try await data.administration().directory().version
        let view = try await data.perform(TestPolicy(sender: sender, external: 1))
        #expect(view.decision == decision)
        #expect(view.reply.hasPrefix(reply) && view.reply.isEmpty == reply.isEmpty, "\(view.reply)")
        #expect(view.policy == "default")
        let limit = try #require(view.limits.first { $0.name == "external-per-hour" })
        #expect(limit.used == 5 && limit.wanted == 1 && limit.value == 5 && limit.window == .hour && !limit.fits)
        // By then the message is in a bucket of a minute, which leaves the window as a whole.
        #expect(limit.freeAt == (TestData.now + .seconds(3660)).rfc3339)
        #expect(view.findings.map(\.rule) == (action == .alert ? [] : ["limit.external-per-hour"]))
        #expect(view.warnings.isEmpty == (action != .alert))
        #expect(!view.text.isEmpty)
        #expect(try await usages(data) == before)
        #expect(try await data.administration().directory().version == directory)
    }

    @Test func aDryRunKnowsEachKindOfLimit() async throws {
        let data = try await TestData()
        let free = try await data.perform(TestPolicy(sender: sender, external: 1_000_000))
        #expect(free.decision == .accept && free.limits.isEmpty && free.text.contains("nothing is limited"))
        _ = try await data.perform(ApplyPreset(preset: .standard))
        func run(_ operation: TestPolicy) async throws -> PolicyTestView { try await data.perform(operation) }
        #expect(try await run(TestPolicy(sender: sender, external: 500)).decision == .accept)
        let many = try await run(TestPolicy(sender: sender, external: 501))
        #expect(many.decision == .refuse && many.findings.map(\.rule) == ["limit.recipients-per-message"], "one message has 500 at most")
        #expect(try await run(TestPolicy(sender: sender, external: 400, firstTime: 400)).decision == .accept)
        let new = try await run(TestPolicy(sender: sender, external: 401, firstTime: 401))
        #expect(new.decision == .restrict && new.findings.map(\.rule) == ["limit.first-time-recipients-per-24-hours"])
        #expect(try await run(TestPolicy(sender: sender, external: 500, trafficClass: .campaign)).limits.isEmpty)
        #expect(try await run(TestPolicy(sender: sender, internalCount: 500)).decision == .accept)
        let error = await #expect(throws: AdministrationError.self) { try await run(TestPolicy(sender: sender)) }
        #expect(error?.kind == .invalid)
    }

    @Test func thePolicyIsThatOfTheFromAddressAndTheCountThatOfTheSender() async throws {
        let data = try await limited(.refuse)
        var sales = SendingPolicy(name: "sales", priority: 0)
        sales.scope.domains = [DomainName("sales.test")!]
        sales.externalPerHour = 7
        sales.action = .defer
        _ = try await data.perform(AddPolicy(policy: sales, place: 0))
        try await send(sender, external: 5, number: 1, data)
        let own = try await data.perform(TestPolicy(sender: sender, external: 1))
        #expect(own.policy == "default" && own.decision == .refuse)
        let foreign = try await data.perform(TestPolicy(sender: sender, from: EmailAddress("kim@eu.sales.test")!, external: 2))
        #expect(foreign.decision == .refuse && foreign.reply.hasPrefix("550 5.7.60"))
        #expect(foreign.findings.map(\.rule) == ["send-as.envelope"])
        try await change(data) { $0.grants = [.any] }
        let other = try await data.perform(TestPolicy(sender: sender, from: EmailAddress("kim@eu.sales.test")!, external: 2))
        #expect(other.policy == "sales" && other.decision == .accept)
        #expect(other.limits.first { $0.name == "external-per-hour" }?.used == 5)
        #expect(
            try await data.perform(TestPolicy(sender: sender, from: EmailAddress("kim@sales.test")!, external: 3)).decision == .defer)
    }

    private func change(_ data: TestData, _ change: (inout Account) -> Void) async throws {
        var account = try #require(try await data.administration().directory().accounts[sender])
        change(&account)
        let entry = AuditEntry(at: TestData.now, actor: "test", action: "test", target: "", reason: "")
        try await data.administration().put(.account, name: sender, account, entry: entry)
    }

    @Test func whatStandsAgainstAMessageBesideLimitsIsSaid() async throws {
        let data = try await limited(.refuse)
        var changes = PolicyChanges()
        changes.forwarding = .off
        _ = try await data.perform(ChangePolicy(policy: "default", changes: changes))
        let forwarded = try await data.perform(TestPolicy(sender: sender, external: 1, isForwarded: true))
        #expect(forwarded.decision == .refuse && forwarded.reply.hasPrefix("550 5.7.520"))
        #expect(try await data.perform(TestPolicy(sender: sender, internalCount: 1, isForwarded: true)).decision == .accept)
        try await change(data) { $0.expiresAt = TestData.now }
        let expired = try await data.perform(TestPolicy(sender: sender, external: 1))
        #expect(expired.decision == .refuse && expired.findings.map(\.rule) == ["submission.account-expired"])
        let stranger = try await data.perform(
            TestPolicy(sender: "app@elsewhere.example", from: EmailAddress("other@elsewhere.example")!, external: 1))
        #expect(stranger.decision == .accept, "a connector may send as both")
    }

    @Test func whoIsRestrictedOrThrottledIsToldSo() async throws {
        let data = try await limited(.refuse)
        let finding = Finding(rule: "limit.external-per-hour", matched: "6/5", explanation: "too many")
        let restriction = Restriction(
            entity: .sender(sender), tenant: .standard, since: TestData.now, until: nil, isExternalOnly: true, reference: "R1",
            cause: finding)
        let entry = AuditEntry(at: TestData.now, actor: "test", action: "test", target: "", reason: "")
        try await data.administration().put(.restriction, name: restriction.entity.description, restriction, entry: entry)
        let external = try await data.perform(TestPolicy(sender: sender, external: 1))
        #expect(external.decision == .refuse && external.restricted && external.reply.hasPrefix("550 5.1.8"))
        #expect(external.findings.first?.rule == "restricted.sender")
        let inside = try await data.perform(TestPolicy(sender: sender, internalCount: 1))
        #expect(inside.decision == .accept && !inside.restricted, "only external mail is stopped")
        let throttle = SubmissionThrottle(
            principal: "account:\(sender)", cause: .sendAs, since: TestData.now, until: TestData.now + .seconds(60), count: 20,
            window: .seconds(60), example: "may not")
        try await data.administration().put(.throttle, name: throttle.principal, throttle, entry: entry)
        let throttled = try await data.perform(TestPolicy(sender: sender, internalCount: 1))
        #expect(throttled.decision == .refuse && throttled.throttled && throttled.reply.hasPrefix("550 5.2.252"))
        let shown = try await data.perform(ShowLimits(subject: sender))
        #expect(shown.restricted == "R1" && shown.throttledUntil == throttle.until.rfc3339)
    }

    @Test func aSenderIsShownWithItsForecast() async throws {
        let data = try await limited(.refuse, external: 100)
        try await send(sender, external: 80, number: 1, data)
        let view = try await data.perform(ShowLimits(subject: "Admin@Gate.Example.org"))
        #expect(view.subject == sender && view.policy == "default" && view.trafficClass == "personal")
        let hour = try #require(view.limits.first { $0.name == "external-per-hour" })
        #expect(hour.used == 80 && hour.percent == 80 && hour.fits && hour.freeAt == "")
        // 20 more at 80 an hour take a quarter of an hour.
        #expect(hour.reachedAt == (TestData.now + .seconds(900)).rfc3339)
        #expect(hour.text.hasPrefix("80 of 100 external recipients in any hour (80 %); at this pace the limit is reached at "))
        #expect(view.limits.map(\.source).contains("service"))
        let error = await #expect(throws: AdministrationError.self) { try await data.perform(ShowLimits(subject: "connector:none")) }
        #expect(error?.kind == .notFound)
    }

    @Test func connectorsAndTheOrganisationHaveLimitsOfTheirOwn() async throws {
        let data = try await TestData()
        var connector = Connector(name: "erp")
        connector.networks = [IPNetwork("10.0.0.0/8")!]
        _ = try await data.perform(AddConnector(connector: connector))
        _ = try await data.perform(ApplyPreset(preset: .standard, licences: 1))
        _ = try await data.perform(SetServiceLimit(limit: "connector-recipients-per-hour", value: .number(10)))
        try await send("connector:erp", external: 3, internalCount: 1, number: 1, data)
        let view = try await data.perform(ShowLimits(subject: "connector:erp"))
        #expect(view.limits.first { $0.holder == "connector:erp" }?.used == 4)
        #expect(view.limits.first { $0.name == "external-per-hour" }?.holder == "sender:connector:erp")
        let all = try await data.perform(ShowLimits(subject: "organisation"))
        #expect(all.limits.map(\.used) == [3] && all.limits.map(\.value) == [10_000])
        let top = try await data.perform(TopLimits(limit: 2))
        #expect(top.map(\.subject) == ["connector:erp", "connector:erp"])
        #expect(top.map { $0.limit.percent } == [40, 3])
        #expect(top.first?.limit.name == "connector-recipients-per-hour")
    }
}
