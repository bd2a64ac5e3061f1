import MailModel
import OutboundPolicy
import Testing

@testable import DeliveryPlanning

/// No configured limit is exceeded in any window, message by message, restarts included.
@Suite struct ShapingWeekTests {
    private static let day: Double = 86_400

    @Test func aMailboxOfMicrosoft365StaysInsideItsLimitsForAWeek() {
        // A smaller one of the same shape, so that a week of it is soon simulated.
        let limits = ShapingLimits(
            connections: 3, messagesPerConnection: 20, recipientsPerMessage: 5,
            rates: [
                ShapingRate(6, .messages, per: .minute), ShapingRate(150, .messages, per: .hour), ShapingRate(2000, .recipients, per: .day),
                ShapingRate(4, .connections, per: .minute),
            ])
        var world = ShapedWorld([ShapedWorld.policy("mailbox", limits, ShapingScope(route: "relay"))]) { settings, _ in
            settings.claimAtLeastEvery = .seconds(300)
        }
        world.tickLength = .seconds(5)
        var random = SeededGenerator(11)
        // Newsletters, and people in between.
        for day in 0..<7 {
            world.at(Double(day) * ShapingWeekTests.day + 30_000) { world in
                for index in 0..<600 { world.submit(.campaign, from: "news@home.test", recipients: index % 3 + 1) }
            }
            for _ in 0..<150 {
                let second = Double(day) * ShapingWeekTests.day + Double.random(in: 0..<ShapingWeekTests.day, using: &random)
                world.at(second) {
                    $0.submit(.application, from: "app@home.test", recipients: second.truncatingRemainder(dividingBy: 8) < 1 ? 8 : 1)
                }
            }
            for _ in 0..<3 {
                world.at(Double(day) * ShapingWeekTests.day + Double.random(in: 30_000..<60_000, using: &random)) { $0.restart() }
            }
        }
        world.run(seconds: 7 * ShapingWeekTests.day)
        #expect(world.broken == [])
        #expect(world.attempts.count > 4000)
        #expect(world.most(in: .seconds(60)) <= 6)
        #expect(world.most(in: .seconds(3600)) <= 150)
        #expect(world.most(in: .seconds(86_400)) { $0.recipients } <= 2000)
        #expect(world.attempts.allSatisfy { $0.recipients <= 5 })
        #expect(world.openPeak <= 3)
        let opened = world.opened
        for (index, time) in opened.enumerated() where index >= 4 { #expect(opened[index - 4] + .seconds(60) <= time) }
        let byConnection = Dictionary(grouping: world.attempts) { $0.connection }
        #expect(byConnection.values.filter { $0.count > 20 }.isEmpty)
        // And it was used: everything that there was has left, people's mail first.
        #expect(world.delivered >= 7 * 600 + 7 * 150)
    }

    /// The process dies in the middle of everything, each time between two messages of a burst, and its store is opened again.
    @Test func aWeekOverARealStoreThatIsReopenedStaysInsideItsLimits() throws {
        let limits = ShapingLimits(
            recipientsPerMessage: 5,
            rates: [
                ShapingRate(6, .messages, per: .minute), ShapingRate(60, .messages, per: .hour), ShapingRate(400, .recipients, per: .day),
            ])
        var world = ShapedWorld([ShapedWorld.policy("mailbox", limits, ShapingScope(route: "relay"))]) { settings, _ in
            settings.claimAtLeastEvery = .seconds(300)
        }
        let counters = try StoredCounters(at: ShapedWorld.start)
        world.counters = counters
        world.tickLength = .seconds(10)
        var random = SeededGenerator(23)
        for day in 0..<7 {
            let morning = Double(day) * ShapingWeekTests.day + 30_000
            world.at(morning) { world in
                for index in 0..<160 { world.submit(.campaign, from: "news@home.test", recipients: index % 3 + 1) }
            }
            for _ in 0..<20 {
                world.at(Double(day) * ShapingWeekTests.day + Double.random(in: 0..<ShapingWeekTests.day, using: &random)) {
                    $0.submit(.application, from: "app@home.test")
                }
            }
            for _ in 0..<4 { world.at(morning + Double.random(in: 0..<14_400, using: &random)) { $0.restart() } }
        }
        world.run(seconds: 7 * ShapingWeekTests.day)
        #expect(counters.faults == [] && counters.reopened == 28)
        #expect(world.broken == [])
        #expect(world.most(in: .seconds(60)) <= 6)
        #expect(world.most(in: .seconds(3600)) <= 60)
        #expect(world.most(in: .seconds(86_400)) { $0.recipients } <= 400)
        // And it was used.
        #expect(world.attempts.count >= 900, "\(world.attempts.count)")
    }

    @Test func aDaysRecipientsAreUsedUpAndNotExceeded() {
        let limits = ShapingLimits(rates: [ShapingRate(500, .recipients, per: .day)])
        var world = ShapedWorld([ShapedWorld.policy(limits)])
        world.tickLength = .seconds(10)
        world.store(2000, .campaign, from: "news@home.test")
        world.at(40_000) { $0.submit() }
        world.at(50_000) { $0.restart() }
        world.run(seconds: 3 * ShapingWeekTests.day)
        #expect(world.most(in: .seconds(86_400)) { $0.recipients } <= 500)
        // Nine tenths for bulk, each day; and a tenth was kept for whoever cannot wait.
        #expect(world.begun(from: 0, to: 3 * ShapingWeekTests.day) >= 1250)
        #expect((world.waits(of: "app@home.test").first ?? 1e9) < 1)
    }

    @Test func ratesOfASecondAndTheirUse() {
        let limits = ShapingLimits(rates: [ShapingRate(50, .messages, per: .second)])
        var world = ShapedWorld([ShapedWorld.policy(limits)])
        world.store(4000, .campaign, from: "news@home.test")
        world.at(20) { $0.restart() }
        world.run(seconds: 60)
        #expect(world.most(in: .seconds(1)) <= 50)
        #expect(world.attempts.count >= 2700)
    }

    @Test func nothingLeavesOutsideOfItsHours() throws {
        // The bench begins at 08:00 UTC.
        let limits = ShapingLimits(hours: [try #require(SendingHours("10:00-11:00"))])
        var world = ShapedWorld([ShapedWorld.policy(limits)])
        for _ in 0..<300 { world.submit() }
        world.run(seconds: 4 * 3600)
        #expect(world.attempts.count == 300)
        #expect(world.begun(from: 2 * 3600, to: 3 * 3600) == 300)
    }

    /// What waits says for what, and until when.
    @Test func aWaitHasAReasonAndAnEnd() throws {
        var world = ShapedWorld([ShapedWorld.policy("slow", ShapingLimits(rates: [ShapingRate(1, .messages, per: .minute)]))])
        world.submit()
        world.submit()
        world.run(seconds: 70)
        #expect(world.attempts.count == 1)
        let wait = try #require(
            world.queue.waits(
                for: EmailAddress("r0@one.test")!, from: "app@home.test", reversePath: .null, tenant: .standard, lane: .transactional,
                at: world.now))
        #expect(wait.reason == "shaping policy slow: 1 messages per minute")
        let until = try #require(wait.until)
        #expect(until > world.now && until <= world.now + .seconds(60))
    }
}
