import DeliveryPlanning
import MailModel
import OutboundPolicy
import Testing

/// What the queue does when its run may have lost, or has lost, what it holds in the store.
@Suite struct LeaseTests {
    /// m1 in flight on c1, m2 ready behind it, m3 waiting for DNS.
    private func busyBench() -> QueueBench {
        var bench = QueueBench { _, directory in directory.routes["internet"]?.connectionsMax = 1 }
        _ = bench.submit("a@one.test")
        _ = bench.resolved("one.test", "mx1")
        _ = bench.ready(1)
        _ = bench.submit("b@one.test")
        _ = bench.submit("c@two.test")
        return bench
    }

    @Test func whileItIsSuspendedNothingBeginsAndNothingIsClaimed() {
        var bench = busyBench()
        bench.suspend()
        #expect(bench.ended(1, .taken) == ["m1 r0 delivered"])
        #expect(bench.resolved("two.test", "mx2") == [])
        #expect(bench.submit("d@one.test") == ["no room"])
        #expect(bench.becameDue() == [])
        #expect(bench.resume() == ["attempt c1: m2 r0", "connect c2 to mx2", "claim 98"])
        #expect(bench.resume() == [])
    }

    @Test func aConnectionThatBecomesReadyMeanwhileWaits() {
        var bench = QueueBench()
        _ = bench.submit("a@one.test")
        _ = bench.resolved("one.test", "mx1")
        bench.suspend()
        #expect(bench.ready(1) == [])
        #expect(bench.resume() == ["attempt c1: m1 r0"])
    }

    @Test func whatIsInFlightAtTheLossIsSettledForTheFormerRunAndTheRestIsForgotten() {
        var bench = busyBench()
        #expect(bench.loseLease(newOwner: 2) == ["claim 99"])
        #expect(bench.queue.recipientsInMemory == 1)
        #expect(bench.resolved("two.test", "mx2") == [])
        #expect(bench.ended(1, .later) == ["m1 r0 queued due 100 after 1 for run 1"])
        #expect(bench.queue.recipientsInMemory == 0)
    }

    @Test func whatWasBegunForTheFormerRunIsNotBegunAgainWhenItsConnectionBreaks() {
        var bench = QueueBench()
        _ = bench.submit("a@one.test")
        _ = bench.resolved("one.test", "mx1")
        _ = bench.ready(1)
        _ = bench.ended(1, .taken)
        #expect(bench.submit("b@one.test") == ["attempt c1: m2 r0"])
        _ = bench.loseLease(newOwner: 2)
        #expect(bench.lost(1) == ["m2 r0 queued due 100 after 1 for run 1"])
    }

    @Test func whatIsClaimedAgainWhileItIsStillInFlightIsNotAttemptedTwice() {
        var bench = QueueBench()
        let message = bench.message(["a@one.test"])
        _ = bench.becameDue()
        _ = bench.claimed(message)
        _ = bench.resolved("one.test", "mx1")
        _ = bench.ready(1)
        _ = bench.loseLease(newOwner: 2)
        #expect(bench.claimed(message) == [])
        #expect(bench.queue.recipientsInMemory == 1)
        #expect(bench.ended(1, .taken) == ["m1 r0 delivered"])
        #expect(bench.settlements.last?.settlement.owner == 2)
    }

    @Test func recipientsOfOneAttemptThatTwoRunsHoldAreSettledForEach() {
        var bench = QueueBench()
        let message = bench.message(["a@one.test", "b@one.test"])
        _ = bench.becameDue()
        _ = bench.claimed(message)
        _ = bench.resolved("one.test", "mx1")
        #expect(bench.ready(1) == ["attempt c1: m1 r0 r1"])
        _ = bench.loseLease(newOwner: 2)
        var second = message
        second.recipients.remove(at: 0)
        _ = bench.claimed(second)
        #expect(bench.ended(1, .taken) == ["m1 r0 delivered for run 1", "m1 r1 delivered"])
    }

    @Test func theAnswerToAClaimOfTheFormerRunGoesBack() {
        var bench = QueueBench()
        let message = bench.message(["a@one.test"])
        #expect(bench.becameDue() == ["claim 100"])
        #expect(bench.loseLease(newOwner: 2) == [], "one claim at a time")
        #expect(bench.claimed(message, owner: 1) == ["give back m1 r0 due 0 for run 1", "claim 99"])
    }

    @Test func aMessageThatComesToTheDiskForTheFormerRunGoesBack() {
        var bench = QueueBench()
        var message = bench.message(["a@one.test"])
        message.lease = Lease(owner: 1)
        let isReserved = bench.queue.reserve(recipients: 1, dueAt: bench.now, at: bench.now)
        #expect(isReserved)
        _ = bench.loseLease(newOwner: 2)
        let actions = bench.queue.stored(message, lane: Lane(0), at: bench.now)
        guard case .giveBack(let ids, _, 1, _)? = actions.first else {
            Issue.record("not given back")
            return
        }
        #expect(ids == [RecipientID(tenant: .standard, message: MessageID(1), index: 0)])
        #expect(bench.queue.recipientsInMemory == 1, "until that is on disk")
    }

    @Test func afterAStopAndALossNothingBegins() {
        var bench = busyBench()
        _ = bench.stop()
        #expect(bench.loseLease(newOwner: 2) == [])
        #expect(bench.resume() == [])
    }
}
