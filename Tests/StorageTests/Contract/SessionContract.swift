import MailModel
import OutboundPolicy
import OwnThreads
import Storage
import Testing

/// What the console's sessions promise on every driver.
@Suite(.ownThreads) struct SessionContract {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private func at(_ seconds: Int) -> Timestamp { Sample.start + .seconds(seconds) }

    private func session(_ id: String, _ account: String = "a@example.org", seconds: Int = 0) -> ConsoleSession {
        ConsoleSession(
            id: id, account: account, madeAt: at(seconds), seenAt: at(seconds), expiresAt: at(seconds + 3600), address: "192.0.2.1",
            agent: "browser \u{FC}", credential: "c", hasSecondFactor: false)
    }

    private func begin(_ store: any Store, _ session: ConsoleSession, step: Int64? = nil) throws -> Bool {
        guard case .session(.begun(let isNew)) = try store.commit([.session(.begin(session, step: step))])[0] else { return false }
        return isNew
    }

    private func end(_ store: any Store, _ account: String, id: String? = nil, except: String? = nil) throws -> Int {
        let entry = AuditEntry(at: at(9), actor: "local:root", action: "session.end", target: account, reason: "")
        let work = SessionWork.end(account: account, id: id, except: except, entry)
        guard case .session(.ended(let count)) = try store.commit([.session(work)])[0] else { return -1 }
        return count
    }

    @Test(arguments: StoreDriver.onGivenTime)
    func aSessionIsKeptAndSeenAndEnds(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        #expect(
            try begin(store, session("one")) && begin(store, session("two", seconds: 1)) && begin(store, session("three", "b@example.org")))
        _ = try store.commit([.session(.seen(id: "one", at: at(60))), .session(.seen(id: "one", at: at(30)))])
        var expected = session("one")
        expected.seenAt = at(60)
        #expect(try store.session("one") == expected)
        #expect(try store.session("four") == nil)
        #expect(try store.sessions(SessionQuery(account: "a@example.org")).map(\.id) == ["two", "one"])
        #expect(try store.sessions(SessionQuery()).count == 3)
        #expect(try end(store, "a@example.org", id: "three") == 0)
        #expect(try end(store, "a@example.org", except: "two") == 1)
        #expect(try end(store, "a@example.org", id: "two") == 1)
        #expect(try store.sessions(SessionQuery()).map(\.id) == ["three"])
        #expect(try store.audit(limit: 10).map(\.action) == ["session.end", "session.end"])
    }

    @Test(arguments: StoreDriver.onGivenTime)
    func aCodeIsTakenOnce(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        #expect(try begin(store, session("one"), step: 100))
        #expect(try !begin(store, session("two"), step: 100))
        #expect(try !begin(store, session("two"), step: 99))
        #expect(try begin(store, session("two", "b@example.org"), step: 100))
        #expect(try begin(store, session("three"), step: 101))
        #expect(try store.sessions(SessionQuery()).count == 3)
    }

    @Test(arguments: StoreDriver.onGivenTime)
    func whatIsLongOverIsDropped(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        for number in 0..<5 { #expect(try begin(store, session("s\(number)", seconds: number))) }
        _ = try store.commit([.session(.tidy(before: at(3603), limit: 2))])
        #expect(try store.sessions(SessionQuery()).count == 3)
        _ = try store.commit([.session(.tidy(before: at(3603), limit: 10))])
        #expect(try store.sessions(SessionQuery()).map(\.id) == ["s4", "s3"])
    }
}
