import DeliveryPlanning
import MailModel
import OutboundPolicy
import OwnThreads
import Storage
import Testing

@testable import PosternRuntime

@Suite(.ownThreads) struct AlertOperationTests {
    private func fails(
        _ kind: AdministrationError.Kind, sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> some Any
    ) async {
        let error = await #expect(throws: AdministrationError.self, sourceLocation: sourceLocation) { _ = try await body() }
        #expect(error?.kind == kind, sourceLocation: sourceLocation)
    }

    private func set(_ data: TestData, _ change: (inout AlertPolicyChange) -> Void) async throws -> AlertPolicyView {
        var wanted = AlertPolicyChange(kind: .queueStuck)
        change(&wanted)
        return try await data.perform(SetAlertPolicy(change: wanted))
    }

    @Test func aPolicyIsChangedInPartsAndSetBack() async throws {
        let data = try await TestData()
        let all = try await data.perform(ListAlertPolicies())
        #expect(
            all.map(\.kind) == AlertKind.allCases && all.allSatisfy { $0.builtIn && $0.on && $0.addresses == nil || $0.kind == .limitNear })
        #expect(try await set(data) { $0.severity = .low }.severity == .low)
        let address = try #require(EmailAddress("soc@example.net"))
        let both = try await set(data) { $0.addresses = [address] }
        #expect(both.severity == .low && both.addresses == ["soc@example.net"] && !both.builtIn)
        let stored = try await data.administration().directory().alertPolicies[.queueStuck]
        #expect(stored?.windowSeconds == nil && stored?.severity == .low, "only what differs")
        let usual = try await data.perform(SetAlertPolicy(change: AlertPolicyChange(kind: .queueStuck), isForUsual: true))
        #expect(usual.addresses == nil && usual.severity == .low)
        #expect(try await data.perform(SetAlertPolicy(change: AlertPolicyChange(kind: .queueStuck), isReset: true)).builtIn)
        #expect(try await data.administration().directory().alertPolicies.isEmpty)
        let acts = try await data.perform(ListAudit(limit: 10)).map(\.action)
        #expect(acts.prefix(4) == ["alert-policy.reset", "alert-policy.set", "alert-policy.set", "alert-policy.set"])
        await fails(.invalid) { try await data.perform(SetAlertPolicy(change: AlertPolicyChange(kind: .queueStuck))) }
        await fails(.invalid) { try await set(data) { $0.windowSeconds = 0 } }
        await fails(.notFound) { try await set(data) { $0.webhooks = ["nobody"] } }
    }

    @Test func aWebhooksSecretIsSealedAndShownOnce() async throws {
        let data = try await TestData()
        let made = try await data.perform(AddWebhook(webhook: "hook", url: "https://hooks.example.org/x"))
        #expect(made.secret.hasPrefix("whsec_"))
        let stored = try #require(try await data.administration().directory().webhooks["hook"])
        #expect(!made.secret.contains(stored.sealedSecret) && !stored.sealedSecret.contains(made.secret.dropFirst(6)))
        let opened = try #require(data.store.vault).open(stored.sealedSecret, context: KeyVault.context(webhook: "hook"))
        #expect(WebhookSecret(bytes: opened).description == made.secret)
        #expect(throws: KeyVault.UnreadableError.self) {
            try #require(data.store.vault).open(stored.sealedSecret, context: KeyVault.context(webhook: "other"))
        }
        await fails(.conflict) { try await data.perform(AddWebhook(webhook: "hook", url: "https://hooks.example.org/x")) }
        await fails(.invalid) { try await data.perform(AddWebhook(webhook: "b", url: "https://127.0.0.1/")) }
        await fails(.unavailable) { try await data.perform(TestWebhook(webhook: "hook")) }
        _ = try await set(data) { $0.webhooks = ["hook"] }
        await fails(.conflict) { try await data.perform(RemoveWebhook(webhook: "hook")) }
        _ = try await data.perform(SetAlertPolicy(change: AlertPolicyChange(kind: .queueStuck), isReset: true))
        #expect(try await data.perform(RemoveWebhook(webhook: "hook")).count == 1)
        await fails(.notFound) { try await data.perform(RemoveWebhook(webhook: "hook")) }
        #expect(try await data.perform(ListWebhooks()).isEmpty)
    }

    @Test func alertsAreListedShownAcknowledgedAndResolved() async throws {
        let data = try await TestData()
        let usual = [try #require(EmailAddress("soc@example.net"))]
        let report = AlertReport(AlertCondition(.queueStuck, subject: "queue", at: TestData.now, text: "It stands."))
        _ = try await data.store.perform(
            .alert(.report([report], ids: ["abc"], AlertRules(Directory(), usual: usual), at: TestData.now)))
        #expect(try await data.perform(ListAlerts()).map(\.id) == ["abc"])
        let view = try await data.perform(ShowAlert(id: "abc"))
        #expect(view.alert.text == "It stands." && view.notices.map(\.channel) == ["mail:soc@example.net"])
        #expect(try await data.perform(AcknowledgeAlert(id: "abc")).state == .acknowledged)
        let administration = data.administration()
        await fails(.invalid) {
            try await administration.perform(ResolveAlert(id: "abc"), Act(actor: "local:tester", reason: "", at: TestData.now))
        }
        let resolved = try await data.perform(ResolveAlert(id: "abc"))
        #expect(
            resolved.state == .resolved && resolved.ending == "person" && resolved.actor == "local:tester" && resolved.reason == "a test")
        await fails(.conflict) { try await data.perform(AcknowledgeAlert(id: "abc")) }
        await fails(.notFound) { try await data.perform(ShowAlert(id: "nobody")) }
        #expect(try await data.perform(ListAlerts()).isEmpty)
    }

    @Test func aQueueThatStandsStillIsToldAndItsEndToo() async throws {
        let data = try await TestData()
        let center = AlertCenter()
        let watch = QueueWatch(store: data.store, center: center)
        let settings = try data.directory.settings(overrides: ["alerts.queue-stuck-count=2"]).alerts
        let later = TestData.now + .seconds(3601)
        try await data.accept(MessageID(1 << 22), recipients: ["a@example.net"])
        try await watch.look(settings, at: later)
        #expect(center.takeAll().map(\.isOver) == [true], "what an earlier run may have told is over")
        try await data.accept(MessageID(2 << 22), recipients: ["b@example.net"])
        try await watch.look(settings, at: TestData.now + .seconds(3599))
        #expect(center.takeAll().isEmpty)
        try await watch.look(settings, at: later)
        let told = center.takeAll()
        #expect(told.map(\.key.kind) == [.queueStuck] && told[0].text.contains("At least 2 recipients are due for more than 1h"))
        #expect(told[0].text.contains("the oldest for 60 minutes") && told[0].text.contains("example.net"))
        _ = try await data.store.perform(
            .act(QueueAct(verb: .cancel, filter: QueueFilter(), audit: TestData.act.entry("queue.cancel", target: ""))))
        try await watch.look(settings, at: later)
        #expect(center.takeAll().map(\.isOver) == [true])
        try await watch.look(settings, at: later)
        #expect(center.takeAll().isEmpty)
    }
}
