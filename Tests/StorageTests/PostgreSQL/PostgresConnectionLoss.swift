import DeliveryPlanning
import Foundation
import MailModel
import OwnThreads
import PostgresTestServer
import Synchronization
import Testing

@testable import Storage

/// What a store promises when its connections break at any moment of a commit.
@Suite(.ownThreads) struct PostgresConnectionLoss {
    let folder: TemporaryFolder
    let database: PostgresTestDatabase
    let proxy: FaultyProxy

    init() throws {
        folder = try TemporaryFolder()
        database = try folder.database()
        proxy = try FaultyProxy(to: database.server.socketPath)
    }

    private func url(_ options: String = "") throws -> PostgresURL {
        try PostgresURL("postgresql://nobody:geheim@127.0.0.1:\(proxy.port)/\(database.name)?sslmode=disable\(options)")
    }

    /// `atCommit` runs when all of a commit is handed over and its end is not.
    private func open(atCommit: (@Sendable (Int64) -> Void)? = nil, change: (inout PostgresStore.Options) -> Void = { _ in }) throws
        -> PostgresStore
    {
        var options = PostgresStore.Options()
        options.beforeCommit = atCommit
        change(&options)
        return try PostgresStore(url(), options: options, migration: .apply)
    }

    /// Once each: the commit that it meets is the second.
    private func inSecondCommit(_ fault: FaultyProxy.Fault) -> @Sendable (Int64) -> Void {
        let isDone = Mutex(false)
        return { [proxy] number in
            let isFirst = isDone.withLock { isDone in
                defer { isDone = isDone || number == 2 }
                return number == 2 && !isDone
            }
            if isFirst { proxy.expect(fault) }
        }
    }

    /// Messages, outcomes and a claim: everything is there once, and the counters agree with the rows.
    private func check(_ store: PostgresStore, after works: [StoreWork]) throws {
        let results = try store.commit(works)
        #expect(!proxy.isFaultPending, "the fault came")
        guard case .settled(1) = results[1], case .claimed(let claimed, _) = results[2] else {
            Issue.record("\(results)")
            return
        }
        #expect(claimed.map(\.record.id) == [Sample.id(2)])
        #expect(try store.message(Sample.id(1))?.events.count == 1)
        #expect(try store.ledger() == store.recount())
        #expect(try store.ledger().accepted == 2 && store.ledger().delivered == 1)
        try store.commit(.accept(Sample.message(3)))
        #expect(try store.ledger().accepted == 3)
        var query = TraceQuery()
        query.recipient = "reader@example.net"
        #expect(try store.trace(query).count == 3, "the filters were kept")
    }

    private var works: [StoreWork] {
        [
            .accept(Sample.message(2)), .settle(Sample.settlement(Sample.message(1), [Sample.outcome(.delivered)])),
            Sample.claim(owner: 5, at: Sample.start),
        ]
    }

    @Test(arguments: [FaultyProxy.Fault.cutBeforeNextRequest, .cutBeforeNextAnswer, .cutAfterOctets(0), .cutAfterOctets(30)])
    func aCommitWhoseAnswerIsLostIsAppliedOnce(_ fault: FaultyProxy.Fault) throws {
        let store = try open(atCommit: inSecondCommit(fault))
        defer { store.close() }
        try store.commit(.accept(Sample.message(1)))
        try check(store, after: works)
    }

    @Test(arguments: [0, 1, 1000, 70_000, 200_000])
    func aConnectionThatBreaksWithinACommitIsReplaced(_ octets: Int) throws {
        let store = try open()
        defer { store.close() }
        try store.commit(.accept(Sample.message(1)))
        proxy.expect(.cutAfterOctets(octets))
        let large = (10..<40).map { StoreWork.accept(Sample.message($0, content: [UInt8](repeating: 65, count: 9000))) }
        _ = try store.commit(large)
        #expect(!proxy.isFaultPending)
        #expect(try store.ledger().accepted == 31)
        #expect(try store.ledger() == store.recount())
    }

    @Test func anAnswerThatNeverComesIsNotWaitedForWithoutEnd() throws {
        let store = try open(
            atCommit: inSecondCommit(.loseNextAnswer),
            change: {
                $0.statementSeconds = 1
                $0.graceSeconds = 0
            })
        defer { store.close() }
        try store.commit(.accept(Sample.message(1)))
        try check(store, after: works)
    }

    /// The first octets introduce it, the next ones set its session up.
    @Test(arguments: Array(stride(from: 0, to: 500, by: 50))) func aConnectionThatBreaksWhileItIsMadeIsFreedOnce(_ octets: Int) throws {
        proxy.expect(.cutAfterOctets(octets))
        #expect(throws: StoreError.self) { try PostgresConnection(url()) }
        #expect(!proxy.isFaultPending)
    }

    @Test func aReadOnABrokenConnectionIsMadeAgain() throws {
        let store = try open()
        defer { store.close() }
        try store.commit(.accept(Sample.message(1)))
        #expect(try store.ledger().accepted == 1)
        for fault in [FaultyProxy.Fault.cutBeforeNextRequest, .cutBeforeNextAnswer] {
            proxy.expect(fault)
            #expect(try store.content(of: Sample.id(1), tenant: .standard) != nil)
            #expect(!proxy.isFaultPending)
        }
    }

    /// Runs a commit whose answer is lost while no connection can be made, and `then` once that was tried.
    private func commitInTheDark(_ store: PostgresStore, then: @escaping @Sendable () -> Void) throws -> [StoreWorkResult] {
        let helper = Thread { [proxy] in
            proxy.waitForRefusal()
            then()
        }
        helper.start()
        return try store.commit(works)
    }

    private func cutOff() -> @Sendable (Int64) -> Void {
        let cut = inSecondCommit(.cutBeforeNextAnswer)
        return { [proxy] number in
            cut(number)
            if number == 2 { proxy.refuseConnections(true) }
        }
    }

    @Test func aLostAnswerIsLookedUpUntilTheServerIsBack() throws {
        let isBack = Mutex(false)
        let cut = cutOff()
        let store = try open(atCommit: { number in if !isBack.withLock({ $0 }) { cut(number) } })
        defer { store.close() }
        try store.commit(.accept(Sample.message(1)))
        let results = try commitInTheDark(store) { [proxy] in
            isBack.withLock { $0 = true }
            proxy.refuseConnections(false)
        }
        #expect(results.count == 3)
        #expect(try store.ledger().accepted == 2)
        #expect(try store.ledger() == store.recount())
    }

    @Test func closingEndsTheSearchForALostAnswer() throws {
        let store = try open(atCommit: cutOff())
        try store.commit(.accept(Sample.message(1)))
        #expect(throws: StoreError.self) {
            try commitInTheDark(store) { Thread { store.close() }.start() }
        }
        proxy.refuseConnections(false)
        let again = try PostgresStore(PostgresURL(database.url), migration: .refuse)
        defer { again.close() }
        #expect(try again.ledger() == again.recount())
        #expect(try again.ledger().accepted == 2, "it had been applied; who closes at that moment is not told")
    }

    /// A late `COMMIT` of a connection that was given up must not take effect any more.
    @Test func aCommitThatWasPassedOverCanNotTakePlace() throws {
        let connection = try PostgresConnection(PostgresURL(database.url))
        func mark(_ number: Int64) throws { try connection.prepare(PostgresStatements.markCommit).begin().bind(number).bind(77).run() }
        func passOver(_ number: Int64) throws -> Int64 {
            let statement = try connection.prepare(PostgresStatements.passOver).begin().bind(77).bind(number + 1).bind(number)
            defer { statement.end() }
            return try statement.step() ? statement.readInt64() : -2
        }
        #expect(try passOver(-1) == 0)
        try mark(1)
        #expect(try passOver(1) == 1, "it took place")
        #expect(try passOver(2) == 3, "it did not")
        #expect(try passOver(2) == 3, "nor where the answer to that is lost and it is asked again")
        let error = #expect(throws: StoreError.self) { try mark(2) }
        guard case .rejected = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        try mark(4)
        // After a failover to a server that had not seen the last ones.
        #expect(try passOver(9) == 10)
        try mark(11)
    }

    /// What was taken for failed, since the server did not come back within the lease, is found applied.
    @Test(arguments: [true, false]) func whatWasInDoubtForTooLongIsNotUsed(isApplied: Bool) throws {
        let cut = inSecondCommit(isApplied ? .cutBeforeNextAnswer : .cutBeforeNextRequest)
        let store = try open(
            atCommit: { [proxy] number in
                cut(number)
                if number == 2 { proxy.refuseConnections(true) }
            }, change: { $0.resolveTime = .milliseconds(1) })
        defer { store.close() }
        let run = NodeRun(owner: 11, node: nil, name: "mail", at: Sample.start)
        let open = Sample.message(1, to: ["a@x.net", "b@x.net", "c@x.net"])
        _ = try store.commit([.register(run, previous: nil), .accept(open)])
        let deferral = StoreWork.settle(
            Sample.settlement(open, [Sample.outcome(.queued, index: 2, dueAt: Sample.start + .seconds(60))], owner: 11))
        var known = Sample.message(4, lease: Lease(owner: 11))
        known.idempotency = IdempotencyMark(principal: "key:a", key: "k", requestHash: "h")
        #expect(throws: StoreError.self) {
            try store.commit([
                .accept(Sample.message(2, lease: Lease(owner: 11))), .accept(Sample.message(3)), .accept(known), deferral,
                Sample.claim(owner: 11, at: Sample.start),
            ])
        }
        proxy.refuseConnections(false)

        guard case .settled(let again) = try store.commit(deferral) else { throw StoreError.rejected("not settled") }
        #expect(again == (isApplied ? 0 : 1), "it stands already")
        guard isApplied else {
            #expect(try store.ledger().accepted == 3)
            guard case .renewed = try store.commit(.renew(run, successor: 12)) else { throw StoreError.rejected("the run is over") }
            return
        }
        for number in [2, 3] { #expect(try store.message(Sample.id(number))?.recipients.map(\.state) == [.cancelled]) }
        #expect(try store.message(Sample.id(2))?.events.last?.findings.map(\.rule) == ["store.unanswered"])
        #expect(try store.message(Sample.id(4))?.recipients.map(\.state) == [.queued])
        #expect(try store.message(Sample.id(1))?.events.map(\.kind) == ["deferred"])
        #expect(try store.queue(QueueQuery()).map(\.isLeased) == [false, false, false, false])
        guard case .registered(let new) = try store.commit(.renew(run, successor: 12)) else { throw StoreError.rejected("the run goes on") }
        #expect(new.owner == 12)
        #expect(try store.ledger() == store.recount())
    }

    @Test func aStatementThatTakesTooLongFailsAndTheNextIsTried() throws {
        let store = try open(change: { $0.statementSeconds = 1 })
        defer { store.close() }
        try store.commit(.accept(Sample.message(1)))
        let other = try PostgresConnection(PostgresURL(database.url))
        try other.execute("BEGIN")
        try other.execute("LOCK TABLE recipient IN ACCESS EXCLUSIVE MODE")
        let error = #expect(throws: StoreError.self) { try store.commit(.accept(Sample.message(2))) }
        guard case .unavailable = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        other.rollback()
        try store.commit(.accept(Sample.message(2)))
        #expect(try store.ledger().accepted == 2)
    }

    @Test func noErrorTellsThePassword() throws {
        proxy.refuseConnections(true)
        for text in [
            "postgresql://nobody:geheim@127.0.0.1:\(proxy.port)/x", "postgresql://nobody:geheim@127.0.0.1:1/x",
            "postgresql://nobody:geheim@\u{2E}invalid./x", "postgresql://geheim:geheim@/x?host=\(database.server.directory)",
        ] {
            let url = try PostgresURL(text)
            let error = #expect(throws: StoreError.self) { try PostgresStore(url, migration: .apply) }
            #expect(!"\(String(describing: error))".contains("geheim"), "\(url)")
            #expect(!"\(url)".contains(":geheim"))
            guard case .unavailable = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }
}

/// What an administrator does to the server. It is not the one that other tests share.
@Suite(.ownThreads) struct PostgresRestart {
    @Test func theStoreGoesOnWhenTheServerIsBack() throws {
        let server = try PostgresTestServer()
        let url = try PostgresURL(server.url())
        var options = PostgresStore.Options()
        // A backend may outlive its server for a moment, and take a commit with it.
        options.resolveTime = .zero
        let store = try PostgresStore(url, options: options, migration: .apply)
        try store.commit(.accept(Sample.message(1)))
        #expect(try store.ledger().accepted == 1)
        try server.restart()
        try store.commit(.accept(Sample.message(2)))
        #expect(try store.ledger().accepted == 2)
        try server.crash()
        for attempt in [{ _ = try store.ledger() }, { try store.commit(.accept(Sample.message(3))) }, { _ = try store.directoryVersion() }]
        {
            let error = #expect(throws: StoreError.self, performing: attempt)
            guard case .unavailable = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
        #expect(throws: StoreError.self) { try PostgresStore(url, migration: .refuse) }
        try server.start()
        try store.commit(.accept(Sample.message(3)))
        #expect(try store.ledger().accepted == 3)
        #expect(try store.ledger() == store.recount())
        store.close()
    }
}
