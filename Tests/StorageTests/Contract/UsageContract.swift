import DeliveryPlanning
import MailModel
import OutboundPolicy
import OwnThreads
import PostgresTestServer
import Storage
import Testing

/// What the store promises of limits: a message is kept with what it uses, or not at all.
@Suite(.ownThreads) struct UsageContract {
    private let holder = UsageHolder.sender("writer@example.org", tenant: .standard)
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private func message(
        _ number: Int, at time: Timestamp = Sample.start, external: Int = 1, to: [String] = ["reader@example.net"], lease: Lease? = nil,
        _ limits: Limit...
    ) -> NewMessage {
        var message = Sample.message(number, to: to, at: time, lease: lease)
        var amounts = UsageAmounts()
        amounts[.messages] = 1
        amounts[.external] = external
        var claim = UsageClaim(holder: holder, amounts: amounts, limits: limits)
        if limits.contains(where: { $0.name == .firstTimePer24Hours }) {
            claim.recipients = to.map { RecipientMark(Sample.address($0)) }
        }
        message.claims = [claim]
        return message
    }

    private func limit(_ name: LimitName, _ value: Int, _ action: LimitAction = .refuse) -> Limit {
        Limit(name, value, action, source: "test")
    }

    @Test(arguments: StoreDriver.onGivenTime)
    func aMessageIsKeptWithWhatItUses(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        let three = limit(.externalPerHour, 3)
        let results = try store.commit((1...4).map { .accept(message($0, three)) })
        #expect(results.map(\.isGranted) == [true, true, true, false], "one commit keeps three and leaves one")
        guard case .exceeded(let reading, let answer) = results[3] else { return }
        #expect(reading.used == 3 && reading.wanted == 1 && answer.holdings.first?.usage?.used(.hour, at: Sample.start)[.external] == 3)
        #expect(try store.message(Sample.id(4)) == nil, "nothing of it is kept")
        #expect(try store.ledger().accepted == 3)
        #expect(try store.recount() == store.ledger())
        #expect(try store.usage(of: holder).used(.hour, at: Sample.start)[.external] == 3)
        let free = try #require(reading.freeAt)
        #expect(try store.commit([.accept(message(5, at: free, three))])[0].isGranted)
    }

    @Test(arguments: StoreDriver.onGivenTime)
    func aCommitThatFailsUsesNothing(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        let two = limit(.externalPerHour, 2)
        #expect(throws: StoreError.self) { try store.commit([.accept(message(1, two)), .accept(message(1, two))]) }
        #expect(try store.usage(of: holder).isEmpty)
        #expect(try store.commit([.accept(message(2, two)), .accept(message(3, two))]).map(\.isGranted) == [true, true])
    }

    @Test(arguments: StoreDriver.onGivenTime)
    func whatIsUsedIsThereAfterARestart(_ driver: StoreDriver) throws {
        let three = limit(.externalPerHour, 3)
        let first = try driver.open(folder)
        _ = try first.commit([.accept(message(1, external: 3, three))])
        try first.close()
        let second = try driver.open(folder)
        #expect(try !second.commit([.accept(message(2, at: Sample.start + .seconds(60), three))])[0].isGranted)
    }

    @Test(arguments: StoreDriver.onGivenTime)
    func slowedMailIsKeptForLater(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        let slow = limit(.messagesPerMinute, 1, .slow)
        let results = try store.commit([.accept(message(1, lease: nil, slow)), .accept(message(2, lease: nil, slow))])
        guard case .granted(let answer) = results[1] else {
            Issue.record("slowed, not refused")
            return
        }
        let releaseAt = try #require(answer.releaseAt)
        #expect(releaseAt > Sample.start + .seconds(60))
        let detail = try #require(try store.message(Sample.id(2)))
        #expect(detail.recipients.map(\.dueAt) == [releaseAt])
        #expect(detail.record.findings.map(\.rule) == ["limit.messages-per-minute"])
        #expect(detail.record.expiresAt > Sample.start + .seconds(432_000), "what is slowed is not tried for a shorter time")
    }

    @Test(arguments: StoreDriver.onGivenTime)
    func recipientsAreNewOnce(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        let two = limit(.firstTimePer24Hours, 2)
        let answers = try store.commit([
            .accept(message(1, to: ["a@x.test", "b@x.test"], two)), .accept(message(2, to: ["b@x.test", "a@x.test"], two)),
            .accept(message(3, to: ["a@x.test", "c@x.test"], two)),
        ])
        #expect(answers.map(\.isGranted) == [true, true, false], "known ones do not count, a third new one does")
        guard case .exceeded(let reading, let answer) = answers[2] else { return }
        #expect(reading.limit.name == .firstTimePer24Hours && answer.firstTime == 1)
        let later = Sample.start + .seconds(95 * 86_400)
        #expect(
            try store.commit([.accept(message(4, at: later, to: ["a@x.test", "b@x.test"], two))])[0].firstTime == 0, "known for 90 days")
        let muchLater = later + .seconds(125 * 86_400)
        #expect(
            try store.commit([.accept(message(5, at: muchLater, to: ["a@x.test", "b@x.test"], two))])[0].firstTime == 2, "and forgotten")
    }

    /// Many recipients, over several commits and a restart: none is forgotten, and none counts twice.
    @Test(arguments: StoreDriver.onGivenTime)
    func aLongHistoryIsWrittenInParts(_ driver: StoreDriver) throws {
        let many = limit(.firstTimePer24Hours, 100_000)
        func recipients(_ numbers: Range<Int>) -> [String] { numbers.map { "r\($0)@x.test" } }
        let first = try driver.open(folder)
        #expect(try first.commit([.accept(message(1, to: recipients(0..<100), many))])[0].firstTime == 100)
        #expect(try first.commit([.accept(message(2, to: recipients(50..<900), many))])[0].firstTime == 800)
        #expect(throws: StoreError.self) {
            try first.commit([.accept(message(3, to: recipients(900..<950), many)), .accept(message(3, many))])
        }
        let afterwards = try first.commit([.accept(message(4, to: recipients(800..<1000), many))])[0].firstTime
        #expect(afterwards == 100, "a failed commit knew nobody")
        try first.close()
        let second = try driver.open(folder)
        #expect(try second.commit([.accept(message(5, to: recipients(0..<1001), many))])[0].firstTime == 1)
        #expect(try second.usage(of: holder).used(.day, at: Sample.start)[.firstTime] == 1001)
    }

    /// Each node knows what the other has written since it looked.
    @Test func nodesShareAHistory() throws {
        let stores = try (0..<2).map { _ in try StoreDriver.onGivenTime[1].open(folder) }
        let many = limit(.firstTimePer24Hours, 100_000)
        var new: [Int?] = []
        for round in 0..<12 {
            let recipients = (round * 50..<round * 50 + 100).map { "r\($0)@x.test" }
            new.append(try stores[round % 2].commit([.accept(message(round + 1, to: recipients, many))])[0].firstTime)
        }
        #expect(new == [100] + Array(repeating: 50, count: 11))
        for store in stores { try store.close() }
    }

    @Test(arguments: StoreDriver.onGivenTime)
    func ofSeveralHoldersAllMustGrant(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        var amounts = UsageAmounts()
        amounts[.external] = 1
        let organisation = UsageClaim(holder: .organisation, amounts: amounts, limits: [limit(.organisationExternal, 1)])
        var (first, second) = (message(1, limit(.externalPerHour, 9)), message(2, limit(.externalPerHour, 9)))
        first.claims.append(organisation)
        second.claims.append(organisation)
        #expect(try store.commit([.accept(first), .accept(second)]).map(\.isGranted) == [true, false])
        #expect(try store.usage(of: holder).used(.hour, at: Sample.start)[.external] == 1, "the second has used nothing of its sender's")
    }

    @Test(arguments: StoreDriver.onGivenTime)
    func aRefusedRequestMayBeMadeAgain(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        var over = message(1, limit(.externalPerHour, 0))
        over.idempotency = IdempotencyMark(principal: "key:app", key: "k1", requestHash: "h")
        #expect(try !store.commit([.accept(over)])[0].isGranted)
        var again = message(2, limit(.externalPerHour, 1))
        again.idempotency = over.idempotency
        #expect(try store.commit([.accept(again)])[0].isGranted)
    }

    /// A damaged row concerns its holder alone, and stops it unless its limits were told otherwise.
    @Test func whatCannotBeReadFailsClosedForItsHolderAlone() throws {
        let store = try StoreDriver.onGivenTime[1].open(folder)
        var open = limit(.externalPerHour, 3)
        open.failsOpen = true
        #expect(try store.commit([.accept(message(1, open))])[0].isGranted)
        _ = try folder.database().run("UPDATE sender_usage SET used = '\\x07', stamp = 0")
        do {
            _ = try store.commit([.accept(message(2, limit(.externalPerHour, 3)))])
            Issue.record("taken without a count")
        } catch let error as StoreError {
            #expect(!error.concernsWholeStore, "\(error)")
        }
        #expect(try store.commit([.accept(message(3, open))])[0].isGranted)
        #expect(try store.message(Sample.id(3))?.record.findings.map(\.rule) == ["limit.fails-open"])
        try store.close()
    }

    /// Three writers on one database, each with its own run: the limit holds over all of them.
    @Test func nodesShareALimit() throws {
        let drivers = try (0..<3).map { _ in try StoreDriver.onGivenTime[1].open(folder) }
        let thirty = limit(.externalPerHour, 30)
        var granted = 0
        for round in 0..<20 {
            for (index, store) in drivers.enumerated() {
                let results = try store.commit([.accept(message(round * 3 + index + 1, thirty))])
                granted += results.filter(\.isGranted).count
            }
        }
        #expect(granted == 30)
        for store in drivers { try store.close() }
    }
}

extension StoreWorkResult {
    var isGranted: Bool {
        if case .granted = self { return true }
        return false
    }

    /// Nil where nothing was claimed.
    var firstTime: Int? {
        switch self {
        case .granted(let answer), .exceeded(_, let answer): answer.firstTime
        default: nil
        }
    }
}
