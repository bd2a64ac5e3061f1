import Foundation
import MailModel
import OutboundPolicy
import ProviderTwin
import Simulation
import Testing

@Suite struct SimulationTests {
    static let start = Timestamp(seconds: 1_795_338_000)

    /// 500 external recipients an hour, no limit of a day, the user restricted; the mail comes at once.
    static func plan(_ messages: Int, _ way: SimulationPlan.Way) throws -> SimulationPlan {
        var tenant = ExchangeTenant.contoso
        tenant.defaultPolicy.externalPerHour = 500
        tenant.defaultPolicy.action = .blockUser
        let batch = SimulationPlan.Batch(
            name: "invitation", at: start, messages: messages, domains: [try #require(DomainName("example.com"))])
        return SimulationPlan(
            start: start, batches: [batch], way: way, mailbox: try #require(EmailAddress("app@contoso.test")), tenant: tenant,
            longest: .seconds(5 * 86_400))
    }

    /// On a thread of its own: a simulation keeps a processor for many seconds, and other tests wait for the pool's threads.
    private static func aside<Outcome: Sendable>(_ body: @escaping @Sendable () -> Outcome) async -> Outcome {
        await withCheckedContinuation { continuation in Thread.detachNewThread { continuation.resume(returning: body()) } }
    }

    private static func run(_ plan: SimulationPlan) async -> SimulationReport { await aside { Simulation.run(plan) } }

    @Test func `with the preset of a mailbox nine thousand messages go without one refusal`() async throws {
        let report = try await SimulationTests.run(SimulationTests.plan(9000, .gate(ShapingPreset.microsoft365Mailbox.limits)))
        #expect(report.problems == [])
        #expect(report.delivered == 9000 && report.failed == 0 && report.waiting == 0)
        #expect(report.refusals == 0 && report.restricted.isEmpty, "\(report.answers)")
        // 9,000 at 500 an hour are 18 hours at least.
        let finished = try #require(report.finishedAt)
        #expect(finished >= SimulationTests.start + .seconds(17 * 3600) && finished <= SimulationTests.start + .seconds(30 * 3600))
    }

    @Test func `a program that just sends is restricted within the first hour`() async throws {
        let plan = try SimulationTests.plan(9000, .script)
        let report = await SimulationTests.run(plan)
        let restricted = try #require(report.restricted.first)
        #expect(restricted.at < SimulationTests.start + .seconds(3600))
        #expect(report.delivered == 500 && report.failed == 8500)
        #expect(report.answers.contains { $0.reply == "550 5.1.8 Access denied, bad outbound sender AS(42004)" && $0.count == 8500 })
        let better = try #require(await SimulationTests.aside { Simulation.proposal(for: plan, ended: report) })
        #expect(better.report.isGood && better.words.contains("500 recipients per hour"))
    }

    @Test func `a gate whose limits are too wide is stopped once, and does not go on`() async throws {
        var plan = try SimulationTests.plan(2000, .gate(ShapingLimits(connections: 3)))
        plan.longest = .seconds(3 * 3600)
        let report = await SimulationTests.run(plan)
        #expect(report.restricted.count == 1 && report.stops.count == 1)
        // What was on its way on three connections, and no probe within three hours.
        #expect(report.refusals <= 3 && report.waiting >= 1490, "\(report.answers)")
        #expect(report.problems == [])
    }

    /// Straight to the receivers, from an address that they do not know.
    private static func direct(_ messages: Int, _ warmUp: WarmUpPlan?) throws -> SimulationPlan {
        let (gmail, yahoo) = (try #require(DomainName("gmail.com")), try #require(DomainName("yahoo.com")))
        var demands = ReceiverDemands(.gmail)
        (demands.startVolume, demands.growthPercent) = (60, 300)
        var plan = try plan(messages, .gate(ShapingLimits()))
        plan.batches[0].domains = [gmail, gmail, yahoo]
        plan.target = .receivers(
            providers: [gmail: .gmail, yahoo: .yahoo], demands: [.gmail: demands, .yahoo: ReceiverDemands(.yahoo)], warmUp: warmUp)
        plan.longest = .seconds(2 * 86_400)
        return plan
    }

    @Test func `receivers that expect a warm-up defer what comes at once, and take it by a calendar`() async throws {
        let plan = try SimulationTests.direct(300, nil)
        let report = await SimulationTests.run(plan)
        #expect(report.problems == [])
        #expect(report.refusals > 0 && report.answers.contains { $0.reply.hasPrefix("421 4.7.28 Gmail has detected an unusual rate") })
        let better = try #require(await SimulationTests.aside { Simulation.proposal(for: plan, ended: report) })
        #expect(better.report.isGood && better.report.delivered == 300 && better.warmUp != nil, "\(better.words)")
        #expect(try #require(better.report.finishedAt) > SimulationTests.start + .seconds(86_400))
    }

    @Test func `Postern's own limits restrict one sender, and the other one's mail goes on`() async throws {
        var plan = try SimulationTests.plan(300, .gate(ShapingPreset.microsoft365Mailbox.limits))
        var other = plan.batches[0]
        (other.sender, other.messages) = (EmailAddress("anna@contoso.test"), 20)
        plan.batches.append(other)
        for index in plan.tenant.mailboxes.indices { plan.tenant.mailboxes[index].sendAs = Set([other.sender].compactMap { $0 }) }
        var policy = SendingPolicy(name: SendingPolicy.defaultName, priority: 0)
        (policy.externalPerHour, policy.action) = (100, .restrict)
        plan.policy = policy
        plan.longest = .seconds(3600)
        let finished = plan
        let report = await SimulationTests.run(finished)
        #expect(report.problems == [])
        #expect(report.restricted.map(\.entity) == ["sender:app@contoso.test"], "\(report.restricted)")
        #expect(report.restricted.first?.reason.contains("100 of 100 external recipients") == true)
        #expect(report.refusedBefore.reduce(0) { $0 + $1.count } == 200 && report.refusals == 0 && report.delivered >= 20)
        #expect(await SimulationTests.aside { Simulation.proposal(for: finished, ended: report) == nil })
    }

    @Test func `the same seed gives the same run`() async {
        let walks = await SimulationTests.aside { [7, 7, 8].map { Simulation.walk(seed: $0) } }
        #expect(walks[0] == walks[1])
        #expect(walks[0] != walks[2])
    }

    /// Crashes, a slow and failing store, dropped connections, lost answers, greylisting. A failure names its seed:
    /// `postern simulate --seeds N --first-seed SEED` runs it again.
    @Test(arguments: 0..<8) func `the promises hold with faults`(_ part: Int) async {
        for seed in (part * 25)..<(part * 25 + 25) {
            let report = await SimulationTests.aside { Simulation.walk(seed: UInt64(seed)) }
            #expect(report.accidents > 0 && report.submitted > 0)
            #expect(report.problems == [], "seed \(seed): \(report.problems.prefix(3))")
        }
    }

    @Test func `the picture shows what happened`() async throws {
        let report = try await SimulationTests.run(SimulationTests.plan(600, .script))
        let text = SimulationPicture.text(report)
        #expect(text.count == 5 && text[2].hasPrefix("refused") && text[2].contains("█"))
        let svg = SimulationPicture.svg(report)
        #expect(svg.hasPrefix("<svg ") && svg.hasSuffix("</svg>\n"))
    }
}
