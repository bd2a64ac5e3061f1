import DeliveryPlanning
import MailModel
import OutboundPolicy
import OwnThreads
import Storage
import Testing

/// The suppression list and the figures of what became of mail, on every driver.
@Suite(.ownThreads) struct SuppressionContract {
    let folder: TemporaryFolder
    private let key = AddressKey(3, 4)

    init() throws { folder = try TemporaryFolder() }

    private func entry(
        _ address: String, _ reason: SuppressionReason = .manual, _ scope: SuppressionScope = .organisation, days: Int? = nil
    ) -> Suppression {
        let address = Sample.address(address)
        return Suppression(
            key: SuppressionKey(tenant: .standard, scope: scope, digest: key.digest(address), reason: reason), address: address,
            source: "local:root", note: "because", createdAt: Sample.start, expiresAt: days.map { Sample.start + .seconds($0 * 86_400) })
    }

    private func put(_ store: any Store, _ entries: [Suppression]) throws -> Int? {
        try store.affected(.suppress(.put(entries, audit: Sample.audit("suppression.add"))))
    }

    @Test(arguments: StoreDriver.all)
    func whatWasPutIsThereAndStays(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        #expect(try put(store, [entry("a@x.net"), entry("b@x.net", .complaint, .tenant), entry("c@y.net")]) == 3)
        #expect(try put(store, [entry("a@x.net"), entry("d@y.net")]) == 1, "one that counts stays as it is")
        #expect(try store.suppressions(of: key.digest(Sample.address("A@X.net"))).map(\.source) == ["local:root"])
        var query = SuppressionQuery()
        #expect(try store.suppressions(query).map { $0.address?.description } == ["d@y.net", "c@y.net", "b@x.net", "a@x.net"])
        query.pattern = "y.net"
        #expect(try store.suppressions(query).count == 2)
        query.pattern = "b@"
        #expect(try store.suppressions(query).map(\.key.scope) == [.tenant])
        #expect(try store.suppressionTotals() == [.manual: 3, .complaint: 1])
    }

    @Test(arguments: StoreDriver.all)
    func thePagesHoldEachOnceAndChangesComeInOrder(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        #expect(try put(store, (0..<250).map { entry("r\($0)@x.net") }) == 250)
        var seen: Set<SuppressionKey> = []
        var last: SuppressionKey?
        while true {
            let page = try store.suppressionPage(after: last, limit: 60)
            for row in page { #expect(seen.insert(row.key).inserted) }
            guard let end = page.last else { break }
            last = end.key
        }
        #expect(seen.count == 250)
        let stamp = try store.lastChange().suppressions
        #expect(stamp == 250)
        let gone = entry("r7@x.net").key
        #expect(try store.affected(.suppress(.remove([gone], at: Sample.start, audit: Sample.audit("suppression.remove")))) == 1)
        let changes = try store.suppressionChanges(after: stamp, limit: 10)
        #expect(changes.map(\.key) == [gone] && changes[0].removedAt == Sample.start)
        #expect(try store.lastChange().suppressions == changes[0].stamp)
    }

    @Test(arguments: StoreDriver.all)
    func whatWasTakenOffComesBackAndWhatIsErasedKeepsItsHash(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        _ = try put(store, [entry("a@x.net")])
        let key = entry("a@x.net").key
        _ = try store.commit(.suppress(.remove([key], at: Sample.start, audit: Sample.audit("suppression.remove"))))
        #expect(try store.suppressions(SuppressionQuery()) == [])
        #expect(try store.affected(.suppress(.restore([key], at: Sample.start, audit: Sample.audit("suppression.restore")))) == 1)
        #expect(try store.suppressions(SuppressionQuery()).map(\.removedAt) == [nil])
        #expect(try store.affected(.suppress(.erase(key.digest, audit: Sample.audit("suppression.erase")))) == 1)
        let row = try #require(try store.suppressions(of: key.digest).first)
        #expect(row.address == nil && row.note == "" && row.source == "" && row.removedAt == nil)
    }

    @Test(arguments: StoreDriver.all)
    func timeEndsAnEntryAndALongerOneRenewsIt(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        _ = try put(store, [entry("a@x.net", .mailboxFull, days: 3), entry("b@x.net")])
        #expect(try put(store, [entry("a@x.net", .mailboxFull, days: 2)]) == 0)
        #expect(try put(store, [entry("a@x.net", .mailboxFull, days: 5)]) == 1)
        #expect(try store.affected(.suppress(.endExpired(at: Sample.start + .seconds(4 * 86_400)))) == 0)
        #expect(try store.affected(.suppress(.endExpired(at: Sample.start + .seconds(5 * 86_400)))) == 1)
        #expect(try store.suppressions(SuppressionQuery()).count == 1)
        _ = try store.commit(
            .suppress(.tidy(removedBefore: Sample.start + .seconds(9 * 86_400), softDay: 0, hour: 0)))
        #expect(try store.suppressions(of: entry("a@x.net").key.digest) == [])
    }

    private func settled(_ store: any Store, _ number: Int, _ note: OutcomeNote, at time: Timestamp = Sample.start) throws {
        let message = Sample.message(number, at: Sample.start, lease: Lease(owner: 11))
        try store.commit(.accept(message))
        var outcome = Sample.outcome(.bounced)
        outcome.note = note
        var settlement = Sample.settlement(message, [outcome], at: time, owner: 11)
        settlement.tally = SendingTally(tenant: .standard, sender: "writer@example.org", list: "news", provider: .google)
        try store.commit(.settle(settlement))
    }

    @Test(arguments: StoreDriver.onGivenTime)
    func anOutcomeSuppressesAndCountsInItsCommit(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        _ = try store.register(11, name: "mail")
        let dead = entry("reader@example.net", .addressDead)
        try settled(store, 1, OutcomeNote(.ended(.addressDead), effect: SuppressionEffect(.suppress, dead)))
        #expect(try store.suppressions(of: dead.key.digest).map(\.key) == [dead.key])
        #expect(try store.message(Sample.id(1))?.events.last?.findings.map(\.rule).contains("suppression.added") == true)
        let hour = SendingCount.hour(of: Sample.start)
        for subject in ["all", "sender:writer@example.org", "list:news"] {
            let counts = try store.sendingCounts(of: SendingSubject(subject), from: hour, to: hour + 1)
            #expect(counts.map(\.event) == [.ended(.addressDead)] && counts.map(\.total) == [1], "\(subject)")
            #expect(counts.map(\.provider) == [subject == "all" ? "google" : ""])
        }
        #expect(try store.subjectsConcerned(since: hour, limit: 10).count == 3)
        #expect(try store.subjectsConcerned(since: hour + 1, limit: 10) == [])
    }

    /// Three days on which mail came back, of the last thirty.
    @Test(arguments: StoreDriver.onGivenTime)
    func softBouncesSuppressByDaysAndDecay(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        _ = try store.register(11, name: "mail")
        let full = entry("reader@example.net", .mailboxFull, days: 90)
        func bounce(_ number: Int, day: Int) throws -> Bool {
            let time = Sample.start + .seconds(day * 86_400)
            let effect = SuppressionEffect(.countSoft(daysMax: 3, since: time.day - 29), full)
            try settled(store, number, OutcomeNote(.ended(.mailboxFull), effect: effect), at: time)
            return try !store.suppressions(of: full.key.digest).isEmpty
        }
        #expect(try !bounce(1, day: 0))
        #expect(try !bounce(2, day: 0), "one day counts once")
        #expect(try !bounce(3, day: 1))
        #expect(try !bounce(4, day: 31), "the first two are too long ago")
        #expect(try !bounce(5, day: 32))
        #expect(try bounce(6, day: 33))
    }

    @Test(arguments: StoreDriver.onGivenTime)
    func whatComesBackLaterStandsInTheTraceAndInTheFigures(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        _ = try store.register(11, name: "mail")
        let message = Sample.message(1, lease: Lease(owner: 11))
        try store.commit(.accept(message))
        try store.commit(.settle(Sample.settlement(message, [Sample.outcome(.delivered)], owner: 11)))
        let complaint = entry("reader@example.net", .complaint, .tenant)
        let id = RecipientID(tenant: .standard, message: Sample.id(1), index: 0)
        let tally = SendingTally(tenant: .standard, sender: "writer@example.org", list: nil, provider: nil)
        let feedback = Feedback(
            at: Sample.start, recipient: id, kind: "bounced", reply: nil, findings: [], tally: tally,
            note: OutcomeNote(.ended(.complaint), effect: SuppressionEffect(.suppress, complaint)), undoesDelivery: false)
        #expect(try store.affected(.suppress(.feedback(feedback))) == 1)
        #expect(try store.suppressions(of: complaint.key.digest).map(\.key.reason) == [.complaint])
        let event = try #require(try store.message(Sample.id(1))?.events.last)
        #expect(event.kind == "bounced" && event.findings.map(\.rule) == ["suppression.added"])
        #expect(try store.ledger() == store.recount())
    }
}
