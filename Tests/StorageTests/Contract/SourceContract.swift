import DeliveryPlanning
import MailModel
import OutboundPolicy
import OwnThreads
import Storage
import Testing

/// What a store promises about mail that waits for a node with its egress source.
@Suite(.ownThreads) struct SourceContract {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private static let now = Sample.start
    private static let later = now + .seconds(3600)

    private func rid(_ number: Int, _ index: Int32 = 0) -> RecipientID {
        RecipientID(tenant: .standard, message: Sample.id(number), index: index)
    }

    /// Run 5 holds message `number` and leaves it for the nodes that have a source of a list.
    private func leave(_ number: Int, for list: Int32, in store: any Store, dueAt: Timestamp = later) throws {
        try store.commit(.accept(Sample.message(number, lease: Lease(owner: 5))))
        try store.commit(.release(owner: 5, recipients: [rid(number)], dueAt: dueAt, waitsFor: list))
    }

    private func claim(
        _ store: any Store, owner: Int64, at now: Timestamp = now, limit: Int = 100, lateLists: [Int32] = []
    ) throws -> (numbers: [Int], nextDueAt: Timestamp?) {
        let claim = Claim(owner: owner, now: now, limit: limit, lateLists: lateLists)
        guard case .claimed(let messages, let next) = try store.commit(.claim(claim)) else { return ([], nil) }
        return (messages.map { Int($0.record.id.value & 0x3FFF) }.sorted(), next)
    }

    @Test(arguments: StoreDriver.all)
    func aClaimTakesAtOnceWhatWaitsForASourceThatTheNodeHas(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        try leave(1, for: 70, in: store)
        try leave(2, for: 80, in: store)
        try store.commit(.accept(Sample.message(3)))
        let elsewhere = try claim(store, owner: 6, lateLists: [70, 80])
        #expect(elsewhere.numbers == [3])
        #expect(elsewhere.nextDueAt == SourceContract.later)
        let here = try claim(store, owner: 7, lateLists: [80])
        #expect(here.numbers == [1])
        #expect(here.nextDueAt == SourceContract.later)
        // A list that no route has any more is whoever's comes first.
        #expect(try claim(store, owner: 8).numbers == [2])
    }

    @Test(arguments: StoreDriver.all)
    func whatIsDueIsLookedAtAgainByAnyNode(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        try leave(1, for: 70, in: store)
        #expect(try claim(store, owner: 6, at: SourceContract.later - .milliseconds(1), lateLists: [70]).numbers == [])
        #expect(try claim(store, owner: 6, at: SourceContract.later, lateLists: [70]).numbers == [1])
        #expect(try store.waitingForSources() == [:])
    }

    @Test(arguments: StoreDriver.all)
    func aClaimThatIsFullSaysThatMoreIsDueAtOnce(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        for number in 1...5 { try leave(number, for: 70, in: store) }
        for number in 6...10 { try store.commit(.accept(Sample.message(number))) }
        let first = try claim(store, owner: 6, limit: 4)
        #expect(first.numbers.count == 4)
        // Neither what waits for a source nor what waits for none is kept waiting by the other.
        #expect(first.numbers.contains { $0 <= 5 } && first.numbers.contains { $0 > 5 })
        #expect(first.nextDueAt == SourceContract.now)
        let rest = try claim(store, owner: 6).numbers
        #expect(Set(first.numbers + rest) == Set(1...10))
    }

    @Test(arguments: StoreDriver.all)
    func aFailureWithoutASourceWaitsForOne(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        let message = Sample.message(1, lease: Lease(owner: 5))
        try store.commit(.accept(message))
        var outcome = Sample.outcome(.queued, dueAt: SourceContract.later)
        outcome.waitsFor = 70
        try store.commit(.settle(Sample.settlement(message, [outcome], owner: 5)))
        #expect(try store.waitingForSources() == [70: 1])
        #expect(try store.queue(QueueQuery()).map(\.id) == [rid(1)])
        #expect(try claim(store, owner: 6, lateLists: [70]).numbers == [])
        #expect(try claim(store, owner: 6).numbers == [1])
    }

    @Test(arguments: StoreDriver.all)
    func actsReachWhatWaitsForASource(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        for number in 1...3 { try leave(number, for: 70, in: store) }
        try leave(4, for: 80, in: store)
        try store.commit(.accept(Sample.message(5)))
        #expect(try store.affected(Sample.act(.hold)) == 5)
        #expect(try store.waitingForSources() == [:])
        #expect(try store.affected(Sample.act(.release)) == 5)
        try leave(6, for: 90, in: store)
        #expect(try store.affected(Sample.act(.retry)) == 6)
        #expect(try claim(store, owner: 6, lateLists: [90]).numbers == [1, 2, 3, 4, 5, 6])
        #expect(try store.recount() == store.ledger())
    }

    @Test(arguments: StoreDriver.all)
    func theTraceNamesTheSourceOfAnAttempt(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        let message = Sample.message(1, to: ["a@x.net", "b@x.net", "c@x.net"])
        try store.commit(.accept(message))
        var settlement = Sample.settlement(message, [Sample.outcome(.delivered)])
        settlement.source = "vienna"
        try store.commit(.settle(settlement))
        settlement.source = EgressSource.standardName
        settlement.outcomes = [Sample.outcome(.delivered, index: 1)]
        try store.commit(.settle(settlement))
        settlement.source = ""
        settlement.outcomes = [Sample.outcome(.queued, index: 2)]
        try store.commit(.settle(settlement))
        #expect(try store.message(message.record.id)?.events.map(\.source) == ["vienna", "default", ""])
    }

    @Test(arguments: StoreDriver.all)
    func runsSayWhichSourcesTheyUseAndOthersHearOfIt(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        var run = NodeRun(owner: 11, node: 1, name: "one", at: SourceContract.now)
        run.sources = ["graz", "vienna"]
        let before = try store.lastChange()
        try store.commit(.register(run, previous: nil))
        #expect(try store.nodes(at: SourceContract.now).map(\.sources) == [["graz", "vienna"]])
        let registered = try store.lastChange()
        #expect(registered.runs > before.runs)
        try store.commit(.renew(run, successor: 12))
        #expect(try store.lastChange() == registered)
        run.sources = ["graz"]
        try store.commit(.renew(run, successor: 12))
        #expect(try store.nodes(at: SourceContract.now).map(\.sources) == [["graz"]])
        let changed = try store.lastChange()
        #expect(changed.runs > registered.runs)
        try store.commit(.leave(owner: 11, at: SourceContract.now))
        #expect(try store.lastChange().runs > changed.runs)
    }

    @Test(arguments: StoreDriver.all)
    func whatIsLeftForOthersIsNews(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        guard store.isShared else { return }
        let before = try store.lastChange().news
        for number in 1...3 { try store.commit(.accept(Sample.message(number, lease: Lease(owner: 5)))) }
        _ = try store.commit((1...3).map { .release(owner: 5, recipients: [rid($0)], dueAt: SourceContract.later, waitsFor: 70) })
        #expect(try store.queueNews(after: before, limit: 10).map(\.kind) == [.becameDue(waitsFor: 70)])
    }
}
