import DeliveryPlanning
import MailModel
import Testing

@Suite struct RetryScheduleTests {
    private let now = Timestamp(seconds: 1_800_000_000)

    @Test func eachFailureHasItsWaitAndTheLastRepeats() {
        let schedule = RetrySchedule(waits: [.seconds(10), .seconds(20), .seconds(40)], jitter: 0)
        var random = SeededGenerator(1)
        let waits = [1, 2, 3, 4, 100].map { schedule.nextAttempt(after: $0, at: now, using: &random) - now }
        #expect(waits == [.seconds(10), .seconds(20), .seconds(40), .seconds(40), .seconds(40)])
    }

    @Test func noFailureWaitsAsTheFirst() {
        let schedule = RetrySchedule(waits: [.seconds(10), .seconds(20)], jitter: 0)
        var random = SeededGenerator(1)
        for failures in [Int.min, -1, 0] { #expect(schedule.nextAttempt(after: failures, at: now, using: &random) == now + .seconds(10)) }
    }

    @Test func jitterSpreadsBothWaysAndStaysInItsBounds() {
        let schedule = RetrySchedule(waits: [.seconds(100)], jitter: 0.2)
        var random = SeededGenerator(2)
        let waits = (0..<2000).map { _ in (schedule.nextAttempt(after: 1, at: now, using: &random) - now).milliseconds }
        #expect(waits.allSatisfy { (80_000...120_000).contains($0) })
        #expect(waits.contains { $0 < 82_000 } && waits.contains { $0 > 118_000 })
        #expect(Set(waits).count > 1500)
    }

    @Test func theShortestWaitIsNeverLessThanHalfASecond() {
        let schedule = RetrySchedule(waits: [.seconds(1)], jitter: 0.5)
        var random = SeededGenerator(3)
        for _ in 0..<1000 { #expect(schedule.nextAttempt(after: 1, at: now, using: &random) - now >= .milliseconds(500)) }
    }

    @Test func theStandardScheduleGrows() {
        let waits = RetrySchedule.standard.waits
        #expect(waits == waits.sorted())
        #expect(waits.first == .seconds(300))
        #expect(waits.last == .seconds(14_400))
    }
}
