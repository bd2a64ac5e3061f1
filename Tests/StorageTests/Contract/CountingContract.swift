import MailModel
import OwnThreads
import Storage
import Testing

/// What counters and shares promise on every driver.
@Suite(.ownThreads) struct CountingContract {
    private static let hour = CounterKey(name: "account:a@example.org/external", window: .seconds(3600))
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private func at(_ seconds: Int) -> Timestamp { Sample.start + .seconds(seconds) }

    @Test(arguments: StoreDriver.onGivenTime)
    func aPortionIsWhatIsLeft(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        #expect(try store.count(owner: 11, wanted: 6, limit: 10)?.granted == 6)
        #expect(try store.count(owner: 12, wanted: 6, limit: 10)?.granted == 4)
        let full = try #require(try store.count(owner: 13, wanted: 1, limit: 10))
        #expect(full.granted == 0 && full.reading == CounterReading(used: 0, reserved: 10, nextFreeAt: nil))
        #expect(try store.count(owner: 13, wanted: 3, limit: 13)?.granted == 3, "the limit was raised")
        #expect(try store.count(owner: 14, wanted: 1, limit: 2)?.granted == 0, "the limit was lowered below what is out")
    }

    @Test(arguments: StoreDriver.onGivenTime)
    func whatIsNotUsedReturns(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        _ = try store.count(owner: 11, wanted: 8, limit: 10)
        let settled = try #require(try store.count(owner: 11, used: 3, wanted: 0, limit: 10))
        #expect(settled.reading.used == 3 && settled.reading.reserved == 0)
        #expect(try store.count(owner: 12, wanted: 9, limit: 10)?.granted == 7)
    }

    @Test(arguments: StoreDriver.onGivenTime)
    func whatWasUsedBeyondThePortionCounts(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        _ = try store.count(owner: 11, wanted: 1, limit: 10)
        let grant = try #require(try store.count(owner: 11, used: 12, wanted: 1, limit: 10))
        #expect(grant.granted == 0 && grant.reading.used == 12)
    }

    @Test(arguments: StoreDriver.onGivenTime)
    func useLeavesTheWindowAfterItsLength(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        let first = try #require(try store.count(owner: 11, used: 10, wanted: 1, limit: 10, at: at(0)))
        let free = try #require(first.reading.nextFreeAt)
        #expect(first.granted == 0 && free > at(3600) && free <= at(3660), "an hour later, or up to a sixtieth more")
        #expect(try store.count(owner: 11, wanted: 1, limit: 10, at: at(3600))?.granted == 0, "an hour to the second is still one window")
        #expect(try store.count(owner: 11, wanted: 1, limit: 10, at: free)?.granted == 1)
        #expect(try store.counter(Self.hour, at: free) == CounterReading(used: 0, reserved: 1, nextFreeAt: nil))
    }

    @Test(arguments: StoreDriver.onGivenTime)
    func countersAreApart(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        _ = try store.count(owner: 11, used: 10, wanted: 0, limit: 10)
        let other = CounterKey(name: "account:b@example.org/external", window: .seconds(3600))
        #expect(try store.count(other, owner: 11, wanted: 10, limit: 10)?.granted == 10)
        let tenant = CounterKey(tenant: TenantID(7), name: Self.hour.name, window: .seconds(3600))
        #expect(try store.count(tenant, owner: 11, wanted: 10, limit: 10)?.granted == 10)
    }

    @Test(arguments: StoreDriver.onGivenTime)
    func sixtyDaysAreCountedDayByDay(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        let key = CounterKey(name: "warm-up/a:all", window: .seconds(60 * 86_400))
        let midnight = Timestamp(seconds: Sample.start.seconds / 86_400 * 86_400)
        for (day, used) in [(0, 3), (0, 4), (1, 5), (59, 6)] {
            _ = try store.count(key, owner: 11, used: used, wanted: 0, limit: 0, at: midnight + .seconds(day * 86_400 + 86_399))
        }
        let last = midnight + .seconds(59 * 86_400 + 86_399)
        #expect(try store.counterSums(key, at: last) == [midnight: 7, midnight + .seconds(86_400): 5, midnight + .seconds(59 * 86_400): 6])
        #expect(try store.counterSums(key, at: last + .seconds(2 * 86_400)).count == 2)
        #expect(try store.counterSums(CounterKey(name: "other", window: key.window), at: last).isEmpty)
    }

    @Test(arguments: StoreDriver.onGivenTime)
    func thePortionOfARunThatIsOverCountsAsUsed(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        _ = try store.register(11)
        _ = try store.count(owner: 11, wanted: 8, limit: 10)
        try store.commit(.leave(owner: 11, at: Sample.start))
        let reading = try store.counter(Self.hour, at: Sample.start)
        #expect(reading.used == 8 && reading.reserved == 0)
    }

    @Test(arguments: StoreDriver.onGivenTime)
    func countsSurviveAReopening(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        _ = try store.count(owner: 11, used: 4, wanted: 3, limit: 10)
        try driver.close(store)
        let reading = try driver.open(folder).counter(Self.hour, at: Sample.start)
        #expect(reading.used == 4 && reading.reserved == 3)
    }

    /// Runs that use what they are granted at times of their own choice, one of which dies now and then: whatever window is laid over what was
    /// really used, it holds no more than the limit.
    @Test(arguments: StoreDriver.onGivenTime, [1, 2, 3])
    func noWindowEverHoldsMoreThanTheLimit(_ driver: StoreDriver, _ seed: UInt64) throws {
        let store = try driver.open(folder)
        var random = SeededGenerator(seed: seed)
        let key = CounterKey(name: "k", window: .seconds(60))
        let limit = 20
        var uses: [Timestamp] = []
        var held: [Int64: (granted: Int, used: Int)] = [:]
        var now = Sample.start
        var nextOwner: Int64 = 11
        for _ in 0..<300 {
            now = now + .milliseconds(Int.random(in: 0...4000, using: &random))
            let owner = Int64.random(in: max(11, nextOwner - 3)...nextOwner, using: &random)
            nextOwner = max(nextOwner, owner)
            let run = held[owner] ?? (0, 0)
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<5:
                guard run.used < run.granted else { break }
                uses.append(now)
                held[owner] = (run.granted, run.used + 1)
            case 5..<9:
                let wanted = Int.random(in: 0...8, using: &random)
                let grant = try store.count(key, owner: owner, used: run.used, wanted: wanted, limit: limit, at: now)
                held[owner] = (try #require(grant).granted, 0)
            default:
                try store.commit(.leave(owner: owner, at: now))
                held[owner] = nil
                nextOwner += 1
            }
            let window = uses.count { $0 > now - key.window }
            #expect(window <= limit)
        }
        #expect(uses.count > limit, "the limit did not stand in the way for good")
    }

    @Test(arguments: StoreDriver.onGivenTime)
    func connectionsAreSharedUpToTheLimit(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        for owner: Int64 in [11, 12] { _ = try store.register(owner, name: "node\(owner)") }
        #expect(try store.share(11, wanted: 8) == ConnectionShare(granted: 8, grantedToOthers: 0, wantedByOthers: 0))
        #expect(try store.share(12, wanted: 5) == ConnectionShare(granted: 2, grantedToOthers: 8, wantedByOthers: 8))
        #expect(try store.share(11, wanted: 5) == ConnectionShare(granted: 5, grantedToOthers: 2, wantedByOthers: 5), "who waits is seen")
        #expect(try store.share(12, wanted: 5)?.granted == 5)
        #expect(try store.share(11, wanted: 0) == ConnectionShare(granted: 0, grantedToOthers: 5, wantedByOthers: 5))
        #expect(try store.share(13, scope: "elsewhere", wanted: 10)?.granted == 10)
    }

    @Test(arguments: StoreDriver.onGivenTime)
    func theConnectionsOfARunThatIsOverAreFree(_ driver: StoreDriver) throws {
        let store = try driver.open(folder)
        try store.commit(.register(NodeRun(owner: 11, node: nil, name: "mail", lease: .zero, at: Sample.start), previous: nil))
        _ = try store.share(11, wanted: 10)
        #expect(try store.share(12, wanted: 4)?.granted == 0)
        try store.commit(.takeOver(by: 12, at: Sample.start))
        #expect(try store.share(12, wanted: 4) == ConnectionShare(granted: 4, grantedToOthers: 0, wantedByOthers: 0))
    }
}

extension Store {
    fileprivate func count(
        _ key: CounterKey = CounterKey(name: "account:a@example.org/external", window: .seconds(3600)), owner: Int64, used: Int = 0,
        wanted: Int, limit: Int, at now: Timestamp = Sample.start
    ) throws -> CounterGrant? {
        let call = CounterCall(key: key, owner: owner, used: used, wanted: wanted, limit: limit, at: now)
        guard case .counted(let grant) = try commit(.count(call)) else { return nil }
        return grant
    }

    fileprivate func share(_ owner: Int64, scope: String = "192.0.2.1/mx.example.net", wanted: Int) throws -> ConnectionShare? {
        guard case .shared(let share) = try commit(.share(ShareCall(scope: scope, owner: owner, wanted: wanted, limit: 10))) else {
            return nil
        }
        return share
    }
}
