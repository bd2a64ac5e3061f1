import MailModel
import OutboundPolicy
import Testing

@testable import DeliveryPlanning

@Suite struct RuleTableTests {
    private func rule(
        _ name: String, words: String, matches: [String], differs: [String] = ["250 OK"], codes: [Int] = [4],
        action: DeliveryRule.Action = .pause, seconds: Int64 = 60, trigger: DeliveryRule.Trigger = .atOnce
    ) -> DeliveryRule {
        DeliveryRule(
            name: name, codes: codes, words: words, trigger: trigger, action: action, seconds: seconds, matches: matches, differs: differs)
    }

    @Test func everyRuleOfTheDefaultSetIsProved() {
        #expect(RuleTable(own: []).mistakes().map { "\($0.rule): \($0.text)" } == [])
    }

    @Test func aRuleThatCannotActIsAMistake() {
        let shadowed = rule("z", words: "come back tomorrow", matches: ["450 Come back tomorrow"])
        let first = rule("a", words: "come back", matches: ["450 Come back"])
        let table = RuleTable(own: [first, shadowed])
        #expect(table.mistakes() == [RuleMistake(rule: "z", text: "rule a comes first, and decides: 450 Come back tomorrow")])
        #expect(
            RuleTable(own: [rule("n", words: "", matches: ["450 x"], codes: [])]).mistakes().contains {
                $0.text == "it would match everything"
            })
        let broken = rule("b", words: "[hcm1]", matches: ["450 [HCM2] no"])
        #expect(RuleTable(own: [broken]).mistakes().map(\.text) == ["it does not match: 450 [HCM2] no"])
        let greedy = rule("g", words: "mailbox", matches: ["450 mailbox busy"], differs: ["450 mailbox full"])
        #expect(RuleTable(own: [greedy]).mistakes().map(\.text) == ["it matches what it must not: 450 mailbox full"])
        let unproved = rule("u", words: "mailbox", matches: [], differs: [])
        #expect(RuleTable(own: [unproved]).mistakes().count == 2)
        let endless = rule("e", words: "mailbox", matches: ["450 mailbox"], seconds: 0)
        #expect(RuleTable(own: [endless]).mistakes().map(\.text) == ["how long it lasts: 1 to 2678400 seconds"])
    }

    @Test func aProvidersRuleIsForItsHostsOnly() {
        let table = RuleTable(own: [])
        let text = "421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user complaints"
        #expect(table.match(text, from: .yahoo)?.name == "yahoo.volume")
        #expect(table.match(text, from: nil)?.name == "general.421")
        #expect(table.match("451 4.7.1 Greylisted, try again later", from: nil)?.name == "general.greylisted")
        #expect(table.match("450 4.2.1 Mailbox busy", from: nil) == nil)
        #expect(table.match("550 5.1.1 No such user", from: .google) == nil)
    }

    @Test func aRuleOfTheSameNameStandsInForADefaultOne() {
        var own = DefaultRules.all.first { $0.name == "yahoo.volume" }!
        own.action = .slowDown
        let table = RuleTable(own: [own])
        #expect(table.mistakes().isEmpty)
        #expect(table.match(own.matches[0], from: .yahoo)?.action == .slowDown)
        own.isDisabled = true
        #expect(RuleTable(own: [own]).match(own.matches[0], from: .yahoo)?.name == "general.421")
    }

    @Test func aTriggerCountsWithinItsPeriod() {
        var watch = RuleWatch()
        let rule = rule("t", words: "x", matches: [], trigger: .init(count: 3, seconds: 60))
        let now = Timestamp(seconds: 1_800_000_000)
        func met(_ second: Int64, _ subject: String = "one") -> Bool { watch.met(rule, subject: subject, at: now + .seconds(second)) }
        #expect(!met(0) && !met(30) && !met(31, "two") && !met(70) && met(80))
        // It begins anew.
        #expect(!met(81) && !met(82) && met(83))
    }
}
