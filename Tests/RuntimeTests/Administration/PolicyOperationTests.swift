import DeliveryPlanning
import MailModel
import OutboundPolicy
import OwnThreads
import Storage
import Testing

@testable import PosternRuntime

/// Policies, presets and service limits on a real store.
@Suite(.ownThreads) struct PolicyOperationTests {
    private func fails(
        _ kind: AdministrationError.Kind, sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> some Any
    ) async {
        let error = await #expect(throws: AdministrationError.self, sourceLocation: sourceLocation) { _ = try await body() }
        #expect(error?.kind == kind, sourceLocation: sourceLocation)
    }

    private func add(_ name: String, at place: Int? = nil, to data: TestData) async throws -> PolicyView {
        try await data.perform(AddPolicy(policy: SendingPolicy(name: name, priority: 0), place: place))
    }

    private func order(_ data: TestData) async throws -> [String] {
        try await data.perform(ListPolicies()).map { "\($0.priority) \($0.name)" }
    }

    @Test func aPresetPutsItsLimitsAndLeavesTheOthers() async throws {
        let data = try await TestData()
        #expect(try await data.perform(ListPolicies()) == [])
        #expect(try await data.perform(ListServiceLimits()) == [])
        _ = try await data.perform(SetServiceLimit(limit: "connector-recipients-per-hour", value: .number(77)))
        let standard = try await data.perform(ApplyPreset(preset: .standard, licences: 1, timeZone: "Europe/Berlin"))
        let policy = try #require(standard.policies.first)
        #expect(policy.isDefault && policy.action == .restrict)
        #expect([policy.externalPerHour, policy.internalPerHour, policy.recipientsPerDay] == [500, 1000, 1000])
        func service(_ name: String) async throws -> ServiceLimitView? {
            try await data.perform(ListServiceLimits()).first { $0.name == name }
        }
        #expect(try await service("messages-per-minute")?.value == .number(30))
        #expect(try await service("messages-per-minute")?.action == .slow)
        #expect(try await service("organisation-external-per-24-hours")?.value == .number(10_000))
        #expect(try await service("connector-recipients-per-hour")?.value == .number(77))
        #expect(try await service("time-zone")?.value == .text("Europe/Berlin"))

        _ = try await data.perform(ApplyPreset(preset: .strict))
        #expect(try await service("first-time-recipients-per-24-hours")?.value == .number(200))
        #expect(try await service("organisation-external-per-24-hours")?.value == .number(10_000), "the quota stays")
        _ = try await data.perform(ApplyPreset(preset: .strict, isTrial: true))
        #expect(try await service("organisation-external-per-24-hours")?.value == .number(5000))

        _ = try await add("sales", to: data)
        _ = try await data.perform(ApplyPreset(preset: .none))
        #expect(try await order(data) == ["0 sales"])
        #expect(try await data.perform(ListServiceLimits()) == [])
        let acts = try await data.store.read { try $0.audit(limit: 100) }.filter { $0.action == "policy.preset" }
        #expect(acts.map(\.target) == ["none", "none", "strict", "strict", "strict", "strict", "standard", "standard"])
        #expect(acts.allSatisfy { $0.reason == "a test" && $0.actor == "local:tester" })
    }

    @Test func whatIsNoPresetIsRefused() async throws {
        let data = try await TestData()
        await fails(.invalid) { try await data.perform(ApplyPreset(preset: .standard, licences: 5, isTrial: true)) }
        await fails(.invalid) { try await data.perform(ApplyPreset(preset: .standard, licences: 0)) }
        await fails(.invalid) { try await data.perform(ApplyPreset(preset: .standard, timeZone: "Mars/Olympus")) }
        await fails(.invalid) { try await data.perform(ApplyPreset(preset: .none, licences: 5)) }
        #expect(try await data.perform(ListPolicies()) == [])
    }

    @Test func aPolicyThatIsPutInBetweenPushesTheOthersDown() async throws {
        let data = try await TestData()
        _ = try await data.perform(ApplyPreset(preset: .standard))
        for name in ["a", "b", "c"] { _ = try await add(name, to: data) }
        #expect(try await order(data) == ["0 a", "1 b", "2 c", "-1 default"])
        #expect(try await add("first", at: 0, to: data).priority == 0)
        #expect(try await order(data) == ["0 first", "1 a", "2 b", "3 c", "-1 default"])
        var changes = PolicyChanges()
        changes.priority = 1
        _ = try await data.perform(ChangePolicy(policy: "c", changes: changes))
        #expect(try await order(data) == ["0 first", "1 c", "2 a", "3 b", "-1 default"])
        changes.priority = 99
        #expect(try await data.perform(ChangePolicy(policy: "first", changes: changes)).priority == 3)
        #expect(try await order(data) == ["0 c", "1 a", "2 b", "3 first", "-1 default"])
        changes.priority = nil
        changes.externalPerHour = 9
        let changed = try await data.perform(ChangePolicy(policy: "a", changes: changes))
        #expect(changed.priority == 1 && changed.externalPerHour == 9)
        _ = try await data.perform(RemovePolicy(policy: "a"))
        _ = try await add("last", to: data)
        #expect(try await data.perform(ListPolicies()).map(\.name) == ["c", "b", "first", "last", "default"])
    }

    @Test func thePolicyOfAllStaysThatOfAll() async throws {
        let data = try await TestData()
        _ = try await data.perform(ApplyPreset(preset: .standard))
        await fails(.invalid) { try await data.perform(RemovePolicy(policy: "default")) }
        await fails(.invalid) { try await data.perform(SetPolicyEnabled(policy: "default", isEnabled: false)) }
        var changes = PolicyChanges()
        changes.domains = [DomainName("example.org")!]
        await fails(.invalid) { [changes] in try await data.perform(ChangePolicy(policy: "default", changes: changes)) }
        changes.domains = nil
        changes.externalPerHour = 5
        #expect(try await data.perform(ChangePolicy(policy: "default", changes: changes)).externalPerHour == 5)
        await fails(.invalid) { try await self.add("Default", to: data) }
    }

    @Test func aPolicyIsCheckedBeforeItIsPut() async throws {
        let data = try await TestData()
        await fails(.invalid) { try await self.add(String(repeating: "x", count: 65), to: data) }
        await fails(.invalid) { try await self.add("no spaces", to: data) }
        _ = try await add(String(repeating: "x", count: 64), to: data)
        await fails(.conflict) { try await self.add(String(repeating: "x", count: 64), to: data) }
        var unknown = SendingPolicy(name: "y", priority: 0)
        unknown.scope.groups = ["nobody@example.org"]
        await fails(.notFound) { [unknown] in try await data.perform(AddPolicy(policy: unknown, place: nil)) }
        unknown.scope.groups = []
        unknown.externalPerHour = -1
        await fails(.invalid) { [unknown] in try await data.perform(AddPolicy(policy: unknown, place: nil)) }
        await fails(.notFound) { try await data.perform(SetPolicyEnabled(policy: "y", isEnabled: false)) }
        await fails(.notFound) { try await data.perform(RemovePolicy(policy: "y")) }
    }

    @Test func aServiceLimitTakesWhatItsKindAllows() async throws {
        let data = try await TestData()
        let set = try await data.perform(
            SetServiceLimit(limit: "messages-per-minute", value: .number(60), action: .defer, failsOpen: true))
        #expect(set.value == .number(60) && set.action == .defer && set.failsOpen && set.window == .minute)
        let kept = try await data.perform(SetServiceLimit(limit: "messages-per-minute", value: .number(70)))
        #expect(kept.action == .defer && kept.failsOpen, "what is not given stays")
        #expect(try await data.perform(SetServiceLimit(limit: "messages-per-minute", value: .number(0))).action == nil)
        #expect(try await data.perform(SetServiceLimit(limit: "restricts-internal", value: .flag(false))).value == .flag(false))
        #expect(try await data.perform(SetServiceLimit(limit: "time-zone", value: .text("Asia/Tokyo"))).value == .text("Asia/Tokyo"))
        #expect(try await data.perform(SetServiceLimit(limit: "spam-per-hour", value: .number(3))).value == .number(3))
        let service = try #require(try await data.administration().directory().service)
        #expect(service.detection.perHour == 3 && !service.restrictsInternal && service.timeZone == "Asia/Tokyo")
        await fails(.invalid) { try await data.perform(SetServiceLimit(limit: "time-zone", value: .text("nowhere"))) }
        await fails(.invalid) { try await data.perform(SetServiceLimit(limit: "messages-per-minute", value: .text("many"))) }
        await fails(.invalid) { try await data.perform(SetServiceLimit(limit: "slowest-release-hours", value: .number(0))) }
        await fails(.invalid) { try await data.perform(SetServiceLimit(limit: "spam-per-hour", value: .number(1), action: .hold)) }
        await fails(.invalid) { try await data.perform(SetServiceLimit(limit: "external-per-hour", value: .number(1))) }
        await fails(.notFound) { try await data.perform(SetServiceLimit(limit: "nonsense", value: .number(1))) }
    }
}
