import DeliveryPlanning
import MailModel
import OutboundPolicy
import Testing

@Suite struct ConnectionsTests {
    @Test func aFreshMessageIsAttemptedAtOnceAndTheConnectionKept() {
        var bench = QueueBench()
        #expect(bench.submit("a@one.test") == ["resolve one.test"])
        #expect(bench.resolved("one.test", "mx1") == ["connect c1 to mx1"])
        #expect(bench.ready(1) == ["attempt c1: m1 r0"])
        #expect(bench.ended(1, .taken) == ["m1 r0 delivered"])
        #expect(bench.queue.recipientsInMemory == 0)
        #expect(bench.submit("b@one.test") == ["attempt c1: m2 r0"])
    }

    @Test func anIdleConnectionOfTheSameLaneIsTakenFirst() {
        var bench = QueueBench()
        _ = bench.submit("a@one.test", lane: 0)
        _ = bench.submit("a@one.test", lane: 1)
        #expect(bench.resolved("one.test", "mx1") == ["connect c1 to mx1", "connect c2 to mx1"])
        _ = bench.ready(1)
        _ = bench.ready(2)
        _ = bench.ended(1, .taken)
        _ = bench.ended(2, .taken)
        #expect(bench.submit("b@one.test", lane: 0) == ["attempt c1: m3 r0"])
        // None of its own is idle: another lane's is better than a new one.
        #expect(bench.submit("c@one.test", lane: 0) == ["attempt c2: m4 r0"])
        _ = bench.ended(1, .taken)
        _ = bench.ended(2, .taken)
        #expect(bench.submit("d@one.test", lane: 1) == ["attempt c2: m5 r0"])
    }

    @Test func aSiteHasNoMoreConnectionsThanItsRouteAllows() {
        var bench = QueueBench()
        for _ in 1...4 { _ = bench.submit("a@one.test") }
        #expect(bench.resolved("one.test", "mx1") == ["connect c1 to mx1", "connect c2 to mx1"])
        #expect(bench.ready(1) == ["attempt c1: m1 r0"])
        #expect(bench.ready(2) == ["attempt c2: m2 r0"])
        #expect(bench.ended(2, .taken) == ["m2 r0 delivered", "attempt c2: m3 r0"])
        #expect(bench.ended(1, .taken) == ["m1 r0 delivered", "attempt c1: m4 r0"])
    }

    @Test func domainsOnTheSameHostsShareConnections() {
        var bench = QueueBench { _, directory in directory.routes["internet"]?.connectionsMax = 1 }
        #expect(bench.submit("a@one.test", "b@two.test") == ["resolve one.test", "resolve two.test"])
        #expect(bench.resolved("one.test", "mx1", site: "shared") == ["connect c1 to mx1"])
        #expect(bench.resolved("two.test", "mx1", site: "shared") == [])
        #expect(bench.ready(1) == ["attempt c1: m1 r0"])
        #expect(bench.ended(1, .taken) == ["m1 r0 delivered", "attempt c1: m1 r1"])
    }

    /// An idle connection to one site does not keep another site waiting.
    @Test func overAllSitesThereIsALimitAndIdleConnectionsGiveWay() {
        var bench = QueueBench { settings, _ in settings.connectionsMax = 1 }
        _ = bench.submit("a@one.test")
        _ = bench.submit("b@two.test")
        #expect(bench.resolved("one.test", "mx1") == ["connect c1 to mx1"])
        #expect(bench.resolved("two.test", "mx2") == [])
        #expect(bench.ready(1) == ["attempt c1: m1 r0"])
        #expect(bench.ended(1, .taken) == ["m1 r0 delivered", "close c1", "connect c2 to mx2"])
        #expect(bench.ready(2) == ["attempt c2: m2 r0"])
        #expect(bench.ended(2, .taken) == ["m2 r0 delivered"])
        #expect(bench.submit("c@one.test") == ["close c2", "connect c3 to mx1"])
        #expect(bench.queue.connectionCount == 1)
    }

    @Test func theConnectionThatWasIdleLongestGivesWay() {
        var bench = QueueBench { settings, _ in settings.connectionsMax = 2 }
        for (index, domain) in ["one.test", "two.test"].enumerated() {
            _ = bench.submit("a@\(domain)")
            _ = bench.resolved(domain, "mx\(index + 1)")
            _ = bench.ready(Int64(index + 1))
        }
        _ = bench.ended(2, .taken)
        _ = bench.pass(1)
        _ = bench.ended(1, .taken)
        _ = bench.submit("b@three.test")
        #expect(bench.resolved("three.test", "mx3") == ["close c2", "connect c3 to mx3"])
    }

    @Test func aConnectionIsClosedAfterItsShareOfMessages() {
        var bench = QueueBench()
        _ = bench.submit("a@one.test")
        _ = bench.resolved("one.test", "mx1")
        _ = bench.ready(1)
        _ = bench.ended(1, .taken)
        _ = bench.submit("b@one.test")
        _ = bench.ended(1, .taken)
        #expect(bench.submit("c@one.test") == ["attempt c1: m3 r0"])
        #expect(bench.ended(1, .taken) == ["m3 r0 delivered", "close c1"])
        #expect(bench.submit("d@one.test") == ["connect c2 to mx1"])
    }

    @Test func recipientsAreSplitIntoTransactions() {
        var bench = QueueBench()
        _ = bench.submit("a@one.test", "b@one.test", "c@two.test", "d@one.test")
        #expect(bench.resolved("one.test", "mx1") == ["connect c1 to mx1", "connect c2 to mx1"])
        #expect(bench.ready(1) == ["attempt c1: m1 r0 r1"])
        #expect(bench.ready(2) == ["attempt c2: m1 r3"])
    }

    @Test func anIdleConnectionIsClosedAfterAWhile() {
        var bench = QueueBench()
        _ = bench.submit("a@one.test")
        _ = bench.resolved("one.test", "mx1")
        _ = bench.ready(1)
        _ = bench.ended(1, .taken)
        #expect(bench.pass(9) == [])
        #expect(bench.pass(1) == ["close c1"])
        #expect(bench.queue.connectionCount == 0)
    }

    @Test func anIdleConnectionThatThePeerClosedIsForgotten() {
        var bench = QueueBench()
        _ = bench.submit("a@one.test")
        _ = bench.resolved("one.test", "mx1")
        _ = bench.ready(1)
        _ = bench.ended(1, .taken)
        #expect(bench.closed(1) == [])
        #expect(bench.submit("b@one.test") == ["connect c2 to mx1"])
    }

    @Test func whatIsSaidOfAConnectionThatIsGoneChangesNothing() {
        var bench = QueueBench()
        #expect(bench.ready(7) == [])
        #expect(bench.closed(7) == [])
        #expect(bench.connectFailed(7) == [])
    }

    /// Content beyond the bound of memory is read back from the store.
    @Test func contentInMemoryIsBounded() {
        var bench = QueueBench { settings, _ in settings.freshBytesMax = 25 }
        for _ in 1...3 { _ = bench.submit("a@relayed.test", bytes: 10) }
        for connection in 1...3 { _ = bench.ready(Int64(connection)) }
        #expect((1...3).map { bench.attempts[$0]?.content?.count } == [10, 10, nil])
        _ = bench.ended(1, .taken)
        #expect(bench.submit("b@relayed.test", bytes: 10) == ["attempt c1: m4 r0"])
        #expect(bench.attempts[1]?.content?.count == 10)
    }
}
