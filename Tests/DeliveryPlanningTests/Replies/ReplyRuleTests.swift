import MailModel
import OutboundPolicy
import Testing

@testable import DeliveryPlanning

/// The table of replies, entry by entry.
@Suite struct ReplyRuleTests {
    @Test func namesAreUnique() {
        var names: Set<String> = []
        for rule in ReplyRules.all { #expect(names.insert(rule.name).inserted, "two rules are called \(rule.name)") }
        #expect(names.count > 230)
    }

    /// An entry that an earlier one always precedes would never act: its own example shows that it is reached.
    @Test func everyRuleIsReachedByItsExample() {
        for rule in ReplyRules.all {
            #expect(ReplyMeaning.of(text: rule.example)?.rule == rule.name, "\(rule.example)")
            #expect(ReplyMeaning.of(text: rule.example, hint: rule.provider)?.rule == rule.name, "with a hint: \(rule.example)")
        }
    }

    @Test func noRuleTakesWhatIsAnothers() {
        for rule in ReplyRules.all {
            #expect(!rule.counterexamples.isEmpty, "\(rule.name) says nothing of what it is not for")
            for text in rule.counterexamples {
                for (reply, _) in ReplyText.readings(of: text) { #expect(!rule.matches(reply), "\(rule.name) takes \(text)") }
            }
        }
    }

    @Test func everyRuleSpeaksInSentences() {
        for rule in ReplyRules.all {
            for text in [rule.meaning, rule.advice] { #expect(text.hasSuffix(".") && text.count > 4, "\(rule.name): \(text)") }
        }
    }

    /// What stops a route is about the account, so its retry never helps by itself.
    @Test func onlyRefusalsOfTheAccountAreStops() {
        for rule in ReplyRules.all {
            guard let cause = rule.upstream, cause.isStop else { continue }
            #expect(rule.retry != .backoff, "\(rule.name)")
            #expect([.sender, .senderAdministrator, .providerSupport].contains(rule.whoActs), "\(rule.name)")
        }
    }

    static let others = [
        "550 5.1.1 The email account that you tried to reach does not exist", "554 5.2.252 SendAsDenied; a@example.org not allowed",
        "550 5.7.60 SMTP; Client does not have permissions to send as this sender", "550 5.1.8 Sender address rejected: Domain not found",
        "552 5.3.4 Message exceeds the size limit", "550 5.7.64 TenantAttribution; Relay Access Denied",
    ]

    @Test(arguments: others) func aRefusalOfOneMessageStopsNothing(_ text: String) throws {
        #expect(try #require(ReplyMeaning.of(text: text)).upstream == nil)
    }
}
