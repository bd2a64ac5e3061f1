import DeliveryPlanning
import MailModel
import OutboundPolicy
import Testing

/// Mail of each egress pool, and the sources and routes that are for it.
@Suite struct PoolTests {
    private static func source(_ name: String, _ last: Int, _ pool: EgressPool? = nil, weight: Int? = nil) -> EgressSource {
        var source = EgressSource(name: name, ipv4: IPAddress("192.0.2.\(last)"), createdAt: QueueBench.start)
        source.pool = pool
        source.weight = weight
        return source
    }

    private func bench(_ sources: [EgressSource], _ names: [String]) -> QueueBench {
        var bench = QueueBench { _, directory in
            directory.sources = Dictionary(uniqueKeysWithValues: sources.map { ($0.name, $0) })
            directory.routes["internet"]?.sources = names
        }
        _ = bench.addresses(sources.compactMap { $0.ipv4?.description })
        _ = bench.claimed()
        return bench
    }

    private static let good = source("good", 1)
    private static let risky = source("risky", 2, .highRisk)

    @Test func mailOfAPoolLeavesByItsSources() {
        var bench = bench([PoolTests.good, PoolTests.risky], ["good", "risky"])
        _ = bench.submit("a@one.test")
        #expect(bench.resolved("one.test", "mx1") == ["connect c1 to mx1 from good"])
        #expect(bench.submit("a@one.test") { $0.fields.pool = .highRisk } == ["connect c2 to mx1 from risky"])
    }

    @Test func withoutASourceOfItsPoolItWaitsAndNothingElseCarriesIt() {
        var bench = bench([PoolTests.good, PoolTests.risky], ["good"])
        let spam = bench.message(["a@one.test"]) { $0.fields.pool = .highRisk }
        #expect(bench.claimed(spam) == ["give back m1 r0 due 300"])
        let wait = bench.queue.waits(
            for: EmailAddress("a@one.test")!, from: "s@home.test", reversePath: .null, tenant: .standard, lane: .normal, pool: .highRisk,
            at: bench.now)
        #expect(wait?.reason.contains("high-risk pool") == true)
        // A person's retry, a release and an attempt later on are claims like any other.
        #expect(bench.claimed(spam, attempts: 3) == ["give back m1 r0 due 300"])
        _ = bench.change { $0.routes["internet"]?.sources = ["good", "risky"] }
        #expect(bench.claimed(spam) == ["resolve one.test"])
        #expect(bench.resolved("one.test", "mx1") == ["connect c1 to mx1 from risky"])
    }

    @Test func whatIsReadyWaitsAgainWhereItsPoolLosesTheSource() {
        var bench = bench([PoolTests.good, PoolTests.risky], ["good", "risky"])
        _ = bench.submit("a@one.test") { $0.fields.pool = .highRisk }
        #expect(bench.resolved("one.test", "mx1") == ["connect c1 to mx1 from risky"])
        let lines = bench.change { $0.sources["risky"]?.pool = nil }
        #expect(lines.contains("give back m1 r0 due 300"))
        #expect(bench.ready(1).allSatisfy { !$0.hasPrefix("attempt") })
    }

    @Test func itExpiresInTime() {
        var bench = bench([PoolTests.good], ["good"])
        let spam = bench.message(["a@one.test"]) { $0.fields.pool = .highRisk }
        bench.now = QueueBench.start + .seconds(1000)
        #expect(bench.claimed(spam).first == "m1 r0 expired")
    }

    @Test func aRouteCanBeForOnePool() {
        var bench = bench([], [])
        _ = bench.change { directory in
            var route = Route(
                name: "account", kind: .smarthost(NextHop(host: "192.0.2.8", port: 587)), createdAt: QueueBench.start)
            route.pool = .highRisk
            directory.routes["account"] = route
        }
        #expect(bench.submit("a@one.test") == ["resolve one.test"])
        #expect(bench.submit("a@one.test") { $0.fields.pool = .highRisk } == ["connect c1 to 192.0.2.8"])
        let only = bench.message(["a@one.test"]) {
            $0.fields.pool = .highRisk
            $0.fields.onlyRoute = "internet"
        }
        #expect(bench.claimed(only) == ["give back m3 r0 due 300"])
    }

    @Test func aRuleThatAsksForAnotherSourceStaysInThePool() {
        let other = PoolTests.source("other", 3)
        var route = Route(name: "internet", kind: .mx, createdAt: QueueBench.start)
        route.sources = ["good", "risky", "other"]
        var directory = Directory(routes: ["internet": route])
        directory.sources = ["good": PoolTests.good, "risky": PoolTests.risky, "other": other]
        #expect(directory.sources(of: route, in: .normal) == ["good", "other"])
        #expect(directory.sources(of: route, in: .highRisk) == ["risky"])
        #expect(directory.sources(of: route, in: .relay) == nil)
    }

    @Test func sourcesWithWeightsShare() {
        let sources = [PoolTests.source("a", 1, weight: 30), PoolTests.source("b", 2, weight: 10), PoolTests.source("c", 3)]
        var route = Route(name: "internet", kind: .mx, createdAt: QueueBench.start)
        route.sources = sources.map(\.name)
        var directory = Directory(routes: ["internet": route])
        directory.sources = Dictionary(uniqueKeysWithValues: sources.map { ($0.name, $0) })
        var reach = SourceReach()
        reach.local = LocalAddresses(addresses: Set(sources.compactMap(\.ipv4)))
        let table = SourceTable(directory, reach)
        var counts: [String: Int] = [:]
        for key in 1...10_000 as ClosedRange<Int64> {
            guard case .here(let source) = table.choose(for: route, key: key) else { continue }
            counts[source.name, default: 0] += 1
            #expect(table.choose(for: route, key: key) == .here(source))
        }
        #expect((7300...7700).contains(counts["a"] ?? 0), "\(counts)")
        #expect(counts["c"] == nil && counts.values.reduce(0, +) == 10_000)
        // Where one of them is another node's, its share waits for that node, under a number that this node leaves alone.
        reach.local = LocalAddresses(addresses: [sources[0].ipv4!])
        reach.elsewhere = ["b"]
        let split = SourceTable(directory, reach)
        var left = 0
        for key in 1...1000 as ClosedRange<Int64> {
            guard case .elsewhere(let list) = split.choose(for: route, key: key) else { continue }
            left += 1
            #expect(split.lateLists == [list])
            #expect(SourceTable.lists(of: route, naming: sources[1], directory).contains(list))
        }
        #expect((200...300).contains(left))
    }
}
