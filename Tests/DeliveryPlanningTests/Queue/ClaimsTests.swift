import DeliveryPlanning
import MailModel
import OutboundPolicy
import Testing

@Suite struct ClaimsTests {
    @Test func whatIsClaimedGoesToAllEventLoops() {
        var bench = QueueBench { settings, directory in
            settings.lanes = 2
            directory.routes["internet"]?.connectionsMax = 4
        }
        _ = bench.becameDue()
        let messages = (1...4).map { bench.message(["a@\($0).test"]) }
        _ = bench.claimed(messages[0], messages[1], messages[2], messages[3])
        for number in 1...4 { _ = bench.resolved("\(number).test", "mx\(number)") }
        #expect(bench.lanes == [0, 1, 0, 1])
    }

    @Test func atItsStartTheQueueAsksWhatTheStoreHolds() {
        var queue = DeliveryQueue(settings: QueueSettings(), directory: Directory(), owner: 1)
        let actions = queue.timePassed(at: QueueBench.start)
        guard case .claim(let limit, 1, _)? = actions.first else {
            Issue.record("no claim")
            return
        }
        #expect(limit == 2000)
        let second = queue.timePassed(at: QueueBench.start)
        #expect(second.isEmpty, "one claim at a time")
    }

    @Test func whatIsDueIsClaimedAndAttempted() {
        var bench = QueueBench()
        let message = bench.message(["a@relayed.test"])
        #expect(bench.becameDue() == ["claim 100"])
        #expect(bench.claimed(message) == ["connect c1 to 192.0.2.9 (encrypt)"])
        _ = bench.ready(1)
        #expect(bench.attempts[1]?.content == nil)
    }

    @Test func nothingIsAskedBeforeItIsDue() {
        var bench = QueueBench()
        _ = bench.becameDue()
        #expect(bench.claimed(nextDueAt: 50) == [])
        #expect(bench.pass(49) == [])
        #expect(bench.pass(1) == ["claim 100"])
    }

    @Test func aStoreWithMoreThanWasTakenIsAskedAgainAtOnce() {
        var bench = QueueBench()
        let message = bench.message(["a@relayed.test"])
        _ = bench.becameDue()
        #expect(bench.claimed(message, nextDueAt: -5).last == "claim 99")
    }

    @Test func aMessageForLaterIsClaimedWhenItIsDue() {
        var bench = QueueBench()
        var message = bench.message(["a@one.test"])
        message.recipients[0].dueAt = bench.now + .seconds(30)
        #expect(bench.queue.reserve(recipients: 1, dueAt: bench.now + .seconds(30), at: bench.now) == false)
        let actions = bench.queue.stored(message, lane: Lane(0), at: bench.now)
        #expect(actions.isEmpty)
        #expect(bench.pass(29) == [])
        #expect(bench.pass(1) == ["claim 100"])
    }

    @Test func itClaimsWhileAQuarterOfTheWindowIsFree() {
        var bench = QueueBench()
        _ = bench.submit(all: (0..<76).map { "r\($0)@one.test" })
        #expect(bench.becameDue() == [])
        #expect(bench.act(.cancel) { $0.recipientIndex = 0 } == ["1 reached", "m1 r0 cancelled", "claim 25"])
    }

    /// Until a settlement is on disk its recipients count: memory stays bounded where the store is slow.
    @Test func whatIsBeingSettledStillTakesRoom() {
        var bench = QueueBench()
        _ = bench.submit(all: (0..<100).map { "r\($0)@one.test" })
        bench.holdsCommits = true
        _ = bench.act(.cancel)
        #expect(bench.queue.recipientsInMemory == 100)
        #expect(bench.submit("a@one.test") == ["no room"])
        bench.holdsCommits = false
        _ = bench.commit()
        #expect(bench.queue.recipientsInMemory == 0)
        #expect(bench.submit("a@two.test") == ["resolve two.test"])
    }

    @Test func theWindowIsFilledToTheLastRecipientAndNotBeyond() {
        var bench = QueueBench()
        #expect(bench.submit(all: (0..<99).map { "r\($0)@one.test" }) == ["resolve one.test"])
        #expect(bench.submit("a@one.test", "b@one.test") == ["no room"])
        #expect(bench.submit("a@one.test") == [])
        #expect(bench.submit("a@one.test") == ["no room"])
    }

    @Test func whatAClaimMayBringIsKeptFree() {
        var bench = QueueBench { settings, _ in settings.claimMax = 60 }
        #expect(bench.becameDue() == ["claim 60"])
        #expect(bench.submit(all: (0..<41).map { "r\($0)@one.test" }) == ["no room"])
        #expect(bench.submit(all: (0..<40).map { "r\($0)@one.test" }) == ["resolve one.test"])
        _ = bench.claimed()
        #expect(bench.submit(all: (0..<60).map { "r\($0)@one.test" }) == [])
    }

    @Test func aReservationThatCameToNothingIsGivenBack() {
        var bench = QueueBench()
        #expect(bench.queue.reserve(recipients: 100, dueAt: bench.now, at: bench.now) == true)
        #expect(bench.submit("a@one.test") == ["no room"])
        bench.queue.notStored(recipients: 100)
        #expect(bench.submit("a@one.test") == ["resolve one.test"])
    }

    // What becomes due while a claim is under way may not be in its answer.

    @Test func aReleaseDuringAClaimIsNotForgotten() {
        var bench = QueueBench()
        #expect(bench.becameDue() == ["claim 100"])
        #expect(bench.becameDue() == [])
        #expect(bench.claimed() == ["claim 100"])
        #expect(bench.claimed() == [])
    }

    @Test func aDeferralDuringAClaimIsNotForgotten() {
        var bench = QueueBench()
        _ = bench.submit("a@relayed.test")
        _ = bench.ready(1)
        _ = bench.becameDue()
        #expect(bench.ended(1, .later) == ["m1 r0 queued due 100 after 1"])
        #expect(bench.claimed() == [])
        #expect(bench.pass(99).contains("claim 100") == false)
        #expect(bench.pass(1) == ["claim 100"])
    }

    @Test func aClaimThatFailedIsMadeAgain() {
        var bench = QueueBench()
        #expect(bench.becameDue() == ["claim 100"])
        bench.queue.claimFailed()
        #expect(bench.pass(0) == ["claim 100"])
        #expect(bench.pass(0) == [])
    }

    /// The deferral came to the disk only after its time: the claim of that time could not find it.
    @Test func aCommitThatTookLongerThanItsWaitIsFoundLater() {
        var bench = QueueBench { settings, _ in settings.claimAtLeastEvery = .seconds(60) }
        _ = bench.submit("a@relayed.test")
        _ = bench.ready(1)
        bench.holdsCommits = true
        _ = bench.ended(1, .later)
        #expect(bench.pass(100).contains("claim 99"))
        #expect(bench.claimed() == [])
        bench.holdsCommits = false
        #expect(bench.commit() == [])
        #expect(bench.pass(59) == [])
        #expect(bench.pass(1) == ["claim 100"])
    }

    // The directory.

    @Test func aNewRouteIsTakenByWhatWaits() {
        var bench = QueueBench()
        _ = bench.submit("a@one.test")
        _ = bench.submit("b@one.test")
        let lines = bench.change { $0.routes["relay"]?.recipientDomains.append(DomainName("one.test")!) }
        #expect(lines == ["connect c1 to 192.0.2.9 (encrypt)", "connect c2 to 192.0.2.9 (encrypt)"])
        #expect(bench.resolved("one.test", "mx1") == [])
        #expect(bench.ready(1) == ["attempt c1: m1 r0"])
        #expect(bench.ready(2) == ["attempt c2: m2 r0"])
    }

    @Test func whatWaitsForAConnectionTakesTheNewRouteInItsOrder() {
        var bench = QueueBench { _, directory in directory.routes["internet"]?.connectionsMax = 1 }
        for _ in 1...3 { _ = bench.submit("a@one.test") }
        _ = bench.resolved("one.test", "mx1")
        _ = bench.change { directory in
            directory.routes["relay"]?.recipientDomains.append(DomainName("one.test")!)
            directory.routes["relay"]?.connectionsMax = 1
        }
        #expect(bench.ready(1) == [])
        #expect(bench.ready(2) == ["attempt c2: m1 r0"])
        #expect(bench.ended(2, .taken) == ["m1 r0 delivered", "attempt c2: m2 r0"])
        #expect(bench.ended(2, .taken) == ["m2 r0 delivered", "attempt c2: m3 r0"])
    }

    @Test func aQuestionToDNSIsNotAskedTwice() {
        var bench = QueueBench()
        _ = bench.submit("a@one.test")
        #expect(bench.change { _ in } == [])
        #expect(bench.resolved("one.test", "mx1") == ["connect c1 to mx1"])
    }

    @Test func aRouteThatWasTakenAwayKeepsMailWaiting() {
        var bench = QueueBench()
        _ = bench.submit("a@one.test")
        _ = bench.resolved("one.test", "mx1")
        #expect(bench.change { $0.routes["internet"]?.isDisabled = true } == ["m1 r0 queued due 100 after 1"])
        #expect(bench.ready(1) == [])
    }
}
