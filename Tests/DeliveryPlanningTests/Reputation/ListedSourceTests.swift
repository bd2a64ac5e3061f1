import MailModel
import OutboundPolicy
import Testing

@testable import DeliveryPlanning

/// Mail of a source that is on a list.
@Suite struct ListedSourceTests {
    private func bench(sources: [String], listed: [String]) -> QueueBench {
        QueueBench { _, directory in
            let start = QueueBench.start
            directory.routes["internet"]?.sources = sources
            for (number, name) in sources.enumerated() {
                directory.sources[name] = EgressSource(name: name, ipv4: IPAddress("198.51.100.\(number + 1)"), createdAt: start)
            }
            for name in listed {
                let hold = DeliveryHold(
                    subject: .source(name), since: start, until: start + .seconds(3600), rule: ReputationReview.holdRule,
                    reply: SMTPReply(451, EnhancedStatusCode(4, 7, 1), "listed"), allowsOtherSources: true)
                directory.deliveryHolds[hold.key] = hold
            }
        }
    }

    @Test func `it takes another source of its route, for every destination`() {
        var bench = bench(sources: ["a", "b"], listed: ["a"])
        _ = bench.addresses(["198.51.100.1", "198.51.100.2"])
        _ = bench.claimed()
        _ = bench.submit("a@one.test")
        #expect(bench.resolved("one.test", "mx1") == ["connect c1 to mx1 from b"])
        _ = bench.submit("c@two.test")
        #expect(bench.resolved("two.test", "mx2") == ["connect c2 to mx2 from b"])
    }

    @Test func `where there is no other, or that is listed too, it goes on as before`() {
        for (sources, listed) in [(["a"], ["a"]), (["a", "b"], ["a", "b"])] {
            var bench = bench(sources: sources, listed: listed)
            _ = bench.addresses(["198.51.100.1", "198.51.100.2"])
            _ = bench.claimed()
            _ = bench.submit("a@one.test")
            #expect(bench.resolved("one.test", "mx1") == ["connect c1 to mx1 from a"])
        }
    }

    @Test func `a source that is back begins with little`() {
        let start = QueueBench.start
        var directory = Directory(version: 1)
        let hold = DeliveryHold(
            subject: .source("a"), since: start, until: start + .seconds(100), rule: ReputationReview.holdRule,
            reply: SMTPReply(451, nil, "listed"), allowsOtherSources: true)
        directory.deliveryHolds[hold.key] = hold
        var book = ShapingBook(directory, owner: 1)
        let key = Destination.Key(name: "google", source: "a")
        let unmoved = Destination.Key(name: "yahoo", source: "a")
        #expect(book.listing(ofSource: "a", at: start) == hold && book.listing(ofSource: "b", at: start) == nil)
        book.tookAnotherWay(key, hold)
        book.cameBack(key, seen: { 200 }, at: start + .seconds(50))
        #expect(book.destinations[key] == nil, "it is still listed")
        book.cameBack(key, seen: { 200 }, at: start + .seconds(101))
        book.cameBack(unmoved, seen: { 200 }, at: start + .seconds(101))
        #expect(book.destinations[key]?.pace?.value == 10, "a twentieth of what others take there")
        #expect(book.destinations[unmoved] == nil, "none of its mail was moved")
    }
}
