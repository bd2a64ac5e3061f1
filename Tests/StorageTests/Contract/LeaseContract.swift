import DeliveryPlanning
import MailModel
import OwnThreads
import Storage
import Testing

/// What claiming and releasing promise on every driver.
@Suite(.ownThreads) struct LeaseContract {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private func rid(_ number: Int, _ index: Int32 = 0) -> RecipientID {
        RecipientID(tenant: .standard, message: Sample.id(number), index: index)
    }

    @Test(arguments: StoreDriver.all)
    func aClaimTakesTheLongestDueFirstUpToItsLimit(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        for number in 1...6 { try store.commit(.accept(Sample.message(number, dueAt: Sample.start + .seconds(10 - number)))) }
        let now = Sample.start + .seconds(7)
        let first = try #require(try store.claim(owner: 5, at: now, limit: 3))
        #expect(first.ids == [rid(6), rid(5), rid(4)])
        #expect(first.nextDueAt == Sample.start + .seconds(7))
        let second = try #require(try store.claim(owner: 6, at: now, limit: 3))
        #expect(second.ids == [rid(3)])
        #expect(second.nextDueAt == Sample.start + .seconds(8))
        #expect(try store.claim(owner: 5, at: now)?.ids == [])
    }

    @Test(arguments: StoreDriver.all)
    func aClaimGivesWholeRecords(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        let message = Sample.message(1, to: ["a@x.net", "b@x.net", "c@y.net"])
        try store.commit(.accept(message))
        guard case .claimed(let messages, let next) = try store.commit(Sample.claim(owner: 5, at: Sample.start)) else {
            Issue.record("no claim")
            return
        }
        #expect(messages == [ClaimedMessage(record: message.record, recipients: message.recipients)])
        #expect(next == nil)
    }

    @Test(arguments: StoreDriver.all)
    func twoOwnersNeverGetTheSameRecipient(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        for number in 1...40 { try store.commit(.accept(Sample.message(number, to: ["a@x.net", "b@x.net", "c@x.net"]))) }
        var taken: [RecipientID] = []
        for round in 0..<20 { taken += try store.claim(owner: Int64(round % 4) - 6, at: Sample.start, limit: 7)?.ids ?? [] }
        #expect(taken.count == 120)
        #expect(Set(taken).count == 120)
    }

    @Test(arguments: StoreDriver.all)
    func aFreshLeasedMessageIsNotClaimed(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        try store.commit(.accept(Sample.message(1, lease: Lease(owner: 7))))
        let later = Sample.start + .seconds(86_400)
        #expect(try store.claim(owner: 8, at: later)?.ids == [])
        #expect(try store.claim(owner: 7, at: later)?.ids == [])
    }

    @Test(arguments: StoreDriver.all)
    func aDeferredRecipientIsClaimedAgainWhenDue(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        let message = Sample.message(1, lease: Lease(owner: 7))
        let due = Sample.start + .seconds(300)
        try store.commit(.accept(message))
        try store.commit(.settle(Sample.settlement(message, [Sample.outcome(.queued, dueAt: due)], owner: 7)))
        let early = try #require(try store.claim(owner: 7, at: due - .milliseconds(1)))
        #expect(early.ids == [])
        #expect(early.nextDueAt == due)
        #expect(try store.claim(owner: 7, at: due)?.ids == [rid(1)])
    }

    @Test(arguments: StoreDriver.all)
    func heldRecipientsAreNeitherLeasedNorClaimed(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        try store.commit(.accept(Sample.message(1, state: .held, lease: Lease(owner: 7))))
        #expect(try store.claim(owner: 8, at: Sample.start + .seconds(100))?.ids == [])
        #expect(try store.queue(QueueQuery()).map(\.isLeased) == [false])
    }

    /// Sent twice, and the trace says so: a node that was thought dead had delivered it.
    @Test(arguments: StoreDriver.all)
    func aDeliveryThatComesTooLateIsInTheTraceAndChangesNothing(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        let message = Sample.message(1, lease: Lease(owner: 7))
        try store.commit(.accept(message))
        try store.commit(.release(owner: 7, recipients: [rid(1)], dueAt: Sample.start))
        #expect(try store.claim(owner: 8, at: Sample.start)?.ids == [rid(1)])
        let late = StoreWork.settle(Sample.settlement(message, [Sample.outcome(.delivered)], owner: 7))
        guard case .settled(recipients: 0) = try store.commit(late) else {
            Issue.record("it took effect")
            return
        }
        #expect(try store.ledger().queued == 1)
        try store.commit(.settle(Sample.settlement(message, [Sample.outcome(.delivered)], owner: 8)))
        // Again once it is final, and a deferral, which nobody received.
        try store.commit(late)
        try store.commit(.settle(Sample.settlement(message, [Sample.outcome(.queued)], owner: 7)))
        let events = try store.message(message.record.id)?.events ?? []
        #expect(events.map(\.kind) == ["delivered", "delivered", "delivered"])
        #expect(events.map { $0.findings.map(\.rule) } == [["lease.late"], [], ["lease.late"]])
        #expect(try store.recount() == store.ledger())
        #expect(try store.content(of: message.record.id, tenant: .standard) == nil)
    }

    @Test(arguments: StoreDriver.all)
    func aReleaseGivesBackOnlyWhatTheOwnerHolds(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        try store.commit(.accept(Sample.message(1)))
        #expect(try store.claim(owner: 7, at: Sample.start)?.ids == [rid(1)])
        let due = Sample.start + .seconds(9)
        try store.commit(.release(owner: 8, recipients: [rid(1)], dueAt: due))
        #expect(try store.claim(owner: 8, at: due)?.ids == [])
        try store.commit(.release(owner: 7, recipients: [rid(1)], dueAt: due))
        #expect(try store.claim(owner: 8, at: due - .seconds(1))?.ids == [])
        #expect(try store.claim(owner: 8, at: due)?.ids == [rid(1)])
    }
}
