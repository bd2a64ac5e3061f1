import MailModel
import OutboundPolicy
import Testing

@testable import DeliveryPlanning

@Suite struct RuleActionTests {
    private func bench(_ rules: DeliveryRule..., change: @escaping (inout Directory) -> Void = { _ in }) -> QueueBench {
        QueueBench { _, directory in
            for rule in rules { directory.deliveryRules[rule.name] = rule }
            change(&directory)
        }
    }

    private func rule(_ action: DeliveryRule.Action, codes: [Int] = [450], count: Int = 1) -> DeliveryRule {
        DeliveryRule(
            name: "own", codes: codes, words: "magic", trigger: .init(count: count, seconds: 600), action: action, seconds: 60,
            matches: ["\(codes[0]) magic"], differs: ["451 other"])
    }

    private func said(_ code: Int) -> RecipientResult {
        .failed(.peer(SMTPReply(code, nil, "Magic words"), scope: .recipient, stage: .recipient))
    }

    private func begin(_ bench: inout QueueBench) {
        _ = bench.submit("a@one.test")
        _ = bench.resolved("one.test", "mx1")
        _ = bench.ready(1)
    }

    @Test func aPausedSiteGetsNothingUntilItIsOver() {
        var bench = bench(rule(.pause))
        begin(&bench)
        #expect(bench.submit("b@one.test") == ["connect c2 to mx1"])
        #expect(bench.ended(1, said(450)).contains("give back m2 r0 due 60"))
        #expect(bench.submit("c@one.test") == ["give back m3 r0 due 60"])
        #expect(bench.submit("d@two.test") == ["resolve two.test"])
        let isWritten = bench.orders.contains { if case .hold(let hold) = $0 { hold.rule == "own" } else { false } }
        #expect(isWritten)
        _ = bench.pass(61)
        _ = bench.claimed()
        #expect(bench.submit("e@one.test") == [])
        #expect(bench.ready(2) == ["attempt c2: m5 r0"])
    }

    @Test func aRuleSaysWhatACodeMeans() {
        var permanent = bench(rule(.permanent))
        begin(&permanent)
        #expect(permanent.ended(1, said(450)).contains("m1 r0 bounced"))
        var transient = bench(rule(.transient, codes: [550]))
        begin(&transient)
        #expect(transient.ended(1, said(550)).contains("m1 r0 queued due 100 after 1"))
    }

    @Test func aCampaignIsSuspendedAndOthersGoOn() {
        var bench = bench(rule(.suspendCampaign))
        begin(&bench)
        _ = bench.ended(1, said(450))
        #expect(bench.submit("b@one.test") == ["give back m2 r0 due 60"])
        #expect(bench.submit("b@one.test", from: "other@home.test") == ["attempt c1: m3 r0"])
    }

    @Test func aTriggerWaitsForItsCount() {
        var bench = bench(rule(.pause, count: 2))
        begin(&bench)
        _ = bench.ended(1, said(450))
        #expect(bench.submit("b@one.test") == ["attempt c1: m2 r0"])
        _ = bench.ended(1, said(450))
        #expect(bench.submit("c@one.test") == ["give back m3 r0 due 60"])
    }

    @Test func mailTakesAnotherSourceWhereOneIsBlocked() {
        let start = QueueBench.start
        var bench = bench(rule(.otherSource)) { directory in
            directory.routes["internet"]?.sources = ["a", "b"]
            for (name, address) in [("a", "198.51.100.1"), ("b", "198.51.100.2")] {
                directory.sources[name] = EgressSource(name: name, ipv4: IPAddress(address), createdAt: start)
            }
        }
        _ = bench.addresses(["198.51.100.1", "198.51.100.2"])
        _ = bench.claimed()
        _ = bench.submit("a@one.test")
        #expect(bench.resolved("one.test", "mx1") == ["connect c1 to mx1 from a"])
        _ = bench.ready(1)
        _ = bench.ended(1, said(450))
        #expect(bench.submit("b@one.test") == ["connect c2 to mx1 from b"])
        // For this destination only.
        _ = bench.submit("c@two.test")
        #expect(bench.resolved("two.test", "mx2") == ["connect c3 to mx2 from a"])
    }

    /// Our own words are no receiver's: a rule must not be kept alive by what it caused.
    @Test func ourOwnWordsMatchNoRule() {
        var bench = bench(rule(.pause))
        begin(&bench)
        let local = RecipientResult.failed(.local(450, EnhancedStatusCode(4, 0, 0), "Magic words", scope: .host, stage: .mail))
        _ = bench.ended(1, local)
        #expect(bench.submit("b@one.test") == ["attempt c1: m2 r0"])
    }

    @Test func anAccountIsStopped() {
        var bench = bench(rule(.stopUpstream))
        _ = bench.submit("a@relayed.test")
        _ = bench.ready(1)
        #expect(bench.ended(1, said(450)).contains { $0.hasPrefix("stop relay for restricted") })
    }
}
