import MailModel
import Testing

/// The seeded walk with risky mail, while people change pools, release and retry, and processes die.
@Suite struct PoolWalkTests {
    @Test(arguments: SeededWalkTests.seeds) func riskyMailNeverLeavesByAnotherPool(seed: UInt64) {
        var world = World(seed: seed)
        world.riskyPercent = 40
        for step in 0..<600 {
            world.livesWithPools(step)
            world.step()
            guard world.problems.isEmpty else {
                Issue.record("seed \(seed), step \(step): \(world.problems.prefix(3).joined(separator: "; "))")
                return
            }
        }
        world.checkRecords()
        world.settleDown()
        #expect(world.problems.isEmpty, "seed \(seed): \(world.problems.prefix(3))")
        #expect(world.openRecipients == 0, "seed \(seed): \(world.openRecipients) recipients were never settled")
    }

    /// A walk in which nothing risky leaves proves nothing.
    @Test func riskyMailLeavesInTheWalk() {
        var attempts = 0
        for seed in SeededWalkTests.seeds.prefix(40) {
            var world = World(seed: seed)
            world.riskyPercent = 40
            for step in 0..<600 {
                world.livesWithPools(step)
                world.step()
            }
            world.settleDown()
            attempts += world.riskyAttempts
        }
        #expect(attempts > 100)
    }
}
