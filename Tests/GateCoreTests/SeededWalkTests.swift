import DeliveryPlanning
import Foundation
import MailModel
import OutboundPolicy
import Testing

/// A seeded random walk over the gate's core: the promises are checked after each event. A failure names its seed; run it alone with
/// `POSTERN_SEED=<seed> swift test --filter SeededWalk`, or more of them with `POSTERN_SEEDS=<count>`.
@Suite struct SeededWalkTests {
    static let seeds: [UInt64] = {
        let environment = ProcessInfo.processInfo.environment
        if let seed = environment["POSTERN_SEED"].flatMap(UInt64.init) { return [seed] }
        return Array(1...(environment["POSTERN_SEEDS"].flatMap(UInt64.init) ?? 200))
    }()

    @Test(arguments: seeds) func promisesHoldAfterEachEvent(seed: UInt64) {
        var world = World(seed: seed)
        for step in 0..<600 {
            world.step()
            world.check()
            guard world.problems.isEmpty else {
                Issue.record("seed \(seed), step \(step): \(world.problems.prefix(3).joined(separator: "; "))")
                return
            }
        }
        world.settleDown()
        #expect(world.problems.isEmpty, "seed \(seed): \(world.problems.prefix(3))")
        #expect(world.openRecipients == 0, "seed \(seed): \(world.openRecipients) recipients were never settled")
    }

    /// The walk meets what the promise is about: mail to addresses that are on the list ends as suppressed.
    @Test func suppressedMailIsMetInTheWalk() {
        var ended = 0
        var delivered = 0
        for seed in SeededWalkTests.seeds.prefix(20) {
            var world = World(seed: seed)
            for _ in 0..<600 { world.step() }
            ended += world.rows.values.count { $0.recipient.state == .suppressed }
            delivered += world.rows.values.count { $0.recipient.state == .delivered }
        }
        #expect(ended > 50 && delivered > 50, "\(ended) suppressed, \(delivered) delivered")
    }

    /// Who arrived twice was in flight, or not settled, when its lease was lost or the process died; all of it is counted.
    @Test func leasesAreLostInTheWalkAndWhatThatCostsIsCounted() {
        var losses = 0
        var uncertain = 0
        var late = 0
        for seed in SeededWalkTests.seeds.prefix(60) {
            var world = World(seed: seed)
            for _ in 0..<600 { world.step() }
            world.settleDown()
            losses += world.lease.losses
            uncertain += world.lease.uncertain
            late += world.lease.lateOutcomes
        }
        #expect(losses > 100 && uncertain > 100 && late > 10, "\(losses) losses, \(uncertain) in flight, \(late) late outcomes")
    }
}

extension World {
    static let pauses: [Set<Pause.Scope>] = [[.all], [.external], [.route("relay")], [.sender("connector:app")]]

    /// One thing happens, chosen by the seed.
    mutating func step() {
        switch Int.random(in: 0..<114, using: &random) {
        case 0..<22: submit()
        case 22..<45: commitOne()
        case 45..<55: answerResolve()
        case 55..<68: answerConnect()
        case 68..<84: answerAttempt()
        case 84..<86: peerCloses()
        case 86..<92: passTime(.milliseconds(Int64.random(in: 1...900_000, using: &random)))
        case 92: setPauses([])
        case 93: setPauses(World.pauses.randomElement(using: &random)!)
        case 94: act(.hold, someFilter())
        case 95: act(.release, someFilter())
        case 96: act(.retry, someFilter())
        case 97: act(.cancel, someFilter())
        case 98: crash()
        case 99: stepClock(.milliseconds(Int64.random(in: -20_000...20_000, using: &random)))
        case 100..<102: otherNodeTakesOver()
        case 102..<104: otherNodeClaims()
        case 106..<108: changeAddresses()
        case 108..<110: changeSourcesElsewhere()
        case 110..<114: changeSuppressions()
        default: otherNodeSettles()
        }
    }

    /// Faults end, pauses are lifted, held mail is released: everything must come to an end in bounded time.
    /// `takesOver`: false leaves alone what a run of this node holds for good.
    mutating func settleDown(rounds: Int = 20_000, takesOver: Bool = true) {
        hasFaults = false
        otherNodeStops()
        changeAddresses(all: true)
        removeSuppressions()
        readSuppressions()
        setPauses([])
        act(.release, QueueFilter())
        for _ in 0..<rounds {
            // What is under way is looked at first: to count the open recipients is the dear part.
            guard !works.isEmpty || !attempting.isEmpty || openRecipients > 0 else { return }
            if works.isEmpty, resolving.isEmpty, connecting.isEmpty, attempting.isEmpty {
                passTime(.seconds(600))
                if takesOver { otherNodeTakesOver() }
            }
            commitOne()
            answerResolve()
            answerConnect()
            answerAttempt()
            check()
            guard problems.isEmpty else { return }
        }
    }
}
