import MailModel
import OutboundPolicy
import OwnThreads
import Testing

@testable import PosternRuntime

/// Asking for more and deciding on it, on a real store.
@Suite(.ownThreads) struct LimitRequestOperationTests {
    private let kim = "account:kim@gate.example.org"
    private let boss = "account:boss@gate.example.org"
    private let end = TestData.now + .seconds(86_400)

    private func perform<Operation: AdministrativeOperation>(
        _ operation: Operation, by actor: String, reason: String = "a fair", after seconds: Int64 = 0, live: (any LiveGate)? = nil,
        _ data: TestData
    ) async throws -> Operation.Outcome {
        let act = Act(actor: actor, reason: reason, at: TestData.now + .seconds(seconds))
        return try await data.administration(live: live).perform(operation, act)
    }

    private func kind(_ body: () async throws -> LimitRequestView) async -> AdministrationError.Kind? {
        let error = await #expect(throws: AdministrationError.self) { _ = try await body() }
        return error?.kind
    }

    private let ask = AskForLimit(sender: "Kim@gate.example.org", limit: "external-per-hour", value: 900)

    @Test func aRequestIsAskedGrantedAndOver() async throws {
        let data = try await TestData()
        let gate = RecordingGate()
        _ = try await data.perform(ApplyPreset(preset: .standard))
        let asked = try await perform(ask, by: kim, live: gate, data)
        #expect(
            asked.state == "open" && asked.sender == "kim@gate.example.org" && asked.askedBy == kim && asked.text == "900 external-per-hour"
        )
        #expect(gate.recorded.contains("raise request-made false"))
        let approve = ApproveLimitRequest(id: asked.id, until: end)
        let granted = try await perform(approve, by: boss, reason: "agreed", live: gate, data)
        #expect(
            granted.state == "granted" && granted.until == end.rfc3339 && granted.decidedBy == boss && granted.decisionReason == "agreed")
        #expect(gate.recorded.contains("raise request-made true"))

        func external(after seconds: Int64) async throws -> String? {
            let show = ShowLimits(subject: "kim@gate.example.org")
            return try await perform(show, by: boss, after: seconds, data).limits
                .first { $0.name == "external-per-hour" }.map { "\($0.value) \($0.source)" }
        }
        #expect(try await external(after: 0) == "900 request:\(asked.id)")
        #expect(try await external(after: 86_400) == "500 policy:default")
        #expect(try await perform(ListLimitRequests(), by: boss, data).map(\.state) == ["granted"])
        #expect(try await perform(ListLimitRequests(), by: boss, after: 86_400, data).isEmpty)
        #expect(try await perform(ListLimitRequests(all: true), by: boss, after: 86_400, data).map(\.state) == ["over"])
        let audit = try await data.perform(ListAudit(limit: 100)).map(\.action)
        #expect(audit.contains("request.add") && audit.contains("request.approve"))
        // What is over makes room.
        let again = try await perform(ask, by: kim, after: 86_400, data)
        #expect(try await perform(ListLimitRequests(all: true), by: boss, after: 86_400, data).map(\.id) == [again.id])
    }

    @Test func nobodyDecidesOnARequestOfItsOwn() async throws {
        let data = try await TestData()
        let asked = try await perform(ask, by: boss, data)
        #expect(await kind { try await perform(ApproveLimitRequest(id: asked.id, until: end), by: boss, data) } == .denied)
        #expect(await kind { try await perform(RefuseLimitRequest(id: asked.id), by: boss, data) } == .denied)
        #expect(await kind { try await perform(ApproveLimitRequest(id: asked.id, until: end), by: kim, data) } == .denied, "for itself")
        // A key of an account is that person.
        var key = APIKey(name: "second", secretHash: "", createdAt: TestData.now)
        key.account = EmailAddress("boss@gate.example.org")
        try await data.administration().put(.apiKey, name: key.name, key, entry: TestData.act.entry("test", target: ""))
        #expect(
            await kind { try await perform(ApproveLimitRequest(id: asked.id, until: end), by: "api-key:second", data) } == .denied)
        // The command line on the machine is whoever runs the machine.
        let own = try await perform(AskForLimit(sender: "kim@gate.example.org", bulk: true), by: "local:root", data)
        #expect(try await perform(ApproveLimitRequest(id: own.id, until: end), by: "local:root", data).state == "granted")
        #expect(try await data.perform(ShowLimits(subject: "kim@gate.example.org")).trafficClass == "campaign")
    }

    @Test func aRequestIsDecidedOnce() async throws {
        let data = try await TestData()
        let asked = try await perform(ask, by: kim, data)
        #expect(await kind { try await perform(ask, by: kim, after: 1, data) } == .conflict, "it is open")
        #expect(try await perform(RefuseLimitRequest(id: asked.id), by: boss, data).state == "refused")
        #expect(await kind { try await perform(ApproveLimitRequest(id: asked.id, until: end), by: boss, data) } == .conflict)
        #expect(await kind { try await perform(RefuseLimitRequest(id: "Q1"), by: boss, data) } == .notFound)
    }

    @Test func whatCannotBeAskedForIsRefused() async throws {
        let data = try await TestData()
        for wrong in [
            AskForLimit(sender: "kim@gate.example.org"), AskForLimit(sender: "kim@gate.example.org", limit: "external-per-hour"),
            AskForLimit(sender: "kim@gate.example.org", limit: "external-per-hour", value: 0),
            AskForLimit(sender: "kim@gate.example.org", limit: "external-per-hour", value: 5, bulk: true),
            AskForLimit(sender: "kim@gate.example.org", limit: "organisation-external-per-24-hours", value: 5),
            AskForLimit(sender: "kim@gate.example.org", value: 5, bulk: true), AskForLimit(sender: "organisation", bulk: true),
        ] {
            #expect(await kind { try await perform(wrong, by: kim, data) } == .invalid, "\(wrong)")
        }
        #expect(await kind { try await perform(ask, by: kim, reason: "", data) } == .invalid)
        let asked = try await perform(ask, by: kim, data)
        for until in [TestData.now, TestData.now + .seconds(366 * 86_400 + 1)] {
            #expect(await kind { try await perform(ApproveLimitRequest(id: asked.id, until: until), by: boss, data) } == .invalid)
        }
        #expect(await kind { try await perform(RefuseLimitRequest(id: asked.id), by: boss, reason: "", data) } == .invalid)
    }
}
