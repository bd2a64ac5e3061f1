import DeliveryPlanning
import MailModel
import OutboundPolicy
import Testing

/// Mail under different TLS has connections of its own; the limits of its hosts hold for all of it.
@Suite struct HostGroupTests {
    /// Domains by the TLS that their mail asks for, all of them on one host.
    private static let demands: [(domain: String, tls: HostTLS?)] = [
        ("route.test", nil), ("sts.test", HostTLS(.stsEnforce)), ("dane.test", HostTLS(.daneUnusable)), ("all.test", HostTLS(.requireTLS)),
    ]

    private func bench(connectionsMax: Int, messagesPerConnection: Int = 100) -> QueueBench {
        QueueBench { settings, directory in
            settings.leasedMax = 10_000
            directory.routes["internet"]?.connectionsMax = connectionsMax
            directory.routes["internet"]?.messagesPerConnectionMax = messagesPerConnection
        }
    }

    @Test func aConnectionThatRestsIsClosedForMailUnderOtherTLS() {
        var bench = bench(connectionsMax: 1)
        _ = bench.submit("a@route.test")
        #expect(bench.resolved("route.test", "mx", site: "s") == ["connect c1 to mx"])
        _ = bench.submit("a@sts.test")
        #expect(bench.resolved("sts.test", "mx", site: "s", tls: HostTLS(.stsEnforce)) == [])
        #expect(bench.ready(1) == ["attempt c1: m1 r0"])
        #expect(bench.ended(1, .taken) == ["m1 r0 delivered", "close c1", "connect c2 to mx"])
        #expect(bench.ready(2) == ["attempt c2: m2 r0"])
        #expect(bench.ended(2, .taken) == ["m2 r0 delivered"])
        #expect(bench.submit("b@route.test") == ["close c2", "connect c3 to mx"])
        #expect(bench.queue.connectionCount == 1)
    }

    @Test func aBusySiteMakesWayAfterItsTurn() {
        var bench = bench(connectionsMax: 1)
        for _ in 1...30 { _ = bench.submit("a@route.test") }
        _ = bench.resolved("route.test", "mx", site: "s")
        for _ in 1...30 { _ = bench.submit("a@sts.test") }
        _ = bench.resolved("sts.test", "mx", site: "s", tls: HostTLS(.stsEnforce))
        var open: Int64 = 1
        var turns: [String] = []
        _ = bench.ready(open)
        while let attempt = bench.attempts[open] {
            turns.append(attempt.recipients[0].recipient.address.domain!.text)
            if bench.ended(open, .taken).contains(where: { $0.hasPrefix("close") }) {
                open += 1
                _ = bench.ready(open)
            }
        }
        #expect(turns.count == 60 && open == 6)
        #expect(turns.indices.allSatisfy { turns[$0] == ($0 / 10 % 2 == 0 ? "route.test" : "sts.test") })
    }

    /// A newsletter under one demand does not keep a password reset under another waiting.
    @Test func aBetterLaneNeedsNoTurn() {
        var bench = bench(connectionsMax: 1)
        for _ in 1...5 { _ = bench.submit("a@route.test") { $0.fields.trafficClass = .campaign } }
        _ = bench.resolved("route.test", "mx", site: "s")
        _ = bench.ready(1)
        _ = bench.submit("a@sts.test")
        _ = bench.resolved("sts.test", "mx", site: "s", tls: HostTLS(.stsEnforce))
        #expect(bench.ended(1, .taken) == ["m1 r0 delivered", "close c1", "connect c2 to mx"])
    }

    @Test func aFailedConnectionLeavesItsPlaceToTheOthers() {
        var bench = bench(connectionsMax: 1)
        _ = bench.submit("a@route.test")
        _ = bench.resolved("route.test", "mx", site: "s")
        _ = bench.submit("a@sts.test")
        _ = bench.resolved("sts.test", "mx", site: "s", tls: HostTLS(.stsEnforce))
        #expect(bench.connectFailed(1) == ["m1 r0 queued due 100 after 1", "connect c2 to mx"])
    }

    /// 8,000 random events: never more than three connections to the host, and everything is settled. The bench checks the queue's
    /// invariants after each.
    @Test(arguments: 1...4 as ClosedRange<UInt64>) func theLimitHoldsOverAllDemands(seed: UInt64) {
        var bench = bench(connectionsMax: 3, messagesPerConnection: 7)
        var random = SeededGenerator(seed)
        var opening: [Int64] = []
        var seen = 0
        var most = 0
        for step in 0..<8000 {
            switch Int.random(in: step < 4000 ? 0..<10 : 4..<10, using: &random) {
            case 0..<3:
                let (domain, tls) = HostGroupTests.demands.randomElement(using: &random)!
                if bench.submit("a@\(domain)").contains("resolve \(domain)") { _ = bench.resolved(domain, "mx", site: "s", tls: tls) }
            case 3:
                guard let id = opening.popLast() else { continue }
                _ = bench.connectFailed(id, at: .startTLS)
            case 4..<7:
                guard let id = opening.popLast() else { continue }
                _ = bench.ready(id)
            default:
                guard let id = bench.attempts.keys.sorted().randomElement(using: &random) else { continue }
                _ = bench.ended(id, .taken, isReusable: Bool.random(using: &random))
            }
            opening += bench.connects.dropFirst(seen).map(\.id.value)
            seen = bench.connects.count
            most = max(most, bench.queue.connectionCount)
        }
        #expect(most == 3 && Set(bench.connects.compactMap { $0.endpoint.tls?.demand }).count == 3)
        #expect(bench.queue.recipientsInMemory == 0)
    }
}
