import MailModel
import OutboundPolicy
import Testing

@testable import DeliveryPlanning

/// Against a receiver that answers 421 above a limit that nobody knows.
@Suite struct ReactionTests {
    /// Postfix's own study: 49.7 % of deferrals with steps of one, 16.5 % with 1/N.
    private static let deferralsMax = 0.165

    @Test(arguments: [60, 300, 1200])
    func aHiddenRateIsFoundAndUsed(perMinute: Int) {
        var world = ShapedWorld(receiver: HiddenReceiver { $0.perMinute = perMinute })
        world.store(perMinute * 65, .campaign, from: "news@home.test")
        world.run(seconds: 3600)
        #expect(world.broken == [])
        let attempts = Double(world.delivered + world.deferrals)
        #expect(Double(world.deferrals) / attempts <= ReactionTests.deferralsMax, "\(world.deferrals) of \(attempts)")
        #expect(Double(world.delivered) >= 0.9 * Double(perMinute) * 60, "\(world.delivered) of \(perMinute * 60)")
    }

    @Test func aRateThatIsHalvedAndDoubledIsFoundWithinMinutes() {
        var world = ShapedWorld(receiver: HiddenReceiver { $0.perMinute = 600 })
        world.store(100_000, .campaign, from: "news@home.test")
        world.at(1800) { $0.receiver.perMinute = 300 }
        world.at(3600) { $0.receiver.perMinute = 600 }
        world.run(seconds: 5400)
        func used(_ from: Double) -> Double { Double(world.begun(from: from, to: from + 600)) / 600 * 60 }
        // Five minutes after the first change, ten after the second.
        #expect((270...340).contains(used(2100)), "\(used(2100))")
        #expect((540...660).contains(used(4200)), "\(used(4200))")
        #expect(Double(world.deferrals) / Double(world.delivered + world.deferrals) <= ReactionTests.deferralsMax)
    }

    @Test(arguments: [2, 5, 12])
    func aHiddenNumberOfConnectionsIsFoundAndUsed(connections: Int) {
        var world = ShapedWorld(
            receiver: HiddenReceiver {
                $0.connectionsMax = connections
                $0.latency = .milliseconds(500)
            })
        world.store(connections * 2 * 1900, .campaign, from: "news@home.test")
        world.run(seconds: 1800)
        #expect(world.broken == [])
        let perSecond = Double(world.delivered) / 1800
        #expect(perSecond >= 0.9 * Double(connections) * 2, "\(perSecond)")
        let tries = Double(world.refusedConnections + world.delivered)
        #expect(Double(world.refusedConnections) / tries <= ReactionTests.deferralsMax, "\(world.refusedConnections) of \(tries)")
        #expect(world.deferrals == 0)
    }

    @Test func connectionsThatAreHalvedAndDoubledAreFoundWithinMinutes() {
        var world = ShapedWorld(
            receiver: HiddenReceiver {
                $0.connectionsMax = 12
                $0.latency = .milliseconds(500)
            })
        world.store(80_000, .campaign, from: "news@home.test")
        world.at(900) { $0.receiver.connectionsMax = 6 }
        world.at(1800) { $0.receiver.connectionsMax = 12 }
        world.run(seconds: 2700)
        func used(_ from: Double) -> Double { Double(world.begun(from: from, to: from + 300)) / 300 / 2 }
        #expect(used(2400) >= 10.8, "\(used(2400))")
        let tries = Double(world.refusedConnections + world.delivered)
        #expect(Double(world.refusedConnections) / tries <= ReactionTests.deferralsMax)
    }

    /// Dead only after whole windows of failures; then one connection at a time looks whether it is back.
    @Test func aDestinationThatDoesNotAnswerIsProbed() {
        var world = ShapedWorld(receiver: HiddenReceiver { $0.isDown = true }) { settings, _ in
            settings.retry = RetrySchedule(waits: [.seconds(60)], jitter: 0)
        }
        for second in 0..<600 { world.at(Double(second)) { $0.submit() } }
        world.at(1200) { $0.receiver.isDown = false }
        world.run(seconds: 1200)
        #expect(world.broken == [])
        // Ten minutes of a message a second: without a memory that would be 600 connections and more.
        #expect(world.opened.count < 30, "\(world.opened.count)")
        #expect(world.opened.count > 5)
        world.run(seconds: 4800)
        #expect(world.delivered == 600)
    }

    @Test func aFallIsRelativeAndTheWayBackGradual() {
        var limit = AdaptiveLimit(20, maximum: 20)
        let now = Timestamp(seconds: 1_800_000_000)
        limit.refused(inUse: 11, begunAt: now, at: now)
        #expect(abs(limit.value - 9.9) < 0.001)
        // What began before says nothing new.
        limit.refused(inUse: 11, begunAt: now, at: now + .seconds(1))
        #expect(abs(limit.value - 9.9) < 0.001)
        limit.succeeded(begunAt: now + .seconds(1), isFull: false)
        #expect(abs(limit.value - 9.9) < 0.001)
        // Not at once.
        limit.succeeded(begunAt: now + .seconds(1), isFull: true)
        #expect(abs(limit.value - 9.9) < 0.001)
        limit.succeeded(begunAt: now + .seconds(11), isFull: true)
        #expect(limit.value > 9.9 && limit.value < 10)
        // The same limit again: a twentieth. A lower one, soon: a larger part.
        limit.refused(inUse: 10, begunAt: now + .seconds(12), at: now + .seconds(12))
        #expect(abs(limit.value - 9.9 * 0.95) < 0.1)
        limit.succeeded(begunAt: now + .seconds(13), isFull: true)
        limit.refused(inUse: 5, begunAt: now + .seconds(14), at: now + .seconds(14))
        #expect(abs(limit.value - 4) < 0.001)
        for second in 15..<100 {
            limit.succeeded(begunAt: now + .seconds(Int64(second)), isFull: true)
            limit.refused(
                inUse: limit.value / 2, begunAt: now + .seconds(Int64(second)) + .milliseconds(1),
                at: now + .seconds(Int64(second)) + .milliseconds(2))
        }
        #expect(limit.value == 1)
    }
}
