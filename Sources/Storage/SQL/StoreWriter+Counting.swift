import DeliveryPlanning
import MailModel
import OutboundPolicy

/// What all nodes count together.
extension StoreWriter {
    /// Old sums that go with each new one: more than come, so their number is bounded by what a day brings.
    private static var forgottenMax: Int { 10 }

    /// Makes others who count the same wait for this transaction. All names at once and in order, so that no two nodes wait for each other.
    func lockCounted(_ works: [StoreWork]) throws {
        guard let lock = dialect.lockName else { return }
        let names = Set(works.flatMap(\.countedNames))
        guard !names.isEmpty else { return }
        let statement = try prepare(lock)
        for name in names.sorted() { try statement.begin().bind(name).send() }
    }

    func count(_ call: CounterCall) throws -> CounterGrant {
        let key = call.key
        guard call.owner != 0, CounterKey.windowRange.contains(key.window), call.used >= 0, call.wanted >= 0, call.limit >= 0 else {
            throw StoreError.rejected("a count of \(call.used) used and \(call.wanted) wanted in \(key.window) by \(call.owner)")
        }
        let now = try connection.clock(call.at)
        try prepare(CountingStatements.returnPortion).bind(key.tenant.value).bind(key.name).bind(call.owner).run()
        if call.used > 0 {
            try use(call.used, of: key, at: now)
            try prepare(CountingStatements.dropForgotten).bind(CounterKey.day(now)).bind(StoreWriter.forgottenMax).run()
            try prepare(CountingStatements.dropOld).bind(key.tenant.value).bind(key.name).bind(key.oldestBucket(at: now).milliseconds).run()
        }
        var reading = try StoreReads.counter(connection, key, at: now)
        let granted = max(0, min(call.wanted, call.limit - reading.used - reading.reserved))
        if granted > 0 {
            try prepare(CountingStatements.grantPortion).bind(key.tenant.value).bind(key.name).bind(call.owner)
                .bind(key.window.milliseconds).bind(granted).run()
            reading.reserved += granted
        }
        return CounterGrant(granted: granted, reading: reading)
    }

    private func use(_ amount: Int, of key: CounterKey, at now: Timestamp) throws {
        let bucket = key.bucket(at: now)
        try prepare(CountingStatements.use).bind(key.tenant.value).bind(key.name).bind(bucket.milliseconds)
            .bind(key.lastDay(ofBucket: bucket)).bind(amount).run()
    }

    func share(_ call: ShareCall) throws -> ConnectionShare {
        guard call.owner != 0, call.wanted >= 0, call.limit >= 0 else {
            throw StoreError.rejected("a share of \(call.wanted) connections by \(call.owner)")
        }
        let others = try prepare(CountingStatements.othersShares).bind(call.scope).bind(call.owner)
        guard try others.step() else { throw StoreError.corrupt("no sum of shares") }
        let (granted, wanted) = (others.readInt(), others.readInt())
        others.end()
        let share = ConnectionShare(
            granted: max(0, min(call.wanted, call.limit - granted)), grantedToOthers: granted, wantedByOthers: wanted)
        if call.wanted == 0 {
            try prepare(CountingStatements.dropShare).bind(call.scope).bind(call.owner).run()
        } else {
            try prepare(CountingStatements.putShare).bind(call.scope).bind(call.owner).bind(share.granted).bind(call.wanted).run()
        }
        return share
    }

    /// What a run that is over might have used counts as used; its connections are closed.
    func endCounting(of owner: Int64, at now: Timestamp) throws {
        let taken = try prepare(CountingStatements.takePortions).bind(owner)
        var portions: [(key: CounterKey, amount: Int)] = []
        while try taken.step() {
            let (tenant, name, window) = (TenantID(taken.readInt32()), taken.readText(), taken.readInt64())
            portions.append((CounterKey(tenant: tenant, name: name, window: .milliseconds(window)), taken.readInt()))
        }
        for portion in portions.sorted(by: { $0.key.name < $1.key.name }) { try use(portion.amount, of: portion.key, at: now) }
        try prepare(CountingStatements.dropShares).bind(owner).run()
    }
}

extension StoreReads {
    static func counter(_ connection: some StoreConnection, _ key: CounterKey, at now: Timestamp) throws -> CounterReading {
        let oldest = key.oldestBucket(at: now)
        let statement = try connection.prepare(CountingStatements.reading).begin().bind(key.tenant.value).bind(key.name)
            .bind(oldest.milliseconds).bind(CounterKey.day(now))
        guard try statement.step() else { throw StoreError.corrupt("no sum of a counter") }
        defer { statement.end() }
        return CounterReading(
            used: statement.readInt(), reserved: statement.readInt(),
            nextFreeAt: statement.readOptionalInt64().map { key.end(ofBucket: Timestamp(milliseconds: $0)) })
    }

    static func counterSums(_ connection: some StoreConnection, _ key: CounterKey, at now: Timestamp) throws -> [Timestamp: Int] {
        let statement = try connection.prepare(CountingStatements.sums).begin().bind(key.tenant.value).bind(key.name)
            .bind(key.oldestBucket(at: now).milliseconds).bind(CounterKey.day(now))
        var sums: [Timestamp: Int] = [:]
        while try statement.step() { sums[Timestamp(milliseconds: statement.readInt64())] = statement.readInt() }
        return sums
    }
}

extension StoreWork {
    /// Held by whoever changes the suppression list.
    private static let suppressionsName = "suppressions"

    /// What it counts, as names to lock.
    fileprivate var countedNames: [String] {
        switch self {
        case .accept(let message): message.claims.map { "usage/\($0.holder.tenant.value)/\($0.holder.name)" }
        case .count(let call): ["counter/\(call.key.tenant.value)/\(call.key.name)"]
        case .share(let call): ["share/\(call.scope)"]
        case .alert(let work): work.lockName.map { [$0] } ?? []
        case .suppress: [StoreWork.suppressionsName]
        case .settle(let settlement): settlement.outcomes.contains { $0.note?.effect != nil } ? [StoreWork.suppressionsName] : []
        default: []
        }
    }
}
