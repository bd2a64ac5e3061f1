import Foundation
import MailModel
import OutboundPolicy
import OwnThreads
import PosternRuntime
import Simulation
import Testing

/// Accounts that a stranger uses, on a simulated clock, through the gate's decisions and its scans. `POSTERN_TEST_LONG=1` runs ten thousand
/// sender-days; from a release build they take a minute: `postern measure --hijack 10000`.
@Suite(.ownThreads) struct HijackTests {
    private static func aside<Outcome: Sendable>(_ body: @escaping @Sendable () -> Outcome) async -> Outcome {
        await withCheckedContinuation { continuation in Thread.detachNewThread { continuation.resume(returning: body()) } }
    }

    private static func run(_ plan: HijackPlan) async -> HijackReport { await aside { HijackTrial.run(plan) } }

    /// Campaigns of 600 messages an hour, each with its own text, words and links.
    @Test func `a hijacked account is stopped before twenty messages have left`() async {
        var left: [Int] = []
        for seed in 1...9 as ClosedRange<UInt64> {
            var plan = HijackPlan()
            (plan.seed, plan.senders) = (seed, 3)
            let report = await HijackTests.run(plan)
            guard let attack = report.attacks.first else { continue }
            #expect(attack.restrictedAfterSeconds != nil, "seed \(seed): \(attack)")
            #expect(attack.normalAfterVerdict == 0 && attack.spamByNormal == 0, "seed \(seed): \(attack)")
            #expect(report.falseRestrictions == [] && report.falseRefusals == 0, "seed \(seed): \(report)")
            left.append(attack.left)
        }
        left.sort()
        #expect(left.count == 9 && left[4] < 20, "\(left)")
    }

    @Test func `five accounts at a fifth of the rate are found, each`() async {
        for hasHighRiskSource in [true, false] {
            var plan = HijackPlan()
            (plan.seed, plan.senders, plan.hijacked, plan.hasHighRiskSource) = (77, 8, 5, hasHighRiskSource)
            let report = await HijackTests.run(plan)
            #expect(report.attacks.count == 5 && report.attacks.allSatisfy { $0.restrictedAfterSeconds != nil }, "\(report.attacks)")
            #expect(report.attacks.allSatisfy { $0.left < 20 && $0.spamByNormal == 0 }, "\(report.attacks)")
            #expect(report.falseRestrictions == [])
        }
    }

    @Test func `nobody is restricted for usual mail`() async {
        let isLong = ProcessInfo.processInfo.environment["POSTERN_TEST_LONG"] != nil
        var plan = HijackPlan()
        (plan.seed, plan.senders, plan.days, plan.hijacked) = (5, isLong ? 500 : 25, isLong ? 20 : 4, 0)
        let report = await HijackTests.run(plan)
        #expect(report.senderDays == plan.senders * plan.days && report.usualMessages > report.senderDays * 10)
        #expect(report.falseRestrictions == [] && report.falseRefusals == 0)
        #expect(report.usualByVerdict["spam"] == nil && report.usualByVerdict["suspicious"] == nil, "\(report.usualByVerdict)")
    }
}
