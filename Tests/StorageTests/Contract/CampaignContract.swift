import Campaigns
import DeliveryPlanning
import MailModel
import OutboundPolicy
import OwnThreads
import Storage
import Testing

/// What campaigns and their recipients promise on every driver.
@Suite(.ownThreads) struct CampaignContract {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private let now = Sample.start

    private func person(_ address: String, place: Int64, state: CampaignRecipientState = .planned) -> PlannedRecipient {
        PlannedRecipient(
            phase: .list, address: EmailAddress(address)!, place: place, attributes: ["name": "\"A\""], state: state,
            reason: state == .skipped ? "on the suppression list" : "")
    }

    private func perform(_ store: any Store, _ work: CampaignWork) throws -> Int {
        guard case .affected(let count) = try store.commit([.campaign(work)])[0] else { throw StoreError.corrupt("no answer") }
        return count
    }

    private func copy(_ index: Int, to address: String) -> NewMessage {
        var message = Sample.message(index, to: [address])
        message.copy = CampaignCopy(campaign: 7, phase: CampaignPhase.list.rawValue, address: address)
        return message
    }

    private func states(_ store: any Store) throws -> [CampaignRecipientState: Int] {
        Dictionary(try store.campaignCounts(7).map { ($0.state, $0.count) }, uniquingKeysWith: +)
    }

    @Test(arguments: StoreDriver.onGivenTime)
    func onlyPeopleOfTheZonesThatAreOpenAreNext(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        var people = [person("a@one.example", place: 1), person("b@one.example", place: 2), person("c@one.example", place: 3)]
        (people[1].zone, people[2].zone) = (1, 62)
        #expect(try perform(store, .plan(campaign: 7, people, at: now)) == 3)
        func next(_ zones: Int64) throws -> [String] {
            try store.nextCampaignRecipients(7, phase: .list, zones: zones, limit: 10).map { String($0.address.prefix(1)) }
        }
        #expect(try next(0b01) == ["a"] && next(0b10) == ["b"] && next(0b11) == ["a", "b"])
        #expect(try next(1 << 62) == ["c"] && next(0) == [] && next(-1) == ["a", "b", "c"])
    }

    @Test(arguments: StoreDriver.onGivenTime)
    func thoseWhoTryOneOfTwoSubjectsAreCounted(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        let people = [
            person("a@one.example", place: 2), person("b@one.example", place: 3), person("c@one.example", place: 5),
            person("d@one.example", place: SubjectTest.end),
        ]
        #expect(try perform(store, .plan(campaign: 7, people, at: now)) == 4)
        _ = try perform(store, .leave(address: "b@one.example", campaigns: [7], by: 7, at: now))
        let counts = try store.campaignSubjects(7).map { "\($0.isOther) \($0.state.name) \($0.hasLeft) \($0.count)" }
        #expect(counts.sorted() == ["false planned false 1", "true planned false 1", "true unsubscribed true 1"])
    }

    @Test(arguments: StoreDriver.onGivenTime)
    func clicksOfThoseWhoConsentedAreCountedBySubject(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        var people = (0..<6).map { person("p\($0)@one.example", place: Int64($0)) }
        people.append(person("rest@one.example", place: SubjectTest.end))
        for place in people.indices {
            people[place].state = place == 4 ? .bounced : .delivered
            people[place].attributes = place == 5 ? ["city": "Graz"] : ["city": "Graz", Subscriber.countedName: "yes"]
        }
        #expect(try perform(store, .plan(campaign: 7, people, at: now)) == 7)
        func respond(_ place: Int, link: Int?, _ rule: ResponseReading.Rule) throws {
            let response = CampaignResponse(
                campaign: 7, revision: 1, link: link, address: people[place].address.key, rule: rule, at: now)
            _ = try perform(store, .respond(response))
        }
        // One follows two links, one is a scanner, one only opens it; the others bounced, have not consented, or are of the rest.
        try respond(0, link: 0, .none)
        try respond(0, link: 1, .none)
        try respond(2, link: 0, .scanner)
        try respond(1, link: nil, .none)
        for place in [4, 5, 6] { try respond(place, link: 0, .none) }
        let clicks = try store.campaignSubjectClicks(7).sorted { !$0.isOther && $1.isOther }
        #expect(clicks.map(\.isOther) == [false, true] && clicks.map(\.people) == [2, 2] && clicks.map(\.clicked) == [1, 0])
        #expect(try store.campaignSubjectClicks(8).isEmpty)
    }

    @Test(arguments: StoreDriver.onGivenTime)
    func aFileIsKeptOnceForItsCampaign(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        let content = (0..<5000).map { UInt8(truncatingIfNeeded: $0) }
        #expect(try perform(store, .keepFile(campaign: 7, digest: "d", content: content)) == 1)
        #expect(try perform(store, .keepFile(campaign: 7, digest: "d", content: [1])) == 0)
        #expect(try store.campaignFile(7, digest: "d") == content)
        #expect(try store.campaignFile(8, digest: "d") == nil && store.campaignFile(7, digest: "e") == nil)
    }

    @Test(arguments: StoreDriver.onGivenTime)
    func aCopyIsKeptOnceAndOnlyWhileItsTurnIsToCome(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        let people = [
            person("b@one.example", place: 2), person("a@two.example", place: 1), person("c@one.example", place: 3, state: .skipped),
        ]
        #expect(try perform(store, .plan(campaign: 7, people, at: now)) == 3)
        #expect(try perform(store, .plan(campaign: 7, people, at: now)) == 0)
        #expect(try store.nextCampaignRecipients(7, phase: .list, limit: 10).map(\.address) == ["a@two.example", "b@one.example"])
        let first = copy(1, to: "a@two.example")
        let again = copy(2, to: "a@two.example")
        let results = try store.commit([.accept(first), .accept(again)])
        guard case .done = results[0], case .repeated(_, false) = results[1] else {
            Issue.record("\(results)")
            return
        }
        #expect(try store.message(again.record.id) == nil)
        #expect(try states(store) == [.queued: 1, .planned: 1, .skipped: 1])
        let row = try #require(try store.campaignRecipients(CampaignRecipientQuery(campaign: 7)).first)
        #expect(row.message == first.record.id && row.attributes == ["name": "\"A\""])
        #expect(try perform(store, .cancel(campaign: 7, reason: "no", limit: 10, at: now)) == 1)
        guard case .repeated = try store.commit([.accept(copy(3, to: "b@one.example"))])[0] else {
            Issue.record("a recipient that was cancelled got a copy")
            return
        }
        #expect(try store.ledger().accepted == 1)
        let pace = try store.campaignPace(7, since: Timestamp(milliseconds: 0))
        #expect(pace.handed == 1 && pace.firstAt == first.record.receivedAt && pace.left == 0)
        let domains = try store.campaignDomains(7, limit: 1)
        #expect(Set(domains.map(\.domain)) == ["one.example"] && domains.map(\.count).reduce(0, +) == 2)
        try driver.close(store)
    }

    @Test(arguments: StoreDriver.onGivenTime)
    func aRecipientFollowsItsCopy(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        let people = (0..<3).map { person("p\($0)@one.example", place: Int64($0)) }
        _ = try perform(store, .plan(campaign: 7, people, at: now))
        let copies = (0..<3).map { copy($0 + 1, to: "p\($0)@one.example") }
        _ = try store.commit(copies.map { .accept($0) })
        #expect(try perform(store, .follow(campaign: 7, limit: 10, at: now)) == 0)
        #expect(try perform(store, .leave(address: "p2@one.example", campaigns: [7], by: 7, at: now)) == 0)
        for (copy, verb) in zip(copies, [QueueVerb.hold, .cancel, .cancel]) {
            var filter = QueueFilter()
            filter.message = copy.record.id
            let audit = AuditEntry(at: now, actor: "local:root", action: "queue.act", target: "", reason: "")
            _ = try store.commit([.act(QueueAct(verb: verb, filter: filter, audit: audit))])
        }
        #expect(try perform(store, .follow(campaign: 7, limit: 10, at: now)) == 3)
        #expect(try states(store) == [.held: 1, .cancelled: 1, .unsubscribed: 1])
        #expect(try store.campaignPace(7, since: now).left == 1)
        #expect(try perform(store, .forget(address: "p1@one.example", at: now)) == 1)
        #expect(try store.campaignRecipients(CampaignRecipientQuery(campaign: 7)).map(\.address).sorted().first == "erased:1")
        try driver.close(store)
    }

    @Test(arguments: StoreDriver.onGivenTime)
    func whoHadThePilotGetsTheNextOne(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        let boss = PlannedRecipient(phase: .pilot, address: EmailAddress("b@one.example")!, place: 1, attributes: [:])
        #expect(try perform(store, .plan(campaign: 7, [boss], at: now)) == 1)
        #expect(try perform(store, .plan(campaign: 7, [boss], at: now)) == 0)
        #expect(try perform(store, .end(campaign: 7, .pilot, address: "b@one.example", .refused, reason: "no", at: now)) == 1)
        #expect(try perform(store, .plan(campaign: 7, [boss], at: now)) == 1)
        #expect(try store.nextCampaignRecipients(7, phase: .pilot, limit: 5).map(\.reason) == [""])
        try driver.close(store)
    }

    @Test(arguments: StoreDriver.onGivenTime)
    func whatCopiesAreWrittenFromStaysAsItIs(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        #expect(try perform(store, .freeze(campaign: 7, frame: -5, value: "{\"a\":1}")) == 1)
        #expect(try perform(store, .freeze(campaign: 7, frame: -5, value: "{}")) == 0)
        #expect(try store.campaignFrame(7, frame: -5) == "{\"a\":1}")
        #expect(try store.campaignFrame(8, frame: -5) == nil)
        try driver.close(store)
    }

    @Test(arguments: StoreDriver.onGivenTime)
    func aRevisionStaysAsItIs(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        #expect(try perform(store, .keep(campaign: 7, revision: 1, value: "{\"a\":1}")) == 1)
        #expect(try perform(store, .keep(campaign: 7, revision: 1, value: "{}")) == 0)
        #expect(try store.campaignContent(7, revision: 1) == "{\"a\":1}")
        #expect(try store.campaignContent(7, revision: 2) == nil)
        _ = try perform(store, .plan(campaign: 7, [person("a@one.example", place: 1)], at: now))
        #expect(try perform(store, .leave(address: "a@one.example", campaigns: [7], by: 7, at: now)) == 1)
        #expect(try states(store) == [.unsubscribed: 1])
        try driver.close(store)
    }

    @Test(arguments: StoreDriver.onGivenTime)
    func responsesAreCountedByPersonAndForgottenWithThem(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        func respond(_ address: String, _ link: Int?, _ rule: ResponseReading.Rule = .none) throws {
            let response = CampaignResponse(campaign: 7, revision: 2, link: link, address: address, rule: rule, at: now)
            #expect(try perform(store, .respond(response)) == 1)
        }
        for _ in 0..<3 { try respond("a@one.example", 0) }
        try respond("b@one.example", 0)
        try respond("a@one.example", 0, .scanner)
        try respond("a@one.example", nil)
        func counts() throws -> [[Int]] {
            try store.campaignResponses(7).map { [$0.link ?? -1, $0.rule == .none ? 0 : 1, $0.people, $0.total] }
        }
        #expect(try counts() == [[-1, 0, 1, 1], [0, 0, 2, 4], [0, 1, 1, 1]])
        #expect(try store.campaignResponses(8).isEmpty)
        _ = try perform(store, .forget(address: "a@one.example", at: now))
        #expect(try counts() == [[0, 0, 1, 1]])
    }
}
