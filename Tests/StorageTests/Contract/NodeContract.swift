import DeliveryPlanning
import Foundation
import MailModel
import OutboundPolicy
import OwnThreads
import Storage
import Testing

/// What runs of nodes promise on every driver: who holds what, and who takes over when.
///
/// The drivers differ in whose clock counts: a store that several processes share goes by its own. So leases here either last long or are
/// over from the start, and no test waits.
@Suite(.ownThreads) struct NodeContract {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private func rid(_ number: Int, _ index: Int32 = 0) -> RecipientID {
        RecipientID(tenant: .standard, message: Sample.id(number), index: index)
    }

    /// A run whose lease is over as soon as it begins.
    private func lapsed(_ owner: Int64, name: String) -> StoreWork {
        .register(NodeRun(owner: owner, node: nil, name: name, lease: .zero, at: Sample.start), previous: nil)
    }

    private func renewal(_ owner: Int64, name: String = "mail", node: UInt8? = nil, successor: Int64) -> StoreWork {
        .renew(
            NodeRun(owner: owner, node: node, name: name, version: "2", addresses: ["submission=192.0.2.1:587"], at: Sample.start),
            successor: successor)
    }

    @Test(arguments: StoreDriver.all)
    func aRestartGivesBackWhatTheRunBeforeHeld(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        #expect(try store.register(11)?.released == 0)
        try store.commit(.accept(Sample.message(1, to: ["a@x.net", "b@x.net"], lease: Lease(owner: 11))))
        try store.commit(.accept(Sample.message(3, state: .held)))
        let run = try #require(try store.register(12, previous: 11))
        #expect(run.open == 3 && run.released == 2 && run.newestMessage == Sample.id(3) && run.node == 1)
        #expect(try store.claim(owner: 12, at: Sample.start)?.ids == [rid(1, 0), rid(1, 1)])
        #expect(try store.register(12)?.released == 0, "its own leases stay")
        #expect(try store.nodes(at: Sample.start).map(\.recipients) == [2])
    }

    @Test(arguments: StoreDriver.all)
    func whoseAttemptWasUnderWayStandsInTheTrace(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        try store.commit(.accept(Sample.message(1, to: ["a@x.net", "b@x.net"])))
        let work = StoreWork.interrupted([rid(1, 1), rid(2)], at: Sample.start)
        guard case .affected(1) = try store.commit(work) else { throw StoreError.corrupt("not one recipient is known") }
        let detail = try #require(try store.message(Sample.id(1)))
        #expect(detail.events.map(\.index) == [1] && detail.events.map(\.kind) == ["interrupted"])
        #expect(detail.events.first?.findings.map(\.rule) == ["interrupted.attempt"])
        #expect(detail.recipients.allSatisfy { $0.state == .queued && $0.attempts == 0 })
    }

    @Test(arguments: StoreDriver.all)
    func whatRunsHoldThatNobodyKnowsGoesBack(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        _ = try store.register(11)
        try store.commit(.accept(Sample.message(1, lease: Lease(owner: -22))))
        try store.commit(.accept(Sample.message(2, lease: Lease(owner: 11))))
        guard case .tookOver(let runs, let recipients) = try store.commit(.takeOver(by: 11, at: Sample.start)) else { return }
        #expect(runs == [] && recipients == 1)
        #expect(try store.claim(owner: 11, at: Sample.start)?.ids == [rid(1)])
    }

    @Test(arguments: StoreDriver.all)
    func aLapsedRunIsTakenOverOnceAndBeginsAnew(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        try store.commit(lapsed(11, name: "mail"))
        let message = Sample.message(1, lease: Lease(owner: 11))
        try store.commit(.accept(message))
        #expect(try store.nodes(at: Sample.start).map(\.state) == [.lapsed])
        guard case .tookOver(let runs, let recipients) = try store.commit(.takeOver(by: 11, at: Sample.start)) else { return }
        #expect(runs.map { "\($0.node) \($0.name) \($0.recipients)" } == ["1 mail 1"] && recipients == 1)
        guard case .tookOver([], recipients: 0) = try store.commit(.takeOver(by: 11, at: Sample.start)) else {
            Issue.record("taken over twice")
            return
        }
        guard case .registered(let run) = try store.commit(renewal(11, successor: 12)) else {
            Issue.record("not begun anew")
            return
        }
        #expect(run.owner == 12 && run.node == 1 && run.open == 1)
        // The attempt that was in flight when the lease was lost counts while nobody else has the recipient.
        guard case .settled(1) = try store.commit(.settle(Sample.settlement(message, [Sample.outcome(.delivered)], owner: 11))) else {
            Issue.record("not settled")
            return
        }
    }

    @Test(arguments: StoreDriver.all)
    func anOutcomeThatCameTooLateIsCountedOutWithItsReports(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        let message = Sample.message(1, lease: Lease(owner: 11))
        try store.commit(.accept(message))
        let work = StoreWork.settle(
            Sample.settlement(message, [Sample.outcome(.bounced)], notices: [Sample.message(2)], owner: 10))
        guard case .settled(0) = try store.commit(work) else {
            Issue.record("settled")
            return
        }
        #expect(try store.message(Sample.id(2)) == nil)
    }

    @Test(arguments: StoreDriver.all)
    func aRunThatLivesIsRenewed(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        _ = try store.register(11)
        guard case .renewed = try store.commit(renewal(11, successor: 12)) else {
            Issue.record("not renewed")
            return
        }
        let row = try #require(try store.nodes(at: Sample.start).first)
        #expect(row.owner == 11 && row.version == "2" && row.addresses == ["submission=192.0.2.1:587"] && row.state == .running)
    }

    @Test(arguments: StoreDriver.all)
    func aCleanStopGivesEverythingBackAndIsRemembered(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        _ = try store.register(11, name: "one")
        try store.commit(.accept(Sample.message(1, lease: Lease(owner: 11))))
        #expect(try store.affected(.leave(owner: 11, at: Sample.start)) == 1)
        #expect(try store.nodes(at: Sample.start).map(\.state) == [.stopped])
        #expect(try store.register(12, name: "two")?.node == 1, "the number is free")
        #expect(try store.nodes(at: Sample.start).map(\.state) == [.stopped, .running])
        _ = try store.register(13, name: "one")
        #expect(try store.nodes(at: Sample.start).count { $0.name == "one" } == 1, "what a node was before is forgotten")
    }

    @Test(arguments: StoreDriver.all)
    func whereSeveralProcessesShareTheStoreNumbersAreUnique(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        #expect(try store.register(11, name: "one")?.node == 1)
        guard store.isShared else {
            #expect(try store.register(12, name: "two")?.node == 1, "the one before is over")
            return
        }
        #expect(try store.register(12, name: "two")?.node == 2)
        guard
            case .numberTaken(by: "two", node: 2) = try store.commit(
                .register(NodeRun(owner: 13, node: 2, name: "three", at: Sample.start), previous: nil))
        else {
            Issue.record("a number was given twice")
            return
        }
        #expect(try store.register(13, node: 2, name: "two", previous: 12)?.node == 2)
        try store.commit(.accept(Sample.message(1, lease: Lease(owner: 11))))
        #expect(try store.register(14, name: "four")?.released == 0, "what a living run holds stays with it")
        #expect(try store.claim(owner: 14, at: Sample.start)?.ids == [])
    }
}

/// What one node at a time does, and what all of them hear of.
@Suite(.ownThreads) struct NewsContract {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private func holds(_ store: any Store, _ owner: Int64, lease: Duration = .seconds(600)) throws -> Bool? {
        let hold = TaskHold(name: "purge", owner: owner, lease: lease, at: Sample.start)
        guard case .task(let isHeld) = try store.commit(.holdTask(hold)) else { return nil }
        return isHeld
    }

    @Test(arguments: StoreDriver.all)
    func aTaskHasOneOwnerAtATime(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        _ = try store.register(11, name: "one")
        #expect(try holds(store, 11) == true)
        #expect(try holds(store, 11) == true, "it goes on")
        #expect(try holds(store, 12) == false)
        try store.commit(.leave(owner: 11, at: Sample.start))
        #expect(try holds(store, 12) == true, "its owner is over")
    }

    @Test(arguments: StoreDriver.all)
    func aTaskWhoseLeaseHasLapsedIsTaken(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        _ = try store.register(11)
        #expect(try holds(store, 11, lease: .zero) == true)
        #expect(try holds(store, 12) == true)
    }

    @Test(arguments: StoreDriver.all)
    func aTaskThatIsDoneIsNobodysUntilItIsDueAgain(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        _ = try store.register(11)
        #expect(try holds(store, 11) == true)
        let hold = TaskHold(name: "purge", owner: 11, lease: .zero, at: Sample.start)
        try store.commit(.endTask(hold, dueAfter: .seconds(3600)))
        #expect(try holds(store, 11) == false)
        #expect(try holds(store, 12) == false)
        try store.commit(.endTask(TaskHold(name: "other", owner: 0, lease: .zero, at: Sample.start), dueAfter: .zero))
    }

    @Test(arguments: StoreDriver.all)
    func actsAndReturnsAreNewsForTheOthers(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        let before = try store.lastChange()
        var filter = QueueFilter()
        filter.domain = DomainName("x.net")
        let audit = Sample.audit("queue.cancel")
        try store.commit(.act(QueueAct(verb: .cancel, filter: filter, audit: audit, owner: 11)))
        _ = try store.register(12)
        try store.commit(.leave(owner: 12, at: Sample.start))
        let after = try store.lastChange()
        #expect(after.news == before.news + 2 && after.directory == before.directory)
        let news = try store.queueNews(after: before.news, limit: 10)
        #expect(news.map(\.owner) == [11, 12])
        #expect(news.map(\.kind) == [.acted(.cancel, filter), .becameDue()])
        #expect(try store.queueNews(after: after.news, limit: 10) == [])
    }

    @Test(arguments: StoreDriver.all)
    func whoWaitsIsToldOfAChangeThatCameBeforeOrComes(_ driver: StoreDriver) async throws {
        let store = try driver.open(folder)
        let start = try store.lastChange()
        #expect(try store.waitForChange(since: start, timeout: .zero) == start)
        let change = DirectoryChange(kind: .pause, name: "all", value: "{\"scope\":\"all\"}", audit: Sample.audit("pause.add"))
        try store.commit(.change(change))
        let second = try store.waitForChange(since: start, timeout: .seconds(600))
        #expect(second.directory == start.directory + 1)
        async let third = BlockingCall.run { try store.waitForChange(since: second, timeout: .seconds(600)) }
        try store.commit(Sample.act(.hold))
        #expect(try await third == StoreChange(directory: second.directory, news: second.news + 1))
    }
}

/// A call that blocks, on a thread of its own.
enum BlockingCall {
    static func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
        }
    }
}
