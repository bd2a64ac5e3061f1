import Campaigns
import MailModel
import OutboundPolicy
import OwnThreads
import Storage
import Testing

/// What lists, imports and the consent ledger promise on every driver.
@Suite(.ownThreads) struct PeopleContract {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private let now = Sample.start

    private func person(_ address: String, _ attributes: [String: String] = [:]) -> Subscriber {
        Subscriber(address: EmailAddress(address)!, attributes: attributes, addedAt: now)
    }

    private func run(_ list: Int64 = 1, source: ListSource = .customers) -> ListImport {
        ListImport(list: list, file: "people.csv", fingerprint: "f", source: source, attestedBy: "local:root", at: now)
    }

    private func entry(_ action: String) -> AuditEntry { AuditEntry(at: now, actor: "local:root", action: action, target: "", reason: "") }

    private func perform(_ store: any Store, _ work: PeopleWork) throws -> PeopleWorkResult {
        guard case .people(let result) = try store.commit([.people(work)])[0] else { throw StoreError.corrupt("no answer") }
        return result
    }

    private func affected(_ store: any Store, _ work: PeopleWork) throws -> Int? {
        guard case .affected(let count) = try perform(store, work) else { return nil }
        return count
    }

    private func begin(_ store: any Store, _ run: ListImport) throws -> ListImport {
        guard case .number(let number) = try perform(store, .beginImport(run)) else { throw StoreError.corrupt("no number") }
        var begun = run
        begun.number = number
        return begun
    }

    @Test(arguments: StoreDriver.onGivenTime)
    func nobodyOfAnImportIsSeenBeforeItIsDone(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        var import1 = try begin(store, run())
        let people = [person("b@example.org"), person("Ada@example.org", ["city": "\"Graz\" \u{FC}\\"])]
        #expect(try affected(store, .stage(import1.number, people, list: 1, line: 3, at: now)) == 2)
        #expect(try affected(store, .stage(import1.number, people, list: 1, line: 3, at: now)) == 0)
        #expect(try store.members(MemberQuery(list: 1)).isEmpty && store.memberCounts(list: 1).isEmpty)
        #expect(try store.memberships(of: people[0].address).isEmpty)
        #expect(try store.imports(list: 1, limit: 10).first?.line == 3)
        import1.report = ImportReport()
        #expect(try affected(store, .endImport(import1, entry("list.import"))) == 1)
        let members = try store.members(MemberQuery(list: 1))
        #expect(members.map(\.subscriber) == [people[1], people[0]])
        #expect(members.map(\.subscriber.address.localPart) == ["Ada", "b"])
        #expect(try store.memberCounts(list: 1) == [.subscribed: 2])
        #expect(try store.members(MemberQuery(list: 1, after: "ada@example.org", limit: 1)).count == 1)
        #expect(try store.imports(list: 1, limit: 10).first?.state == .done)
        #expect(try store.audit(limit: 10).map(\.action) == ["list.import"])
        // It is over: nothing is added to it any more.
        guard case .notUnderWay = try perform(store, .stage(import1.number, people, list: 1, line: 9, at: now)) else {
            Issue.record("an import that is done took people")
            return
        }
    }

    @Test(arguments: StoreDriver.onGivenTime)
    func anImportThatIsGivenUpLeavesNothing(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        let first = try begin(store, run())
        _ = try perform(store, .stage(first.number, [person("a@example.org")], list: 1, line: 2, at: now))
        _ = try perform(store, .endImport(first, entry("list.import")))
        let second = try begin(store, run())
        #expect(second.number == first.number + 1)
        let many = (0..<30).map { person("p\($0)@example.org") } + [person("a@example.org")]
        #expect(try affected(store, .stage(second.number, many, list: 1, line: 32, at: now)) == 30)
        #expect(try affected(store, .dropImport(second.number, list: 1, limit: 20)) == 20)
        #expect(try affected(store, .dropImport(second.number, list: 1, limit: 20)) == 10)
        #expect(try affected(store, .dropImport(second.number, list: 1, limit: 20)) == 0)
        #expect(try store.imports(list: 1, limit: 10).map(\.state) == [.dropped, .done])
        #expect(try store.members(MemberQuery(list: 1)).map(\.subscriber.address.key) == ["a@example.org"])
    }

    @Test(arguments: StoreDriver.onGivenTime)
    func aPersonLeavesAListAndIsForgotten(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        let ada = person("ada@example.org")
        for list in [Int64(1), 2] {
            let begun = try begin(store, run(list))
            _ = try perform(store, .stage(begun.number, [ada, person("ben@example.org")], list: list, line: 3, at: now))
            _ = try perform(store, .endImport(begun, entry("list.import")))
        }
        #expect(try affected(store, .setState(.unsubscribed, list: 1, ada.address, entry("subscriber.unsubscribe"))) == 1)
        #expect(try affected(store, .setState(.unsubscribed, list: 1, ada.address, entry("subscriber.unsubscribe"))) == 0)
        #expect(try store.memberCounts(list: 1) == [.subscribed: 1, .unsubscribed: 1])
        let withdrawn = ConsentEntry(at: now, act: .withdrawn, basis: .unknown, list: "one", source: "test")
        let granted = ConsentEntry(at: now, act: .granted, subject: .tracking, basis: .inquiry, source: "test", wordingHash: "ab")
        _ = try perform(store, .consent(ada.address, [withdrawn, granted]))
        #expect(try store.consent(from: "a", through: "b") == ["ada@example.org": [withdrawn, granted]])
        #expect(try store.memberships(of: ada.address).map(\.list) == [1, 2])
        #expect(try affected(store, .erase(ada.address, entry("subscriber.erase"))) == 2)
        #expect(try store.memberships(of: ada.address).isEmpty && store.consent(from: "", through: "z").isEmpty)
        #expect(try affected(store, .dropMembers(list: 2, limit: 10)) == 1)
        #expect(try store.memberCounts(list: 1) == [.subscribed: 1])
    }

    @Test(arguments: StoreDriver.onGivenTime)
    func aPersonJoinsWithConsentInOneCommit(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        let ada = person("Ada@example.org", ["language": "de"])
        let granted = ConsentEntry(at: now, act: .granted, basis: .express, list: "one", source: "form one", wordingHash: "ab")
        #expect(try affected(store, .join(ada, list: 1, [granted], entry("subscriber.subscribe"))) == 1)
        #expect(try store.members(MemberQuery(list: 1)).map(\.subscriber) == [ada])
        #expect(try store.memberships(of: ada.address).map(\.importNumber) == [PeopleWork.ownWish])
        #expect(try store.consent(from: "a", through: "b") == ["ada@example.org": [granted]])
        #expect(try store.imports(list: 1, limit: 10).isEmpty)
        // Who left comes back by joining again, and what was known stays.
        _ = try perform(store, .setState(.unsubscribed, list: 1, ada.address, entry("subscriber.unsubscribe")))
        _ = try perform(store, .join(person("ada@example.org"), list: 1, [granted], entry("subscriber.subscribe")))
        #expect(try store.members(MemberQuery(list: 1)).map(\.subscriber) == [ada])
        // Somebody of an import that is not done is seen at once.
        let begun = try begin(store, run())
        _ = try perform(store, .stage(begun.number, [person("ben@example.org")], list: 1, line: 2, at: now))
        _ = try perform(store, .join(person("ben@example.org"), list: 1, [], entry("subscriber.subscribe")))
        #expect(try store.memberCounts(list: 1) == [.subscribed: 2])
        #expect(try affected(store, .dropImport(begun.number, list: 1, limit: 10)) == 0)
    }

    @Test(arguments: StoreDriver.onGivenTime)
    func wordsAreKeptOnceUnderTheirHash(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        let first = ConsentWording(text: "Ich m\u{F6}chte", list: "one", language: "de", formVersion: "2", firstAt: now)
        var later = first
        later.firstAt = now + .seconds(1)
        #expect(try affected(store, .keepWording(hash: "ab", first)) == 1)
        #expect(try affected(store, .keepWording(hash: "ab", later)) == 0)
        #expect(try store.consentWording("ab") == first && store.consentWording("cd") == nil)
    }
}
