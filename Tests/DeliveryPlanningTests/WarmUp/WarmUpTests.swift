import MailModel
import OutboundPolicy
import Testing

@testable import DeliveryPlanning

@Suite struct WarmUpTests {
    /// 2027-01-15T08:00:00Z, as the bench.
    private static let start = ShapedWorld.start
    private static func time(_ day: Int, _ hour: Int64 = 0) -> Timestamp { start + .seconds(Int64(day) * 86_400 + hour * 3600) }

    private func warmUp(_ caps: [Int] = [10, 20, 40]) -> WarmUp {
        WarmUp(source: "new", provider: .google, caps: caps, createdAt: WarmUpTests.start)
    }

    // MARK: - The calendar

    @Test func `a day counts once mail left in it`() {
        var warmUp = warmUp()
        #expect(warmUp.cap(at: WarmUpTests.time(9)) == 10)
        #expect(warmUp.used(at: WarmUpTests.time(9)) == true)
        #expect(warmUp.used(at: WarmUpTests.time(9, 2)) == false)
        #expect(warmUp.cap(at: WarmUpTests.time(9, 5)) == 10)
        #expect(warmUp.cap(at: WarmUpTests.time(10)) == 20)
        #expect(warmUp.used(at: WarmUpTests.time(10)) == true)
        #expect(warmUp.cap(at: WarmUpTests.time(13)) == 40)
        #expect(warmUp.cap(at: WarmUpTests.time(14)) == 20, "after a gap the last step is repeated")
        #expect(warmUp.used(at: WarmUpTests.time(11)) == true)
        #expect(warmUp.used(at: WarmUpTests.time(12)) == true)
        #expect(warmUp.isWarm(at: WarmUpTests.time(12)))
        #expect(warmUp.isWarm(at: WarmUpTests.time(42)))
        #expect(warmUp.cap(at: WarmUpTests.time(43)) == 10, "after 30 quiet days receivers have forgotten it")
        #expect(warmUp.used(at: WarmUpTests.time(43)) == true)
        #expect(warmUp.cap(at: WarmUpTests.time(44)) == 20)
    }

    @Test func `bad signals cost steps, once a day`() {
        var warmUp = warmUp([1, 2, 3, 4, 5])
        for day in 0..<4 { _ = warmUp.used(at: WarmUpTests.time(day)) }
        #expect(warmUp.setBack("421", at: WarmUpTests.time(3, 1)) == true)
        #expect(warmUp.setBack("421", at: WarmUpTests.time(3, 2)) == false)
        #expect(warmUp.isPaused(at: WarmUpTests.time(4)))
        #expect(!warmUp.isPaused(at: WarmUpTests.time(4, 1)))
        #expect(warmUp.cap(at: WarmUpTests.time(3, 3)) == 2)
        #expect(warmUp.cap(at: WarmUpTests.time(4, 2)) == 3)
        #expect(warmUp.reason == "421")
    }

    @Test func `plans rise, and nothing else is a calendar`() {
        for plan in WarmUpPlan.allCases { #expect(warmUp(plan.caps).mistake == nil, "\(plan)") }
        #expect(warmUp([]).mistake != nil)
        #expect(warmUp([10, 5]).mistake != nil)
        #expect(warmUp([0]).mistake != nil)
    }

    // MARK: - The queue

    private func world(_ warmUps: [WarmUp], sources: [String] = ["new", "old"]) -> ShapedWorld {
        var world = ShapedWorld { settings, directory in
            settings.claimAtLeastEvery = .seconds(300)
            directory.routes["relay"]?.sources = sources
            for name in sources where name != EgressSource.standardName {
                directory.sources[name] = EgressSource(name: name, helloName: DomainName("\(name).home.test"), createdAt: ShapedWorld.start)
            }
            for warmUp in warmUps { directory.warmUps[warmUp.name] = warmUp }
        }
        world.tickLength = .seconds(10)
        return world
    }

    private func sent(_ world: ShapedWorld, from source: String, on day: Int64) -> Int {
        world.attempts.reduce(0) { $0 + ($1.source == source && WarmUp.day(of: $1.at) == day ? 1 : 0) }
    }

    @Test func `no day's cap is exceeded in a fortnight, restarts included, and what is over it leaves from the warm source`() {
        let caps = [24, 48, 96, 150, 240, 300]
        let warmUp = WarmUp(source: "new", provider: nil, caps: caps, createdAt: WarmUpTests.start)
        var world = world([warmUp])
        var random = SeededGenerator(5)
        for day in 0..<14 {
            for _ in 0..<400 { world.at(Double(day) * 86_400 + Double.random(in: 0..<80_000, using: &random)) { $0.submit() } }
            for _ in 0..<3 { world.at(Double(day) * 86_400 + Double.random(in: 0..<80_000, using: &random)) { $0.restart() } }
        }
        world.run(seconds: 14 * 86_400)
        #expect(world.broken == [])
        let first = WarmUp.day(of: WarmUpTests.start)
        for (index, cap) in caps.enumerated() {
            let sent = sent(world, from: "new", on: first + Int64(index))
            #expect(sent <= cap, "day \(index + 1)")
            // And it is used, but for what restarts cost.
            #expect(sent * 2 >= cap, "day \(index + 1): \(sent) of \(cap)")
        }
        #expect(sent(world, from: "new", on: first + 10) > 300, "warm: no cap any more")
        #expect(world.delivered == 14 * 400)
        // In any 24 hours, not only from midnight to midnight.
        let new = world.attempts.filter { $0.source == "new" && WarmUp.day(of: $0.at) < first + Int64(caps.count) }.map(\.at)
        for (index, time) in new.enumerated() {
            let cap = caps[Int(WarmUp.day(of: time) - first)]
            #expect(new[...index].count { $0 + .seconds(86_400) > time } <= cap)
        }
        // The longest wait of what could have left from the warm source.
        #expect((world.waits(of: "app@home.test").last ?? 0) < 60)
    }

    @Test func `without a warm source it waits for the next day`() {
        var world = world([WarmUp(source: "new", provider: nil, caps: [24, 48], createdAt: WarmUpTests.start)], sources: ["new"])
        for _ in 0..<60 { world.submit() }
        world.run(seconds: 15 * 3600)
        #expect(world.attempts.count <= 24)
        world.run(seconds: 3 * 86_400)
        #expect(world.delivered == 60)
    }

    @Test func `complaints of receivers pause it and set it back, and its mail takes the warm source`() {
        var world = world([WarmUp(source: "new", provider: nil, caps: [240, 480, 960], createdAt: WarmUpTests.start)])
        world.receiver.refuses = { $0 == "new" }
        for second in 0..<400 { world.at(Double(second) * 30) { $0.submit() } }
        world.run(seconds: 6 * 3600)
        let kept = world.directory.warmUps["new:all"]
        #expect(kept?.setBackOn == WarmUp.day(of: WarmUpTests.start))
        #expect(kept?.reason?.contains("slow down") == true)
        let bad = world.attempts.count { $0.source == "new" }
        #expect(bad < 60, "it stops soon: \(bad)")
        #expect(world.delivered > 300)
    }
}
