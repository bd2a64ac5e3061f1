import DeliveryPlanning
import Dispatch
import MailModel
import OutboundPolicy
import OwnThreads
import PostgresTestServer
import Synchronization
import Testing

@testable import Storage

/// What holds between nodes that work on one database at the same moment.
@Suite(.ownThreads) struct PostgresSharing {
    let folder: TemporaryFolder
    let database: PostgresTestDatabase
    let stores: [PostgresStore]

    init() throws {
        folder = try TemporaryFolder()
        let database = try folder.database()
        self.database = database
        stores = try (0..<2).map { _ in try PostgresStore(PostgresURL(database.url), migration: .refuse) }
    }

    /// Runs `body` for each store, all at once.
    private func onBoth<T: Sendable>(_ body: @escaping @Sendable (_ store: PostgresStore, _ number: Int) throws -> T) throws -> [T] {
        let results = Mutex<[Int: Result<T, any Error>]>([:])
        DispatchQueue.concurrentPerform(iterations: stores.count) { number in
            let result = Result { try body(stores[number], number) }
            results.withLock { $0[number] = result }
        }
        return try results.withLock { results in try (0..<stores.count).compactMap { try results[$0]?.get() } }
    }

    private func checkAccounts() throws {
        #expect(try stores[0].ledger() == stores[1].recount())
        #expect(try stores[0].ledger().isBalanced)
    }

    @Test func claimsOfTwoNodesNeverOverlap() throws {
        for group in 0..<4 {
            _ = try stores[0].commit((1...100).map { .accept(Sample.message(group * 100 + $0, to: ["a@x.net", "b@x.net"])) })
        }
        let taken = try onBoth { store, number in
            var ids: [RecipientID] = []
            while let claimed = try store.claim(owner: Int64(number + 1), at: Sample.start, limit: 7)?.ids, !claimed.isEmpty {
                ids += claimed
            }
            return ids
        }
        #expect(taken[0].count + taken[1].count == 800)
        #expect(Set(taken[0]).isDisjoint(with: taken[1]))
        #expect(Set(taken[0] + taken[1]).count == 800)
    }

    @Test func aClaimLeavesOutWhatAnotherIsTaking() throws {
        _ = try stores[0].commit((1...4).map { .accept(Sample.message($0)) })
        let other = try PostgresConnection(PostgresURL(database.url))
        try other.execute("BEGIN")
        try other.execute("UPDATE recipient SET lease_owner = 9 WHERE message IN (\(Sample.id(1).value), \(Sample.id(2).value))")
        #expect(try stores[1].claim(owner: 5, at: Sample.start)?.ids.map(\.message) == [Sample.id(3), Sample.id(4)], "without waiting")
        other.rollback()
        #expect(try stores[1].claim(owner: 5, at: Sample.start)?.ids.map(\.message) == [Sample.id(1), Sample.id(2)])
    }

    @Test func onlyOneOfTwoSettlesARecipient() throws {
        let messages = (1...60).map { Sample.message($0, to: ["a@x.net", "b@x.net"]) }
        _ = try stores[0].commit(messages.map(StoreWork.accept))
        let applied = try onBoth { store, number in
            try stride(from: 0, to: messages.count, by: 10).map { start in
                let works = messages[start..<start + 10].map { message in
                    let state = number == 0 ? RecipientState.delivered : .bounced
                    return StoreWork.settle(Sample.settlement(message, [Sample.outcome(state), Sample.outcome(state, index: 1)]))
                }
                return try store.commit(works).reduce(0) { if case .settled(let count) = $1 { $0 + count } else { $0 } }
            }.reduce(0, +)
        }
        #expect(applied.reduce(0, +) == 120)
        #expect(stores.map(\.settlementConflicts).reduce(0, +) == 120)
        try checkAccounts()
        #expect(try database.run("SELECT COUNT(*) FROM event") == ["120"])
    }

    @Test func aNodeCannotSettleWhatAnotherTookOver() throws {
        let message = Sample.message(1, lease: Lease(owner: 7))
        try stores[0].commit(.accept(message))
        try database.run("UPDATE recipient SET lease_owner = 0")
        #expect(try stores[1].claim(owner: 8, at: Sample.start)?.ids.count == 1)
        try stores[0].commit(.settle(Sample.settlement(message, [Sample.outcome(.bounced)], owner: 7)))
        #expect(try stores[0].ledger().queued == 1)
        try stores[1].commit(.settle(Sample.settlement(message, [Sample.outcome(.delivered)], owner: 8)))
        #expect(try stores[0].ledger().delivered == 1)
        #expect(stores.map(\.settlementConflicts) == [1, 0])
    }

    /// Each sees the other's recipient open until it has committed.
    @Test func aBodyGoesThoughTheLastTwoRecipientsEndAtOnce() throws {
        let messages = (1...80).map { Sample.message($0, to: ["a@x.net", "b@x.net"]) }
        _ = try stores[0].commit(messages.map(StoreWork.accept))
        _ = try onBoth { store, number in
            for start in stride(from: 0, to: messages.count, by: 8) {
                _ = try store.commit(
                    messages[start..<start + 8].map { .settle(Sample.settlement($0, [Sample.outcome(.delivered, index: Int32(number))])) })
            }
        }
        #expect(try database.run("SELECT COUNT(*) FROM message_body") == ["0"])
        try checkAccounts()
    }

    @Test func aRequestThatReachesTwoNodesMakesOneMessage() throws {
        let results = try onBoth { store, number in
            try (1...30).map { request in
                var message = Sample.message(request * 2 + number)
                message.idempotency = IdempotencyMark(principal: "api-key:a", key: "k\(request)", requestHash: "h")
                if case .done = try store.commit(.accept(message)) { return 1 }
                return 0
            }.reduce(0, +)
        }
        #expect(results.reduce(0, +) == 30)
        #expect(try stores[0].ledger().accepted == 30)
    }

    @Test func ofTwoChangesFromOneVersionOneIsMade() throws {
        let made = try onBoth { store, number in
            try (1...20).map { round in
                let change = DirectoryChange(
                    kind: .pause, name: "p\(round)", value: "{\"scope\":\"all\",\"note\":\"\(number)\"}", expectedVersion: 0,
                    audit: Sample.audit("pause.add"))
                if case .changed = try store.commit(.change(change)) { return 1 }
                return 0
            }.reduce(0, +)
        }
        #expect(made.reduce(0, +) == 20)
        #expect(try stores[0].directoryVersion() == 20)
    }

    @Test func bothMakeTheDaysThatTheyNeed() throws {
        let ids = try onBoth { store, number in
            try (0..<12).map { day in
                let at = Sample.start + .seconds(86_400 * (10 + day))
                let message = Sample.message(number, at: at)
                try store.commit(.accept(message))
                return message.record.id
            }
        }
        #expect(try stores[0].ledger().accepted == 24)
        for id in ids.joined() { #expect(try stores[1].message(id) != nil) }
        try checkAccounts()
    }
}
