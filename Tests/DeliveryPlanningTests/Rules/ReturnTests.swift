import MailModel
import OutboundPolicy
import Testing

@testable import DeliveryPlanning

/// A source that a rule kept back for a destination comes back gradually.
@Suite struct ReturnTests {
    private static let block = DeliveryRule(
        name: "own.block", words: "slow down", action: .suspendSource, seconds: 1200, matches: ["421 slow down"], differs: ["450 wait"])

    private func world() -> ShapedWorld {
        var world = ShapedWorld { _, directory in directory.deliveryRules["own.block"] = ReturnTests.block }
        // 120 a minute, all the time.
        for second in 0..<7200 { world.at(Double(second) / 2) { $0.submit() } }
        return world
    }

    private func sent(_ world: ShapedWorld, inMinute minute: Int, after begin: Int64) -> Int {
        let from = ShapedWorld.start + .seconds(begin + Int64(minute) * 60)
        return world.attempts.count { from <= $0.at && $0.at < from + .seconds(60) }
    }

    @Test func `after its rest it gets a twentieth at first, and soon all again`() {
        var world = world()
        world.run(seconds: 300)
        #expect(sent(world, inMinute: 3, after: 0) >= 115)
        world.receiver.refuses = { _ in true }
        world.run(seconds: 302)
        world.receiver.refuses = { _ in false }
        world.run(seconds: 1495)
        #expect(sent(world, inMinute: 5, after: 305) == 0, "it steps aside")
        #expect(world.queue.slowedDestinations(at: world.now).isEmpty, "what is held back is no matter of less")
        let over = 1500 + Int64(3)
        world.run(seconds: 2700)
        let minutes = (0..<15).map { sent(world, inMinute: $0, after: over) }
        #expect((4...20).contains(minutes[0]), "a twentieth of 120 to begin with: \(minutes)")
        #expect(
            zip(minutes[1...], minutes[2..<10]).allSatisfy { $0 < $1 && $1 <= 2 * $0 }, "more each minute, never twice as much: \(minutes)")
        #expect(minutes.contains { $0 >= 115 }, "and what there is in the end: \(minutes)")
    }

    @Test func `a node that hears of the hold from another begins with little too`() {
        var directory = Directory(version: 1)
        directory.deliveryRules["own.block"] = ReturnTests.block
        let reply = SMTPReply(421, nil, "slow down")
        let now = ShapedWorld.start
        func book(until: Timestamp, rule: String = "own.block") -> ShapingBook {
            directory.deliveryHolds = [:]
            let hold = DeliveryHold(
                subject: .destination("google", source: "a"), since: now - .seconds(100), until: until, rule: rule, reply: reply)
            directory.deliveryHolds[hold.key] = hold
            var book = ShapingBook(directory, owner: 1)
            book.tidy(at: now)
            return book
        }
        let key = Destination.Key(name: "google", source: "a")
        #expect(book(until: now + .seconds(600)).destinations[key]?.pace?.value == 1)
        #expect(book(until: now - .seconds(600)).destinations[key]?.comesBackSince == now - .seconds(600), "a start after its end")
        #expect(book(until: now - .seconds(3700)).destinations[key] == nil, "long over")
        #expect(book(until: now + .seconds(600), rule: "gone").destinations[key] == nil, "a pause is no block")
    }

    @Test func `mail that takes another source meanwhile is not said to wait`() throws {
        let start = QueueBench.start
        var rule = ReturnTests.block
        rule.action = .otherSource
        var bench = QueueBench { [rule] _, directory in
            directory.deliveryRules[rule.name] = rule
            directory.routes["internet"]?.sources = ["a", "b"]
            for (name, address) in [("a", "198.51.100.1"), ("b", "198.51.100.2")] {
                directory.sources[name] = EgressSource(name: name, ipv4: IPAddress(address), createdAt: start)
            }
        }
        func wait() throws -> KeptBack? {
            bench.queue.waits(
                for: try #require(EmailAddress("c@one.test")), from: "app@home.test", reversePath: .null, tenant: .standard,
                lane: .transactional, at: bench.now)
        }
        #expect(try wait()?.text.contains("no running node has one of the egress sources a, b") == true)
        _ = bench.addresses(["198.51.100.1", "198.51.100.2"])
        _ = bench.claimed()
        _ = bench.submit("a@one.test")
        _ = bench.resolved("one.test", "mx1")
        _ = bench.ready(1)
        _ = bench.ended(1, .failed(.peer(SMTPReply(421, nil, "slow down"), scope: .recipient, stage: .recipient)))
        #expect(try wait() == nil)
        _ = bench.addresses(["198.51.100.1"])
        #expect(try wait()?.text.contains("rule own.block: mail to") == true)
    }

    @Test func `the stop button is a reason to wait`() throws {
        for (pause, isMeant) in [
            (Pause.Scope.all, true), (.external, true), (.sender("app@home.test"), true), (.sender("b@home.test"), false),
            (.route("internet"), true), (.route("other"), false),
        ] {
            let bench = QueueBench { _, directory in directory.pauses = [pause] }
            let wait = bench.queue.waits(
                for: try #require(EmailAddress("c@one.test")), from: "app@home.test", reversePath: .null, tenant: .standard,
                lane: .transactional, at: bench.now)
            #expect(wait?.text == (isMeant ? "the stop button: pause of \(pause)" : nil))
        }
    }
}
