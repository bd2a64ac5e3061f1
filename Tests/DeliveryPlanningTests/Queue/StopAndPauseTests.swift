import DeliveryPlanning
import MailModel
import OutboundPolicy
import Testing

@Suite struct PauseTests {
    /// One message of s@home.test to an external recipient, while `pauses` hold.
    private func submitted(under pauses: Set<Pause.Scope>, to recipient: String = "a@one.test", isInternal: Bool = false) -> [String] {
        var bench = QueueBench { _, directory in directory.pauses = pauses }
        return bench.submit(recipient, isInternal: isInternal)
    }

    @Test func aPauseKeepsBackWhatItNamesAndNothingElse() {
        let back = ["give back m1 r0 due 300"]
        #expect(submitted(under: [.external]) == back)
        #expect(submitted(under: [.external], isInternal: true) == ["resolve one.test"])
        #expect(submitted(under: [.sender("s@home.test")]) == back)
        #expect(submitted(under: [.sender("t@home.test")]) == ["resolve one.test"])
        #expect(submitted(under: [.route("relay")]) == ["resolve one.test"])
        #expect(submitted(under: [.route("relay")], to: "a@relayed.test") == back)
        #expect(submitted(under: [.all]) == ["no room"])
    }

    /// What the button keeps back is not kept longer than any other mail.
    @Test func whatIsPausedExpires() {
        var bench = QueueBench { _, directory in directory.pauses = [.external] }
        let message = bench.message(["a@one.test"]) { $0.fields.expiresAt = QueueBench.start + .seconds(50) }
        #expect(bench.claimed(message) == ["give back m1 r0 due 50"])
        bench.now = QueueBench.start + .seconds(50)
        #expect(bench.claimed(message) == ["m1 r0 expired", "report failed a@one.test", "claim 99"])
    }

    /// News of trouble leaves, whoever pressed the button; a report does not, and a pause of the route keeps both.
    @Test func alertMailPassesTheButtonButNotAPauseOfItsRoute() {
        func submitted(_ rule: String, under pauses: Set<Pause.Scope>, to recipient: String = "a@one.test") -> [String] {
            var bench = QueueBench { _, directory in directory.pauses = pauses }
            var message = bench.message([recipient]) {
                $0.fields.trafficClass = .notice
                $0.fields.findings = [Finding(rule: rule, matched: "x", explanation: "x")]
            }
            guard bench.queue.reserve(recipients: 1, dueAt: bench.now, passesPause: message.record.isAlertNotice, at: bench.now) else {
                return ["no room"]
            }
            message.lease = Lease(owner: bench.queue.owner)
            return bench.did(bench.queue.stored(message, lane: Lane(0), at: bench.now))
        }
        let alert = MessageRecord.alertNoticeRule
        #expect(submitted(alert, under: [.all]) == ["resolve one.test"])
        #expect(submitted(alert, under: [.external]) == ["resolve one.test"])
        #expect(submitted(alert, under: [.route("relay")], to: "a@relayed.test") == ["give back m1 r0 due 300"])
        #expect(submitted("notice.report", under: [.all]) == ["no room"])
        #expect(submitted("notice.report", under: [.external]) == ["give back m1 r0 due 300"])
    }

    @Test func aPauseReachesMailThatWaitsForDNS() {
        var bench = QueueBench()
        _ = bench.submit("a@one.test")
        #expect(bench.change { $0.pauses = [.all] } == ["give back m1 r0 due 300"])
        #expect(bench.resolved("one.test", "mx1") == [])
        #expect(bench.queue.recipientsInMemory == 0)
    }

    @Test func aPauseReachesMailThatWaitsForAConnection() {
        var bench = QueueBench()
        _ = bench.submit("a@one.test")
        _ = bench.resolved("one.test", "mx1")
        #expect(bench.change { $0.pauses = [.external] } == ["give back m1 r0 due 300"])
        #expect(bench.ready(1) == [])
    }

    @Test func whatIsInFlightEndsAndNothingBeginsAfterIt() {
        var bench = QueueBench { _, directory in directory.routes["internet"]?.connectionsMax = 1 }
        _ = bench.submit("a@one.test")
        _ = bench.submit("b@one.test")
        _ = bench.resolved("one.test", "mx1")
        _ = bench.ready(1)
        #expect(bench.change { $0.pauses = [.external] } == ["give back m2 r0 due 300"])
        #expect(bench.ended(1, .taken) == ["m1 r0 delivered"])
    }

    @Test func aLostConnectionDoesNotBeginAgainUnderAPause() {
        var bench = QueueBench()
        _ = bench.submit("a@one.test")
        _ = bench.resolved("one.test", "mx1")
        _ = bench.ready(1)
        _ = bench.ended(1, .taken)
        _ = bench.submit("b@one.test")
        _ = bench.change { $0.pauses = [.external] }
        #expect(bench.lost(1) == ["connect c2 to mx1"])
        #expect(bench.ready(2) == ["give back m2 r0 due 300"])
    }

    @Test func underTheGreatPauseNothingIsClaimed() {
        var bench = QueueBench { _, directory in directory.pauses = [.all] }
        #expect(bench.becameDue() == [])
        #expect(bench.change { $0.pauses = [] } == ["claim 100"])
    }

    @Test func onlyThePausedRecipientsOfAMessageGoBack() {
        var bench = QueueBench { _, directory in directory.pauses = [.route("relay")] }
        #expect(bench.submit("a@one.test", "b@relayed.test") == ["give back m1 r1 due 300", "resolve one.test"])
    }
}

@Suite struct ActsTests {
    @Test(arguments: [(QueueVerb.cancel, "cancelled"), (.hold, "held")]) func whatWaitsIsStoppedAtOnce(verb: QueueVerb, state: String) {
        var bench = QueueBench()
        _ = bench.submit("a@one.test", "b@one.test")
        _ = bench.resolved("one.test", "mx1")
        #expect(bench.act(verb) { $0.recipientIndex = 1 } == ["1 reached", "m1 r1 \(state)"])
        #expect(bench.ready(1) == ["attempt c1: m1 r0"])
        #expect(bench.queue.recipientsInMemory == 1)
    }

    @Test(arguments: [(QueueVerb.cancel, "cancelled"), (.hold, "held")]) func whatIsInFlightIsStoppedWhereTheAttemptFails(
        verb: QueueVerb, state: String
    ) {
        var bench = QueueBench()
        _ = bench.submit("a@one.test", "b@one.test")
        _ = bench.resolved("one.test", "mx1")
        _ = bench.ready(1)
        #expect(bench.act(verb) == ["2 reached"])
        #expect(bench.ended(1, .taken, .later) == ["m1 r0 delivered", "m1 r1 \(state)"])
    }

    /// Cancelled mail must not go out because a kept connection happened to be gone.
    @Test(arguments: [(QueueVerb.cancel, "cancelled"), (.hold, "held")]) func whatIsInFlightDoesNotBeginAgain(
        verb: QueueVerb, state: String
    ) {
        var bench = QueueBench()
        _ = bench.submit("a@one.test")
        _ = bench.resolved("one.test", "mx1")
        _ = bench.ready(1)
        _ = bench.ended(1, .taken)
        _ = bench.submit("b@one.test", "c@one.test")
        #expect(bench.act(verb) { $0.recipientIndex = 0 } == ["1 reached"])
        #expect(bench.lost(1) == ["m2 r0 \(state)", "connect c2 to mx1"])
        #expect(bench.ready(2) == ["attempt c2: m2 r1"])
    }

    @Test func aReleaseTakesBackAHoldThatWasNotDoneYet() {
        var bench = QueueBench()
        _ = bench.submit("a@relayed.test")
        _ = bench.ready(1)
        _ = bench.act(.hold)
        #expect(bench.act(.release) == ["1 reached"])
        #expect(bench.act(.release) == ["0 reached"])
        #expect(bench.ended(1, .later) == ["m1 r0 queued due 100 after 1"])
    }

    @Test func aCancelIsNotTakenBack() {
        var bench = QueueBench()
        _ = bench.submit("a@relayed.test")
        _ = bench.ready(1)
        _ = bench.act(.cancel)
        _ = bench.act(.hold)
        #expect(bench.act(.release) == ["0 reached"])
        #expect(bench.ended(1, .later) == ["m1 r0 cancelled"])
    }

    @Test func aFilterReachesOnlyWhatMatches() {
        func reached(_ change: (inout QueueFilter) -> Void) -> String? {
            var bench = QueueBench()
            _ = bench.submit("a@one.test", "b@two.test", from: "s@home.test")
            _ = bench.submit("c@one.test", from: "t@home.test")
            return bench.act(.cancel, change).first
        }
        #expect(reached { _ in } == "3 reached")
        #expect(reached { $0.message = MessageID(1) } == "2 reached")
        #expect(reached { $0.message = MessageID(9) } == "0 reached")
        #expect(reached { $0.sender = "S@HOME.test" } == "2 reached")
        #expect(reached { $0.domain = DomainName("one.test") } == "2 reached")
        #expect(reached { $0.recipientIndex = 1 } == "1 reached")
        let both = reached { filter in
            filter.domain = DomainName("one.test")
            filter.sender = "t@home.test"
        }
        #expect(both == "1 reached")
        #expect(reached { $0.states = [.held] } == "0 reached")
    }

    @Test func aPersonsActIsNoAttempt() {
        var bench = QueueBench()
        let message = bench.message(["a@one.test"])
        _ = bench.claimed(message, attempts: 2)
        _ = bench.act(.hold)
        #expect(bench.settlements.last?.settlement.outcomes.map(\.attempts) == [2])
        #expect(bench.settlements.last?.reports.isEmpty == true)
    }
}

@Suite struct StopTests {
    @Test func everythingThatWaitsGoesBackAndWhatIsInFlightEnds() {
        var bench = QueueBench { _, directory in directory.routes["internet"]?.connectionsMax = 1 }
        _ = bench.submit("a@one.test")
        _ = bench.submit("b@one.test")
        _ = bench.resolved("one.test", "mx1")
        _ = bench.ready(1)
        _ = bench.submit("c@two.test")
        #expect(bench.stop() == ["give back m2 r0 due 0", "give back m3 r0 due 0"])
        #expect(bench.ended(1, .taken) == ["m1 r0 delivered", "close c1"])
        #expect(bench.queue.recipientsInMemory == 0)
        #expect(bench.queue.connectionCount == 0)
    }

    @Test func nothingIsClaimedAfterAStop() {
        var bench = QueueBench()
        _ = bench.submit("a@one.test")
        #expect(bench.stop() == ["give back m1 r0 due 0"])
        #expect(bench.becameDue() == [])
        #expect(bench.pass(1000) == [])
        #expect(bench.change { $0.pauses = [] } == [])
    }

    @Test func idleConnectionsAreClosed() {
        var bench = QueueBench()
        _ = bench.submit("a@one.test")
        _ = bench.resolved("one.test", "mx1")
        _ = bench.ready(1)
        _ = bench.ended(1, .taken)
        #expect(bench.stop() == ["close c1"])
    }

    /// Its client may have its 250 already: it must be attempted, by the next run.
    @Test func aMessageThatWasBeingCommittedGoesBack() {
        var bench = QueueBench()
        var message = bench.message(["a@one.test"])
        message.lease = Lease(owner: 1)
        #expect(bench.queue.reserve(recipients: 1, dueAt: bench.now, at: bench.now) == true)
        _ = bench.stop()
        let actions = bench.queue.stored(message, lane: Lane(0), at: bench.now)
        #expect(actions.count == 1)
        guard case .giveBack(let ids, _, _, _)? = actions.first else {
            Issue.record("not given back")
            return
        }
        #expect(ids.map(\.message) == [message.record.id])
        #expect(bench.queue.reserve(recipients: 1, dueAt: bench.now, at: bench.now) == false)
    }

    @Test func whatAClaimBringsAfterAStopGoesBack() {
        var bench = QueueBench()
        let message = bench.message(["a@one.test"])
        #expect(bench.becameDue() == ["claim 100"])
        _ = bench.stop()
        #expect(bench.claimed(message) == ["give back m1 r0 due 0"])
    }

    @Test func aLostConnectionDoesNotBeginAgain() {
        var bench = QueueBench()
        _ = bench.submit("a@one.test")
        _ = bench.resolved("one.test", "mx1")
        _ = bench.ready(1)
        _ = bench.ended(1, .taken)
        _ = bench.submit("b@one.test")
        _ = bench.stop()
        #expect(bench.lost(1) == ["give back m2 r0 due 0"])
    }

    @Test func aConnectionThatIsReadyTooLateIsClosed() {
        var bench = QueueBench()
        _ = bench.submit("a@one.test")
        _ = bench.resolved("one.test", "mx1", "mx2")
        _ = bench.stop()
        #expect(bench.ready(1) == ["close c1"])
    }
}
