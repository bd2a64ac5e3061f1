import MailModel
import OutboundPolicy
import Testing

@testable import DeliveryPlanning

@Suite struct LaneTests {
    private func entry(_ number: Int64, _ lane: TrafficLane) -> Entry {
        Entry(message: MessageID(number), indices: [0], ticket: number, lane: lane)
    }

    private func drain(_ queue: inout ReadyQueue) -> [Int64] {
        var order: [Int64] = []
        while let entry = queue.next() { order.append(entry.message.value) }
        return order
    }

    @Test func aHigherLaneGoesFirstAndALowerOneHasItsTurns() {
        var queue = ReadyQueue()
        for number in 1...3 { queue.append(entry(Int64(100 + number), .bulk), tenant: .standard, sender: "news") }
        for number in 1...8 { queue.append(entry(Int64(number), .transactional), tenant: .standard, sender: "app") }
        #expect(drain(&queue) == [1, 2, 3, 4, 101, 5, 6, 7, 8, 102, 103])
        #expect(queue.isEmpty)
    }

    @Test func tenantsTakeTurnsAndSoDoTheirSenders() {
        var queue = ReadyQueue()
        for number in 1...4 { queue.append(entry(Int64(number), .bulk), tenant: TenantID(1), sender: "a") }
        for number in 11...12 { queue.append(entry(Int64(number), .bulk), tenant: TenantID(1), sender: "b") }
        for number in 21...23 { queue.append(entry(Int64(number), .bulk), tenant: TenantID(2), sender: "c") }
        #expect(drain(&queue) == [1, 2, 21, 11, 22, 3, 23, 12, 4])
    }

    @Test func whatIsPutBackGoesFirst() {
        var queue = ReadyQueue()
        queue.append(entry(1, .transactional), tenant: .standard, sender: "a")
        queue.prepend(entry(2, .bulk))
        #expect(queue.count == 2 && queue.best == .bulk)
        #expect(drain(&queue) == [2, 1])
    }

    @Test func aLaneThatMayNotGoLetsTheOthersPass() {
        var queue = ReadyQueue()
        queue.append(entry(1, .transactional), tenant: .standard, sender: "a")
        queue.append(entry(2, .bulk), tenant: .standard, sender: "b")
        #expect(queue.next { $0.lane == .bulk }?.message == MessageID(2))
        #expect(queue.next { $0.lane == .bulk } == nil)
        #expect(queue.count == 1)
    }

    /// Whatever is put in comes out once, in any mixture.
    @Test(arguments: [UInt64(1), 2, 3, 4]) func nothingIsLostOrDoubled(seed: UInt64) {
        var random = SeededGenerator(seed)
        var queue = ReadyQueue()
        var inside: Set<Int64> = []
        for number in 1...3000 {
            if Int.random(in: 0..<5, using: &random) < 3 {
                let lane = TrafficLane.allCases.randomElement(using: &random)!
                let entry = entry(Int64(number), lane)
                if Int.random(in: 0..<20, using: &random) == 0 {
                    queue.prepend(entry)
                } else {
                    let tenant = Int32.random(in: 1...3, using: &random)
                    queue.append(entry, tenant: TenantID(tenant), sender: "s\(Int.random(in: 0..<4, using: &random))")
                }
                inside.insert(Int64(number))
            } else if let entry = queue.next() {
                #expect(inside.remove(entry.message.value) != nil)
            }
            #expect(queue.count == inside.count)
        }
        #expect(Set(queue.entries.map(\.message.value)) == inside)
        #expect(Set(queue.takeAll().map(\.message.value)) == inside && queue.isEmpty)
    }

    private func resets(_ world: inout ShapedWorld, seconds: Int) {
        for second in 1..<seconds { world.at(Double(second) + 0.3) { $0.submit(.application, from: "reset@home.test") } }
    }

    private func percentile(_ waits: [Double]) -> Double { waits[min(waits.count - 1, waits.count * 99 / 100)] }

    @Test func aPasswordResetDoesNotWaitForANewsletter() {
        var world = ShapedWorld(receiver: HiddenReceiver { $0.latency = .milliseconds(1000) })
        world.store(100_000, .campaign, from: "news@home.test")
        resets(&world, seconds: 300)
        world.run(seconds: 300)
        let waits = world.waits(of: "reset@home.test")
        #expect(waits.count >= 297)
        #expect(percentile(waits) < 2, "\(percentile(waits))")
        // And the newsletter goes on.
        #expect(world.attempts.count > 5500)
    }

    @Test func onALimitedRouteItWaitsForLessThanTwoOfItsSlots() {
        var limits = ShapingPreset.microsoft365Mailbox.limits
        limits.rates.removeAll { $0.period == .hour }
        var world = ShapedWorld([ShapedWorld.policy(limits)])
        world.store(100_000, .campaign, from: "news@home.test")
        for second in stride(from: 11, to: 1200, by: 9) {
            world.at(Double(second) + 0.7) { $0.submit(.application, from: "reset@home.test") }
        }
        world.run(seconds: 1200)
        let waits = world.waits(of: "reset@home.test")
        #expect(waits.count >= 130)
        // A slot of 30 a minute: two seconds.
        #expect(percentile(waits) < 4, "\(percentile(waits))")
        #expect(world.most(in: .seconds(60)) <= 30)
        #expect(world.attempts.count >= 540)
    }

    @Test func noTenantStarvesAnother() {
        var world = ShapedWorld([ShapedWorld.policy(ShapingLimits(rates: [ShapingRate(10, .messages, per: .second)]))])
        for _ in 0..<300 { world.submit(.campaign, from: "big@one.test", tenant: TenantID(1)) }
        for _ in 0..<50 { world.submit(.campaign, from: "small@two.test", tenant: TenantID(2)) }
        world.run(seconds: 12)
        #expect(world.waits(of: "small@two.test").count >= 45)
    }
}
