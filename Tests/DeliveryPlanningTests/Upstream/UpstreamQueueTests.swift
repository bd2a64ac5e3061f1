import MailModel
import OutboundPolicy
import Testing

@testable import DeliveryPlanning

/// What the queue does around a stop, act by act.
@Suite struct UpstreamQueueTests {
    private static let restricted = RecipientResult.failed(
        .peer(
            SMTPReply(550, EnhancedStatusCode(5, 1, 8), "Access denied, bad outbound sender"), scope: .message, stage: .dot))

    private static func stop(_ change: (inout UpstreamStop) -> Void = { _ in }) -> UpstreamStop {
        var stop = UpstreamStop(
            route: "relay", cause: .restricted, since: QueueBench.start,
            reply: SMTPReply(550, EnhancedStatusCode(5, 1, 8), "Access denied"),
            finding: Finding(rule: "upstream.stopped", matched: "relay", explanation: "Route relay stands still."), advice: "Release it.",
            probeAt: QueueBench.start + .seconds(6 * 3600), nextWaitSeconds: 43_200)
        stop.version = 5
        change(&stop)
        return stop
    }

    private func bench() -> QueueBench { QueueBench { _, directory in directory.routes["relay"]?.connectionsMax = 1 } }

    @Test func theMessageThatMetItWaitsAndSoDoesWhatIsReady() {
        var bench = bench()
        #expect(bench.submit("a@relayed.test") == ["connect c1 to 192.0.2.9 (encrypt)"])
        #expect(bench.submit("b@relayed.test") == [])
        #expect(bench.ready(1) == ["attempt c1: m1 r0"])
        #expect(
            bench.ended(1, UpstreamQueueTests.restricted) == [
                "stop relay for restricted over 0, probe at 21600", "m2 r0 queued due 1800 after 0", "m1 r0 queued due 1800 after 0",
            ])
        #expect(bench.submit("c@relayed.test") == ["m3 r0 queued due 1800 after 0"])
        #expect(bench.submit("d@one.test") == ["resolve one.test"], "other routes go on")
    }

    /// In one transaction: what is about a recipient counts for that one, what is about the account for nobody.
    @Test func resultsOfOneTransactionAreToldApart() {
        var bench = bench()
        _ = bench.submit("a@relayed.test", "b@relayed.test", "c@relayed.test")
        _ = bench.ready(1)
        #expect(
            bench.ended(1, .taken, .refused, UpstreamQueueTests.restricted)
                == [
                    "stop relay for restricted over 0, probe at 21600", "m1 r0 delivered", "m1 r1 bounced", "m1 r2 queued due 1800 after 0",
                    "report failed s@home.test",
                ].map { $0.replacing("s@home.test", with: "b@relayed.test") })
    }

    @Test func aPersonsCancelCountsMoreThanTheStop() {
        var bench = bench()
        _ = bench.submit("a@relayed.test")
        _ = bench.ready(1)
        #expect(bench.act(.cancel) == ["1 reached"])
        #expect(
            bench.ended(1, UpstreamQueueTests.restricted) == ["stop relay for restricted over 0, probe at 21600", "m1 r0 cancelled"])
    }

    /// Another node was refused while this one's connection was being opened: nothing begins on it.
    @Test func aStopFromElsewhereActsBeforeMailFrom() {
        var bench = bench()
        _ = bench.submit("a@relayed.test")
        #expect(bench.change { $0.upstreamStops["relay"] = UpstreamQueueTests.stop() } == ["m1 r0 queued due 1800 after 0"])
        #expect(bench.ready(1) == [])
        #expect(bench.submit("b@relayed.test") == ["m2 r0 queued due 1800 after 0"])
    }

    /// Told once; after that it goes back and forth in silence, but for the warning that its sender is owed.
    @Test func aStopIsToldOnce() {
        var bench = bench()
        _ = bench.change { $0.upstreamStops["relay"] = UpstreamQueueTests.stop() }
        var message = bench.message(["a@relayed.test"], notify: [.failure, .delay])
        message.recipients[0].lastReply = UpstreamRules.reply(UpstreamQueueTests.stop())
        #expect(bench.claimed(message) == ["give back m1 r0 due 1800"])
        _ = bench.pass(260)
        #expect(bench.claimed(message) == ["m1 r0 queued due 2060 after 0", "report delayed a@relayed.test"])
    }

    @Test func theRightToProbeIsAskedForOnce() throws {
        var bench = bench()
        _ = bench.change { $0.upstreamStops["relay"] = UpstreamQueueTests.stop { $0.probeAt = QueueBench.start } }
        #expect(bench.submit("a@relayed.test") == ["ask to probe relay"])
        #expect(bench.submit("b@relayed.test") == ["m2 r0 queued due 300 after 0"])
        #expect(bench.probeAnswered(nil) == ["m1 r0 queued due 300 after 0"], "another node was faster")
        #expect(bench.submit("c@relayed.test") == ["ask to probe relay"])
        let granted = UpstreamQueueTests.stop {
            $0.probe = UpstreamStop.Probe(owner: 1, until: QueueBench.start + .seconds(1800))
            $0.version = 6
        }
        #expect(bench.probeAnswered(granted) == ["connect c1 to 192.0.2.9 (encrypt)"])
        #expect(bench.ready(1) == ["attempt c1: m3 r0"])
        #expect(bench.ended(1, .taken) == ["resume relay", "m3 r0 delivered"])
        #expect(bench.submit("d@relayed.test") == ["attempt c1: m4 r0"])
    }

    /// A probe that a person cancels before it leaves is given back unused.
    @Test func aProbeThatNeverLeftIsReleased() {
        var bench = bench()
        _ = bench.change { $0.upstreamStops["relay"] = UpstreamQueueTests.stop { $0.probeAt = QueueBench.start } }
        _ = bench.submit("a@relayed.test")
        let granted = UpstreamQueueTests.stop {
            $0.probeAt = QueueBench.start
            $0.probe = UpstreamStop.Probe(owner: 1, until: QueueBench.start + .seconds(1800))
            $0.version = 6
        }
        #expect(bench.probeAnswered(granted) == ["connect c1 to 192.0.2.9 (encrypt)"])
        #expect(bench.act(.cancel) == ["1 reached", "m1 r0 cancelled"])
        #expect(bench.ready(1) == [])
        #expect(bench.pass(1) == ["stop relay for restricted over 6, probe at 0"])
    }

    /// A host that cannot be reached, or one that finds fault with the recipient, says nothing about a restriction.
    /// A probe in flight on a node that died is over with that node's run, not with its time-out.
    @Test func theProbeOfADeadRunIsAnothersToRepeat() {
        var bench = bench()
        let stop = UpstreamQueueTests.stop {
            $0.probeAt = QueueBench.start
            $0.probe = UpstreamStop.Probe(owner: 77, until: QueueBench.start + .seconds(1800))
        }
        _ = bench.change { $0.upstreamStops["relay"] = stop }
        #expect(bench.submit("a@relayed.test") == ["m1 r0 queued due 300 after 0"])
        #expect(bench.did(bench.queue.runsChanged(living: [1, 77])) == [])
        #expect(bench.did(bench.queue.runsChanged(living: [1])) == ["stop relay for restricted over 5, probe at 0"])
        _ = bench.change { directory in
            directory.upstreamStops["relay"]?.probe = nil
            directory.upstreamStops["relay"]?.version = 6
        }
        _ = bench.queue.upstreamStored("relay", version: bench.directory.version, lane: Lane(0), at: bench.now)
        #expect(bench.submit("b@relayed.test") == ["ask to probe relay"])
    }

    /// The host of an accepted domain is a next host too.
    @Test func theRouteOfAnAcceptedDomainStopsAsWell() {
        let domain = DomainName("inside.test")!
        var bench = QueueBench { _, directory in
            var accepted = AcceptedDomain(name: domain)
            accepted.nextHop = NextHop(host: "192.0.2.10", port: 587, tls: .encrypt, userName: "u", passwordFile: "inside")
            directory.domains[domain] = accepted
        }
        _ = bench.submit("a@inside.test", isInternal: true)
        _ = bench.ready(1)
        #expect(
            bench.ended(1, UpstreamQueueTests.restricted) == [
                "stop internal:inside.test for restricted over 0, probe at 21600", "m1 r0 queued due 1800 after 0",
            ])
        #expect(bench.submit("b@inside.test", isInternal: true) == ["m2 r0 queued due 1800 after 0"])
    }

    @Test func anUnclearProbeIsRepeatedSoon() {
        var bench = bench()
        _ = bench.change { $0.upstreamStops["relay"] = UpstreamQueueTests.stop { $0.probeAt = QueueBench.start } }
        _ = bench.submit("a@relayed.test")
        let granted = UpstreamQueueTests.stop { $0.version = 6 }
        #expect(bench.probeAnswered(granted) == ["connect c1 to 192.0.2.9 (encrypt)"])
        #expect(bench.connectFailed(1) == ["stop relay for restricted over 6, probe at 900", "m1 r0 queued due 100 after 1"])
    }

    @Test func tooManyConnectionsHalveThem() {
        var bench = QueueBench { _, directory in directory.routes["relay"]?.connectionsMax = 4 }
        for name in ["a", "b", "c", "d", "e"] { _ = bench.submit("\(name)@relayed.test") }
        for connection in 1...4 { _ = bench.ready(Int64(connection)) }
        let slow = RecipientResult.failed(
            .peer(SMTPReply(432, EnhancedStatusCode(4, 3, 2), "Concurrent connections limit exceeded."), scope: .host, stage: .mail))
        #expect(bench.ended(1, slow, isReusable: false) == ["m1 r0 queued due 100 after 1"], "nothing else begins for now")
        #expect(bench.ended(2, .taken) == ["close c2", "m2 r0 delivered"].reversed())
        #expect(bench.pass(29) == [])
        #expect(bench.ended(3, .taken) == ["m3 r0 delivered"])
        #expect(bench.pass(1) == ["attempt c3: m5 r0"])
    }
}
