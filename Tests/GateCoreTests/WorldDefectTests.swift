import GateCore
import MailModel
import OutboundPolicy
import Testing

@testable import DeliveryPlanning

/// The walk is worth something only if the world notices what goes wrong: each test breaks one thing and expects to be told.
@Suite struct WorldDefectTests {
    /// A world with mail on its way: commits pending, attempts in flight.
    private func busyWorld(seed: UInt64 = 1, steps: Int = 150) -> World {
        var world = World(seed: seed)
        world.hasFaults = false
        for _ in 0..<steps {
            switch Int.random(in: 0..<5, using: &world.random) {
            case 0: world.submit()
            case 1: world.commitOne()
            case 2: world.answerResolve()
            case 3: world.answerConnect()
            default: world.answerAttempt()
            }
        }
        world.check()
        #expect(world.problems == [])
        return world
    }

    /// Drives the world until `condition`; fails the test where it never comes.
    private func drive(_ world: inout World, until condition: (World) -> Bool) {
        for _ in 0..<2000 where !condition(world) {
            if world.works.count < 5 { world.submit() }
            world.commitOne()
            world.answerResolve()
            world.answerConnect()
            if !condition(world) { world.answerAttempt() }
        }
        #expect(condition(world))
    }

    private func expectNotice(_ world: World, _ text: String, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(world.problems.contains { $0.contains(text) }, "\(world.problems.prefix(3))", sourceLocation: sourceLocation)
    }

    private func isSettlement(_ work: World.Work) -> Bool {
        if case .settle = work { true } else { false }
    }

    @Test func aHealthyWorldHasNothingToSay() {
        var world = busyWorld()
        world.settleDown()
        #expect(world.problems == [])
        #expect(world.openRecipients == 0)
    }

    @Test func aStoreThatLosesASettlementLeavesRecipientsOpen() {
        var world = busyWorld()
        drive(&world) { $0.works.contains(where: isSettlement) }
        world.works.removeAll(where: isSettlement)
        world.settleDown(rounds: 500, takesOver: false)
        #expect(world.openRecipients > 0)
    }

    @Test func aStoreThatLosesAReturnLeavesRecipientsOpen() {
        var world = World(seed: 1)
        world.hasFaults = false
        for _ in 1...5 {
            world.submit()
            world.commitOne()
        }
        world.setPauses([.external])
        let before = world.works.count
        world.works.removeAll { if case .giveBack = $0 { true } else { false } }
        #expect(world.works.count < before)
        world.settleDown(rounds: 500, takesOver: false)
        #expect(world.openRecipients > 0)
    }

    @Test func aSettlementThatIsDoneTwiceIsNoticed() throws {
        var world = busyWorld()
        drive(&world) { $0.works.contains(where: isSettlement) }
        let work = try #require(world.works.first(where: isSettlement))
        guard case .settle(let order, _) = work else { return }
        // The second is for the store alone: the core is told once.
        var again = order
        again.leased = 0
        world.works.append(.settle(again, notices: []))
        while !world.works.isEmpty { world.commitOne() }
        expectNotice(world, "without a lease")
    }

    @Test func aMessageThatIsStoredTwiceIsNoticed() throws {
        var world = busyWorld()
        world.works = []
        world.submit()
        guard case .accept(var message)? = world.works.first else {
            Issue.record("nothing accepted")
            return
        }
        message.lease = nil
        world.works.append(.accept(message))
        world.commitOne()
        world.commitOne()
        expectNotice(world, "was given twice")
        world.check()
        expectNotice(world, "recipients accepted")
    }

    @Test func identifiersThatBeginAnewUnderAClockSetBackAreNoticed() {
        var world = busyWorld()
        world.works = []
        world.core = World.makeCore(owner: 1, directory: world.directory, newest: nil)
        world.event(.addressesFound(world.local))
        world.works = []
        world.submit()
        world.commitOne()
        expectNotice(world, "was given twice")
    }

    /// The core does not hear of the pause.
    @Test(arguments: World.pauses) func anAttemptUnderAPauseIsNoticed(pauses: Set<Pause.Scope>) {
        var world = busyWorld()
        world.directory.pauses = pauses
        drive(&world) { !$0.problems.isEmpty }
        expectNotice(world, "under a pause")
    }

    /// The store cancels or holds a recipient that is leased, and does not tell the core.
    @Test(arguments: [RecipientState.cancelled, .held]) func anAttemptOnWhatWasStoppedIsNoticed(state: RecipientState) {
        var world = busyWorld()
        for id in world.rows.keys where world.rows[id]?.recipient.state == .queued { world.rows[id]?.recipient.state = state }
        drive(&world) { $0.problems.contains { $0.contains("which is \(state)") } }
    }

    @Test func aSecondAttemptOnWhatWasCancelledInFlightIsNoticed() throws {
        var world = busyWorld()
        drive(&world) { world in world.attempting.contains { $0.recipients.contains { $0.recipient.address.domain?.text == "one.test" } } }
        let order = try #require(world.attempting.first { $0.recipients.contains { $0.recipient.address.domain?.text == "one.test" } })
        world.act(.cancel, QueueFilter())
        world.take([.attempt(order)])
        expectNotice(world, "cancelled or held")
    }

    @Test func anAttemptWithoutALeaseIsNoticed() {
        var world = busyWorld()
        for id in world.rows.keys { world.rows[id]?.owner = 0 }
        drive(&world) { !$0.problems.isEmpty }
        expectNotice(world, "without a lease")
    }

    /// The core believes that its lease holds for longer than the store says.
    @Test func anAttemptUnderALeaseThatLapsedIsNoticed() {
        var world = busyWorld()
        world.event(.leaseRenewed(until: .distantFuture))
        world.steady = world.steady + World.Lease.length
        world.otherNodeTakesOver()
        drive(&world) { !$0.problems.isEmpty }
        expectNotice(world, "without a lease")
    }

    @Test func anAttemptBeforeTheCommitIsNoticed() {
        var world = World(seed: 1)
        world.hasFaults = false
        // What an earlier run left is claimed first; until then a message is stored without a lease.
        world.commitOne()
        for _ in 1...10 {
            world.submit()
            guard case .accept(let message)? = world.works.popLast(), message.lease != nil else { continue }
            // Handed on without being stored.
            world.event(.stored(message, lane: Lane(0)))
        }
        drive(&world) { $0.problems.contains { $0.contains("which the store does not hold") } }
    }

    @Test func aDeliveryThatNeverArrivedIsNoticed() throws {
        var world = busyWorld()
        drive(&world) { !$0.attempting.isEmpty }
        let order = world.attempting.removeFirst()
        let results = order.recipients.map { _ in RecipientResult.delivered(SMTPReply(250, nil, "OK")) }
        world.event(.attemptEnded(order.connection, results, isReusable: false, reportsSuccessItself: false, facts: ConnectionFacts()))
        while !world.works.isEmpty { world.commitOne() }
        expectNotice(world, "never arrived")
    }

    @Test func aMessageThatIsSentTwiceIsNoticed() {
        var world = busyWorld()
        drive(&world) { !$0.attempting.isEmpty }
        var order = world.attempting[0]
        // The receiver hears it again and again, from connections that the core does not know.
        order.connection = ConnectionID(1_000_000)
        for _ in 0..<20 {
            world.attempting = [order]
            world.answerAttempt()
        }
        expectNotice(world, "times without a crash")
    }

    @Test func aReportToANullReversePathIsNoticed() throws {
        var world = busyWorld()
        let record = try #require(world.records.values.first { $0.reversePath == .null })
        let settlement = Settlement(
            tenant: record.tenant, message: record.id, at: world.now, recipientCount: 1, connection: ConnectionFacts(), route: "",
            outcomes: [])
        world.take([
            .settle(
                SettlementOrder(
                    settlement: settlement, reports: [ReportOrder(kind: .failed, recipients: [])], record: record, content: nil, leased: 0))
        ])
        expectNotice(world, "null reverse-path")
    }
}
