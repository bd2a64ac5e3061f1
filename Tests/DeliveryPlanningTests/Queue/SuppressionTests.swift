import DeliveryPlanning
import MailModel
import OutboundPolicy
import Testing

@Suite struct SuppressionTests {
    private func entry(
        _ bench: QueueBench, _ address: String, _ scope: SuppressionScope = .organisation, _ reason: SuppressionReason = .manual
    ) -> Suppression {
        let address = EmailAddress(address)!
        let key = SuppressionKey(
            tenant: .standard, scope: scope, digest: bench.queue.suppressions.key.digest(address), reason: reason)
        return Suppression(key: key, address: address, source: "local:test", createdAt: bench.now)
    }

    @Test func whoIsOnTheListIsNotTriedAndTheSenderIsTold() throws {
        var bench = QueueBench()
        bench.queue.suppressionsChanged([entry(bench, "A@one.test")])
        #expect(
            bench.submit("a@one.test", "b@one.test") == ["m1 r0 suppressed", "report failed a@one.test", "resolve one.test"])
        let outcome = try #require(bench.settlements.first?.settlement.outcomes.first)
        #expect(outcome.findings.map(\.rule) == ["suppression.manual"] && outcome.attempts == 0)
        #expect(outcome.reply?.enhancedCode == EnhancedStatusCode(5, 7, 1))
        #expect(outcome.note == nil)
    }

    @Test func aCampaignIsNotToldByMail() {
        var bench = QueueBench()
        bench.queue.suppressionsChanged([entry(bench, "a@one.test", .tenant, .complaint)])
        #expect(bench.submit("a@one.test") { $0.fields.trafficClass = .campaign } == ["m1 r0 suppressed"])
        #expect(bench.submit("a@one.test") == ["resolve one.test"], "a complaint keeps campaigns from an address, not receipts")
    }

    /// Promise 6: what was put on the list while the connection was made does not begin.
    @Test func theLastLookIsRightBeforeTheAttempt() {
        var bench = QueueBench()
        _ = bench.submit("a@one.test", "b@one.test")
        _ = bench.resolved("one.test", "mx1")
        bench.queue.suppressionsChanged([entry(bench, "a@one.test")])
        #expect(bench.ready(1) == ["m1 r0 suppressed", "report failed a@one.test", "attempt c1: m1 r1"])
    }

    @Test func nothingBeginsUntilTheListIsRead() {
        var bench = QueueBench()
        bench.queue.suppressionsBecame(SuppressionTable(key: AddressKey(1, 2), isComplete: false))
        #expect(bench.submit("a@one.test") == ["no room"])
        // Mail is taken and left to the store, from which it is claimed once the list is known.
        let message = bench.message(["a@one.test"])
        let stored = bench.queue.stored(message, lane: Lane(0), at: bench.now)
        #expect(bench.did(stored).isEmpty)
        let complete = bench.queue.suppressionsComplete(at: bench.now)
        #expect(bench.did(complete).contains { $0.hasPrefix("claim") })
        #expect(bench.claimed(message) == ["resolve one.test"])
    }

    @Test func anAddressThatIsDeadIsPutOnTheListAndCounted() throws {
        var bench = QueueBench()
        _ = bench.submit("a@one.test") { $0.fields.list = "news.home.test" }
        _ = bench.resolved("one.test", "mx1")
        _ = bench.ready(1)
        _ = bench.ended(1, .refused)
        let settlement = try #require(bench.settlements.first?.settlement)
        let note = try #require(settlement.outcomes.first?.note)
        #expect(note.event == .ended(.addressDead) && note.effect?.measure == .suppress)
        #expect(note.effect?.entry.key.scope == .organisation && note.effect?.entry.expiresAt == nil)
        #expect(settlement.tally?.sender == "s@home.test" && settlement.tally?.list == "news.home.test")
    }

    /// A host that refuses us, a line that breaks and time that runs out there say nothing of the recipient.
    @Test func ourOwnFaultsCostNobodyTheirMail() {
        let replies: [RecipientResult] = [
            .failed(.peer(SMTPReply(550, EnhancedStatusCode(5, 7, 1), "Spam"), scope: .recipient, stage: .data)),
            .failed(.peer(SMTPReply(554, EnhancedStatusCode(5, 7, 26), "DMARC"), scope: .recipient, stage: .data)),
            .failed(.peer(SMTPReply(552, EnhancedStatusCode(5, 3, 4), "Too big"), scope: .recipient, stage: .mail)),
        ]
        for reply in replies {
            var bench = QueueBench()
            _ = bench.submit("a@one.test")
            _ = bench.resolved("one.test", "mx1")
            _ = bench.ready(1)
            _ = bench.ended(1, reply)
            let outcome = bench.settlements.first?.settlement.outcomes.first
            #expect(outcome?.newState == .bounced && outcome?.note?.effect == nil, "\(reply)")
        }
        var late = QueueBench()
        _ = late.submit("a@one.test") { $0.fields.expiresAt = QueueBench.start + .seconds(1) }
        late.now = late.now + .seconds(2)
        _ = late.resolveFailed("one.test", isPermanent: false)
        let outcome = late.settlements.last?.settlement.outcomes.first
        #expect(outcome?.newState == .expired && outcome?.note?.effect == nil)
    }

    @Test func aFullMailboxIsCountedByDays() throws {
        var bench = QueueBench()
        _ = bench.submit("a@one.test")
        _ = bench.resolved("one.test", "mx1")
        _ = bench.ready(1)
        _ = bench.ended(
            1, .failed(.peer(SMTPReply(552, EnhancedStatusCode(5, 2, 2), "Mailbox full"), scope: .recipient, stage: .recipient)))
        let effect = try #require(bench.settlements.first?.settlement.outcomes.first?.note?.effect)
        #expect(effect.measure == .countSoft(daysMax: 3, since: bench.now.day - 29))
        #expect(effect.entry.key.reason == .mailboxFull && effect.entry.expiresAt == bench.now + .seconds(30 * 86_400))
    }
}
