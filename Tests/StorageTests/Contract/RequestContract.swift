import DeliveryPlanning
import MailModel
import OutboundPolicy
import OwnThreads
import Storage
import Testing

/// What repeated requests and the pages of the audit promise on every driver.
@Suite(.ownThreads) struct RequestContract {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private func message(_ number: Int, key: String, hash: String = "h", at time: Timestamp = Sample.start) -> NewMessage {
        var message = Sample.message(number, at: time)
        message.idempotency = IdempotencyMark(principal: "api-key:a", key: key, requestHash: hash)
        return message
    }

    private func accept(_ store: any Store, _ message: NewMessage) throws -> String {
        switch try store.commit([.accept(message)]).first {
        case .done: "done"
        case .repeated(let first, let isSame): "\(first == Sample.id(1)) \(isSame)"
        default: "?"
        }
    }

    @Test(arguments: StoreDriver.all)
    func theSameKeyMakesOneMessage(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        #expect(try accept(store, message(1, key: "k")) == "done")
        #expect(try accept(store, message(2, key: "k")) == "true true")
        #expect(try accept(store, message(3, key: "k", hash: "other")) == "true false")
        #expect(try accept(store, message(4, key: "l")) == "done")
        #expect(try store.ledger().accepted == 2)
        #expect(try store.message(Sample.id(2)) == nil)
        #expect(try store.ledger() == store.recount())
    }

    @Test(arguments: StoreDriver.all)
    func ofTwoInOneCommitOneIsMade(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        let results = try store.commit([.accept(message(1, key: "k")), .accept(message(2, key: "k"))])
        guard case .repeated(let first, true) = results[1] else {
            Issue.record("the second was taken too")
            return
        }
        #expect(first == Sample.id(1))
    }

    @Test(arguments: StoreDriver.all)
    func aKeyIsRememberedOverARestartForADay(_ driver: StoreDriver) throws {
        let first = try driver.open(folder)
        #expect(try accept(first, message(1, key: "k")) == "done")
        try driver.close(first)
        let store = try driver.open(folder)
        let mark = IdempotencyMark(principal: "api-key:a", key: "k", requestHash: "h")
        let read = try store.request(mark, tenant: .standard, since: Sample.start - .milliseconds(1))
        #expect(read == RepeatedRequest(message: Sample.id(1), isSameRequest: true))
        let lastMoment = Sample.start + IdempotencyMark.lifetime - .milliseconds(1)
        #expect(try accept(store, message(2, key: "k", at: lastMoment)) == "true true")
        let after = Sample.start + IdempotencyMark.lifetime
        #expect(try store.request(mark, tenant: .standard, since: Sample.start) == nil)
        #expect(try accept(store, message(3, key: "k", at: after)) == "done")
    }

    @Test(arguments: StoreDriver.all)
    func keysOfAnotherPrincipalAreItsOwn(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        #expect(try accept(store, message(1, key: "k")) == "done")
        var other = message(2, key: "k")
        other.idempotency?.principal = "api-key:b"
        #expect(try accept(store, other) == "done")
    }

    @Test(arguments: StoreDriver.all)
    func theAuditIsReadInPages(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        for number in 0..<5 { try store.commit(.audit(Sample.audit("act.\(number)"))) }
        let first = try store.audit(AuditQuery(limit: 2))
        #expect(first.map(\.entry.action) == ["act.4", "act.3"])
        let second = try store.audit(AuditQuery(limit: 10, before: first.last?.number))
        #expect(second.map(\.entry.action) == ["act.2", "act.1", "act.0"])
    }
}
