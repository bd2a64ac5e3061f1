import MailModel
import OutboundPolicy
import Testing

/// What a dry run says is what the same claims come to.
@Suite struct LimitTrialTests {
    private let now = Timestamp(seconds: 1_800_000_000)
    private let holder = UsageHolder.sender("a@example.org", tenant: .standard)

    private func amounts(_ external: Int) -> UsageAmounts {
        var amounts = UsageAmounts()
        (amounts[.messages], amounts[.external]) = (1, external)
        return amounts
    }

    private func used(_ external: Int) -> [UsageHolder: SenderUsage] {
        var usage = SenderUsage()
        usage.add(amounts(external), at: now)
        return [holder: usage]
    }

    private func claim(_ external: Int, _ limits: Limit...) -> UsageClaim {
        UsageClaim(holder: holder, amounts: amounts(external), limits: limits)
    }

    @Test func theDecisionIsThatOfTheHeaviestLimitThatIsPassed() {
        let defers = Limit(.externalPerHour, 10, .defer, source: "x")
        let refuses = Limit(.recipientsPerDay, 10, .refuse, source: "y")
        #expect(LimitTrial.run([claim(5, defers, refuses)], used: used(5), at: now).decision == .accept)
        let over = LimitTrial.run([claim(6, defers, refuses)], used: used(5), at: now)
        #expect(over.decision == .refuse && over.exceeded.map(\.limit) == [refuses] && over.releaseAt == nil)
        #expect(over.standings.map(\.fits) == [false, false])
    }

    @Test func whatIsHeldIsHeldAgainstTheRestToo() {
        let holds = Limit(.externalPerHour, 10, .hold, source: "x")
        let refuses = Limit(.recipientsPerDay, 20, .refuse, source: "y")
        let held = LimitTrial.run([claim(6, holds, refuses)], used: used(5), at: now)
        #expect(held.decision == .hold && held.exceeded.map(\.limit) == [holds] && held.releaseAt == now)
        let refused = LimitTrial.run([claim(16, holds)] + [claim(16, refuses)], used: used(5), at: now)
        #expect(refused.decision == .refuse && refused.exceeded.map(\.limit) == [holds, refuses])
    }

    @Test func whatIsSlowedGoesOutWhenThereIsRoom() {
        let slows = Limit(.messagesPerMinute, 1, .slow, source: "x")
        let trial = LimitTrial.run([claim(1, slows)], used: used(1), at: now)
        #expect(trial.decision == .slow && trial.releaseAt == now + .seconds(61))
        #expect(trial.slowedBy?.limit == slows && trial.exceeded.isEmpty)
    }

    @Test func nothingIsLimitedWithoutClaims() {
        let trial = LimitTrial.run([], used: [:], at: now)
        #expect(trial.decision == .accept && trial.releaseAt == now && trial.standings.isEmpty)
    }
}
