import DeliveryPlanning
import MailModel
import OutboundPolicy
import Testing

/// What the queue does with routes that name egress sources.
@Suite struct SourcesTests {
    private static let near = EgressSource(name: "near", ipv4: IPAddress("192.0.2.51"), createdAt: QueueBench.start)
    private static let far = EgressSource(name: "far", ipv4: IPAddress("192.0.2.50"), createdAt: QueueBench.start)

    private func bench(_ sources: [String], has local: [String]) -> QueueBench {
        var bench = QueueBench { _, directory in
            directory.sources = ["near": SourcesTests.near, "far": SourcesTests.far]
            directory.routes["internet"]?.sources = sources
        }
        _ = bench.addresses(local)
        _ = bench.claimed()
        return bench
    }

    @Test func aSourceOfThisNodeIsUsed() {
        var bench = bench(["far", "near"], has: ["192.0.2.51"])
        _ = bench.submit("a@one.test")
        #expect(bench.resolved("one.test", "mx1") == ["connect c1 to mx1 from near"])
        _ = bench.ready(1)
        #expect(bench.ended(1, .taken) == ["m1 r0 delivered"])
        #expect(bench.settlements.last?.settlement.source == "near")
    }

    @Test func whatIsAnotherNodesToSendIsLeftForIt() {
        var bench = bench(["far", "near"], has: ["192.0.2.51"])
        _ = bench.elsewhere(["far"])
        _ = bench.claimed()
        #expect(bench.submit("a@one.test") == ["give back m1 r0 due 1000 for sources elsewhere"])
        #expect(bench.queue.recipientsInMemory == 0)
    }

    @Test func withoutALivingSourceItIsTriedAgainAndEndsInTime() {
        var bench = bench(["far"], has: ["192.0.2.51"])
        #expect(bench.submit("a@one.test") == ["m1 r0 queued due 100 after 1"])
        #expect(bench.settlements.last?.settlement.outcomes.first?.waitsFor ?? 0 > 0)
        #expect(bench.settlements.last?.settlement.outcomes.first?.reply?.text.contains("far") == true)
        bench.now = QueueBench.start + .seconds(1000)
        #expect(bench.claimedAgain() == ["m1 r0 expired", "report failed a@one.test", "claim 99"])
    }

    @Test func anExpiredMessageIsNotLeftForOthersForEver() {
        var bench = bench(["far"], has: [])
        _ = bench.elsewhere(["far"])
        _ = bench.claimed()
        let message = bench.message(["a@one.test"]) { $0.fields.expiresAt = QueueBench.start + .seconds(50) }
        #expect(bench.claimed(message) == ["give back m1 r0 due 50 for sources elsewhere"])
        bench.now = QueueBench.start + .seconds(50)
        #expect(bench.claimed(message).first == "m1 r0 expired")
    }

    /// What waits for an answer or a connection goes by the other source; what is in flight ends.
    @Test func aSourceThatIsLostLeavesItsMailToTheNext() {
        var bench = bench(["far", "near"], has: ["192.0.2.50", "192.0.2.51"])
        _ = bench.submit("a@one.test")
        _ = bench.submit("b@one.test")
        #expect(bench.resolved("one.test", "mx1") == ["connect c1 to mx1 from far", "connect c2 to mx1 from far"])
        #expect(bench.ready(1) == ["attempt c1: m1 r0"])
        #expect(bench.addresses(["192.0.2.51"]) == ["connect c3 to mx1 from near", "claim 98"])
        // Its connections are of no use for what is left.
        #expect(bench.ended(1, .taken) == ["m1 r0 delivered"])
        #expect(bench.ready(2) == [])
        #expect(bench.ready(3) == ["attempt c3: m2 r0"])
    }

    @Test func aConnectionThatBreaksAfterItsSourceWasLostIsNotMadeAgain() {
        var bench = bench(["far", "near"], has: ["192.0.2.50", "192.0.2.51"])
        _ = bench.submit("a@one.test")
        _ = bench.resolved("one.test", "mx1")
        _ = bench.ready(1)
        _ = bench.ended(1, .taken)
        _ = bench.submit("b@one.test")
        _ = bench.addresses(["192.0.2.51"])
        // A kept connection that had gone says nothing about the message.
        #expect(bench.lost(1) == ["connect c2 to mx1 from near"])
    }

    @Test func aSourceThatComesBackIsAskedForAtOnce() {
        var bench = bench(["far"], has: [])
        _ = bench.elsewhere(["far"])
        _ = bench.claimed()
        #expect(bench.becameDueElsewhere() == [])
        #expect(bench.addresses(["192.0.2.50"]) == ["claim 100"])
        _ = bench.claimed()
        #expect(bench.becameDueElsewhere() == ["claim 100"])
    }

    @Test func hostsOfAFamilyThatASourceHasNotAreNotConnectedTo() {
        var bench = QueueBench { _, directory in
            directory.sources = ["six": EgressSource(name: "six", ipv6: IPAddress("2001:db8::6"), createdAt: QueueBench.start)]
            directory.routes["internet"]?.sources = ["six"]
        }
        _ = bench.addresses(["2001:db8::6"])
        _ = bench.claimed()
        _ = bench.submit("a@one.test")
        #expect(bench.resolved("one.test", "mx1") == ["m1 r0 queued due 100 after 1"])
        #expect(bench.settlements.last?.settlement.outcomes.first?.reply?.text.contains("six has none") == true)
    }
}
