import DeliveryPlanning
import MailModel
import OwnThreads
import Storage
import Testing

/// What becomes of an act on recipients that a run holds, on every driver.
@Suite(.ownThreads) struct WishContract {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private func ids(_ count: Int) -> [RecipientID] {
        (0..<Int32(count)).map { RecipientID(tenant: .standard, message: Sample.id(1), index: $0) }
    }

    private func act(_ verb: QueueVerb, _ index: Int32, owner: Int64 = 0) -> StoreWork {
        var filter = QueueFilter()
        filter.message = Sample.id(1)
        filter.recipientIndex = index
        return .act(QueueAct(verb: verb, filter: filter, audit: Sample.audit("queue.\(verb.rawValue)"), owner: owner))
    }

    /// One message with a recipient for each of these, held by run 11.
    private func open(_ driver: StoreDriver, recipients count: Int) throws -> (any Store, NewMessage) {
        let store = try driver.open(folder)
        _ = try store.register(11, name: "mail")
        let message = Sample.message(1, to: (0..<count).map { "r\($0)@x.net" }, lease: Lease(owner: 11))
        try store.commit(.accept(message))
        return (store, message)
    }

    private func states(_ store: any Store) throws -> [RecipientState] {
        #expect(try store.ledger() == store.recount())
        return try store.message(Sample.id(1))?.recipients.map(\.state) ?? []
    }

    /// The ways in which a run's recipients go back.
    enum End: CaseIterable, Sendable {
        case taken, left, replaced, released, deferred
    }

    @Test(arguments: StoreDriver.onGivenTime, End.allCases)
    func whatWasAskedComesInPlaceOfTheNextAttempt(_ driver: StoreDriver, end: End) throws {
        let (store, message) = try open(driver, recipients: 3)
        #expect(try store.affected(act(.hold, 0)) == 1)
        #expect(try store.affected(act(.cancel, 1)) == 1)
        #expect(try states(store) == [.queued, .queued, .queued])
        let later = Sample.start + .seconds(3600)
        switch end {
        case .taken:
            _ = try store.register(12, name: "other", at: later)
        case .left: try store.commit(.leave(owner: 11, at: later))
        case .replaced: _ = try store.register(12, name: "mail", previous: 11)
        case .released: try store.commit(.release(owner: 11, recipients: ids(3), dueAt: later))
        case .deferred:
            let outcomes = (0..<Int32(3)).map { Sample.outcome(.queued, index: $0, dueAt: later) }
            try store.commit(.settle(Sample.settlement(message, outcomes, owner: 11)))
        }
        #expect(try states(store) == [.held, .cancelled, .queued])
        #expect(try store.claim(owner: 12, at: later)?.ids == [ids(3)[2]])
        let events = try store.message(Sample.id(1))?.events.filter { $0.kind != "deferred" } ?? []
        #expect(events.map { "\($0.index) \($0.kind)" } == ["0 held", "1 cancelled"])
        #expect(events.allSatisfy { $0.findings.map(\.rule) == ["queue.wished"] })
    }

    @Test(arguments: StoreDriver.all)
    func aCancelOfTheLastTakesTheBodyAlong(_ driver: StoreDriver) throws {
        let (store, _) = try open(driver, recipients: 1)
        #expect(try store.affected(act(.cancel, 0)) == 1)
        try store.commit(.leave(owner: 11, at: Sample.start))
        #expect(try states(store) == [.cancelled])
        #expect(try store.content(of: Sample.id(1), tenant: .standard) == nil)
    }

    @Test(arguments: StoreDriver.all)
    func anAttemptThatSettlesItCountsMore(_ driver: StoreDriver) throws {
        let (store, message) = try open(driver, recipients: 3)
        for index in 0..<Int32(3) { #expect(try store.affected(act(.hold, index)) == 1) }
        let outcomes = [Sample.outcome(.delivered), Sample.outcome(.bounced, index: 1), Sample.outcome(.cancelled, index: 2)]
        try store.commit(.settle(Sample.settlement(message, outcomes, owner: 11)))
        #expect(try states(store) == [.delivered, .bounced, .cancelled])
    }

    @Test(arguments: StoreDriver.all)
    func aHoldIsTakenBackByAReleaseAndACancelIsNot(_ driver: StoreDriver) throws {
        let (store, _) = try open(driver, recipients: 3)
        #expect(try store.affected(act(.hold, 0)) == 1)
        #expect(try store.affected(act(.hold, 0)) == 0, "asked for before")
        #expect(try store.affected(act(.cancel, 1)) == 1)
        #expect(try store.affected(act(.hold, 1)) == 0)
        #expect(try store.affected(act(.hold, 2)) == 1)
        #expect(try store.affected(act(.cancel, 2)) == 1, "more than before")
        #expect(try store.affected(Sample.act(.release)) == 1)
        #expect(try store.affected(Sample.act(.retry)) == 0)
        try store.commit(.leave(owner: 11, at: Sample.start))
        #expect(try states(store) == [.queued, .cancelled, .cancelled])
    }

    /// It is told by its own memory, which counts them.
    @Test(arguments: StoreDriver.all)
    func whatTheActingRunHoldsIsNotCounted(_ driver: StoreDriver) throws {
        let (store, _) = try open(driver, recipients: 1)
        #expect(try store.affected(act(.hold, 0, owner: 11)) == 0)
        try store.commit(.leave(owner: 11, at: Sample.start))
        #expect(try states(store) == [.held])
    }

    /// A node that had lost its lease defers what was held meanwhile.
    @Test(arguments: StoreDriver.all)
    func aLateDeferralTakesNoHoldBack(_ driver: StoreDriver) throws {
        let (store, message) = try open(driver, recipients: 1)
        try store.commit(.leave(owner: 11, at: Sample.start))
        #expect(try store.affected(Sample.act(.hold)) == 1)
        try store.commit(.settle(Sample.settlement(message, [Sample.outcome(.queued)], owner: 11)))
        #expect(try states(store) == [.held])
    }

    @Test(arguments: StoreDriver.all)
    func anActByFilterReachesWhatEveryRunHolds(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        for number in 1...40 {
            let lease = number % 4 == 0 ? nil : Lease(owner: Int64(number % 4) - 2 == 0 ? 9 : Int64(number % 4) - 2)
            try store.commit(.accept(Sample.message(number, to: (0..<100).map { "r\($0)@x.net" }, lease: lease)))
        }
        #expect(try store.affected(Sample.act(.cancel)) == 4000)
        for owner in [-1, 9, 1] as [Int64] { try store.commit(.leave(owner: owner, at: Sample.start)) }
        #expect(try store.recount().cancelled == 4000)
        #expect(try store.ledger() == store.recount())
    }
}
