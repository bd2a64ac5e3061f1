import DeliveryPlanning
import MailModel
import OutboundPolicy
import OwnThreads
import Storage
import Testing

@testable import PosternRuntime

@Suite(.ownThreads) struct WarmUpOperationTests {
    private func data() async throws -> TestData {
        let data = try await TestData()
        let source = EgressSource(name: "vienna", helloName: DomainName("vienna.example.org"), createdAt: TestData.now)
        _ = try await data.perform(AddSource(source: source))
        return data
    }

    @Test func anotherCalendarKeepsTheDayAndAStepBackKeepsTheCalendar() async throws {
        let data = try await data()
        let begun = try await data.perform(SetWarmUp(source: "vienna", provider: .google, plan: .careful, day: 5))
        #expect(begun.plan == "careful" && begun.day == 5 && begun.cap == 100)
        let back = try await data.perform(SetWarmUp(source: "vienna", provider: .google, day: 3))
        #expect(back.plan == "careful" && back.day == 3)
        let own = try await data.perform(SetWarmUp(source: "vienna", provider: .google, caps: [7, 8, 9, 10]))
        #expect(own.plan == "own" && own.day == 3 && own.cap == 9)
        #expect(try await data.perform(SetWarmUp(source: "vienna")).plan == "standard")
        let shown = try await data.perform(ShowWarmUp(name: "vienna:google"))
        let today = try #require(shown.calendar?.first)
        #expect(today.state == .today && today.cap == 9 && today.sent == 0 && today.texts.count == 2)
        #expect(today.texts[1].hasPrefix("put to day 3 by "))
        #expect(shown.calendar?.map(\.state) == [.today, .coming, .warm])
    }

    @Test func whatLeftStandsInTheCalendar() async throws {
        let data = try await data()
        _ = try await data.perform(SetWarmUp(source: "vienna"))
        let counter = ShapingCounter(warmUp: "vienna:all")
        let call = CounterCall(
            key: CounterKey(name: counter.name, window: counter.window), owner: 7, used: 12, wanted: 0, limit: 0, at: TestData.now)
        _ = try await data.administration().store.perform(.count(call))
        #expect(try await data.perform(ShowWarmUp(name: "vienna:all")).calendar?.first?.sent == 12)
        #expect(try await data.perform(ListWarmUps()).first?.calendar == nil)
    }

    @Test func aPauseHasItsReasonAndItsEndIsTold() async throws {
        let data = try await data()
        _ = try await data.perform(SetWarmUp(source: "vienna"))
        let gate = RecordingGate()
        let administration = data.administration(live: gate)
        let act = Act(actor: "account:ada@example.org", reason: "the list was bad", at: TestData.now)
        let paused = try await administration.perform(PauseWarmUp(name: "vienna:all", seconds: 7200), act)
        #expect(paused.state == .paused && paused.reason == "paused by account:ada@example.org: the list was bad")
        #expect(try await administration.perform(PauseWarmUp(name: "vienna:all", seconds: 0), act).pausedUntil.isEmpty)
        _ = try await administration.perform(RemoveWarmUp(name: "vienna:all"), act)
        #expect(gate.recorded.filter { $0.hasPrefix("raise") } == ["raise warm-up-set-back true", "raise warm-up-set-back true"])
    }

    @Test func aSourceSaysForWhomItStepsAside() async throws {
        let data = try await data()
        func hold(_ name: String, _ seconds: Int64) async throws {
            let hold = DeliveryHold(
                subject: .destination(name, source: "vienna"), since: TestData.now, until: TestData.now + .seconds(seconds),
                rule: "google.block", reply: SMTPReply(421, nil, "blocked"), allowsOtherSources: true)
            try await data.administration().put(.deliveryHold, name: hold.key, hold, entry: TestData.act.entry("t", target: hold.key))
        }
        try await hold("google", 3600)
        try await hold("yahoo", -1)
        let view = try #require(try await data.perform(ListSources()).first { $0.name == "vienna" })
        #expect(view.stepsAside.map(\.destination) == ["google"] && view.stepsAside[0].otherSources)
    }
}
