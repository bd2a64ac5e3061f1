import MailModel
import OutboundPolicy
import Testing

@testable import DeliveryPlanning

/// What follows from a look at the lists.
@Suite struct ReputationReviewTests {
    private static let start = Timestamp(seconds: 1_790_000_000)
    private let address = "198.51.100.7"
    private let zen = ReputationCheck.Key(subject: "198.51.100.7", list: "spamhaus-zen")
    private let psbl = ReputationCheck.Key(subject: "198.51.100.7", list: "psbl")

    private func review(_ before: [ReputationCheck] = [], at seconds: Int64 = 0) -> ReputationReview {
        ReputationReview(
            before: before,
            subjects: [
                ReputationReview.Subject(name: address, sources: ["vienna"]), ReputationReview.Subject(name: "example.org", sources: []),
            ], lists: Blocklist.known, at: Self.start + .seconds(seconds))
    }

    private func outcome(
        _ review: ReputationReview, _ key: ReputationCheck.Key, _ answer: ListingAnswer, holds: [DeliveryHold] = []
    ) -> ReputationReview.Outcome {
        review.outcome([ReputationSight(key: key, answer: answer)], holds: holds, moving: .seconds(86_400))
    }

    @Test func `a listing alerts with a checklist and moves the source's mail; its end is told and ends the move`() throws {
        let listed = outcome(review(), zen, .bad("SBL: a source of spam"))
        #expect(listed.events.map(\.isBad) == [true])
        let condition = try #require(listed.conditions.first)
        #expect(condition.kind == .listed && condition.subject == address && !condition.isOver)
        #expect(condition.text == "198.51.100.7 (source vienna) is listed. spamhaus-zen: SBL: a source of spam")
        #expect(condition.advice.contains("2. Open https://check.spamhaus.org/") && condition.advice.hasSuffix("once it is off the list."))
        let hold = try #require(listed.holds.first)
        #expect(hold.subject == .source("vienna") && hold.until == Self.start + .seconds(86_400) && hold.allowsOtherSources == true)

        let again = outcome(review(listed.put, at: 3600), zen, .bad("SBL: a source of spam"), holds: listed.holds)
        #expect(again.events.isEmpty && again.holds.first?.since == Self.start)
        #expect(again.holds.first?.until == Self.start + .seconds(3600 + 86_400))
        #expect(again.put.first?.since == Self.start)

        let over = outcome(review(again.put, at: 7200), zen, .clear(""), holds: again.holds)
        #expect(over.events.map(\.isBad) == [false])
        #expect(over.conditions.map(\.isOver) == [true])
        #expect(over.holds.map(\.until) == [Self.start + .seconds(7200)])
        #expect(outcome(review(over.put, at: 9000), zen, .clear(""), holds: over.holds).holds.isEmpty)
    }

    @Test func `a look that finds out nothing changes nothing`() throws {
        let first = outcome(review(), zen, .unknown("asked by a public resolver"))
        #expect(first.events.isEmpty && first.conditions.isEmpty && first.holds.isEmpty)
        #expect(first.put.map(\.isKnown) == [false])
        let listed = outcome(review(first.put, at: 60), zen, .bad("SBL"))
        #expect(listed.events.count == 1)
        let silent = outcome(review(listed.put, at: 120), zen, .unknown("SERVFAIL"), holds: listed.holds)
        #expect(silent.events.isEmpty && silent.conditions.map(\.isOver) == [false], "still listed, as far as is known")
        #expect(silent.holds.first.map { $0.until > listed.holds[0].until } == true)
        #expect(silent.put.first?.unknown == "SERVFAIL" && silent.put.first?.text == "SBL")
    }

    @Test func `a small list alerts and moves nothing; a domain moves nothing`() {
        let small = outcome(review(), psbl, .bad("sent mail to a spam trap"))
        #expect(small.conditions.count == 1 && small.holds.isEmpty)
        let domain = outcome(review(), ReputationCheck.Key(subject: "example.org", list: "spamhaus-dbl"), .bad("a domain seen in spam"))
        #expect(domain.conditions.map(\.subject) == ["example.org"] && domain.holds.isEmpty)
    }

    @Test func `one alert tells of all lists of an address, and is over with the last of them`() {
        let both = review().outcome(
            [ReputationSight(key: zen, answer: .bad("SBL")), ReputationSight(key: psbl, answer: .bad("trap"))], holds: [],
            moving: .seconds(3600))
        #expect(both.conditions.count == 1 && both.conditions[0].findings.count == 2)
        let one = outcome(review(both.put, at: 60), zen, .clear(""))
        #expect(one.conditions.map(\.isOver) == [false])
        #expect(one.holds.isEmpty)
    }

    @Test func `what is no longer ours is forgotten, and its alert ends`() {
        let listed = outcome(review(), zen, .bad("SBL"))
        let gone = ReputationReview(before: listed.put, subjects: [], lists: Blocklist.known, at: Self.start + .seconds(60))
            .outcome([], holds: listed.holds, moving: .seconds(3600))
        #expect(gone.drop == [zen] && gone.conditions.map(\.isOver) == [true])
        #expect(gone.holds.map(\.until) == [Self.start + .seconds(60)])
        #expect(gone.events.map(\.isBad) == [false])
    }

    @Test func `names that are wrong are an alert of their own kind`() {
        let key = ReputationCheck.Key(subject: address, list: ReputationCheck.Key.identity)
        let wrong = outcome(review(), key, .bad("198.51.100.7 has no reverse name (PTR)."))
        #expect(wrong.conditions.map(\.kind) == [.sourceIdentity] && wrong.holds.isEmpty)
    }

    @Test func `a provider's reply that names a list counts, for as long as its rule holds`() {
        let hold = DeliveryHold(
            subject: .destination("yahoo", source: "vienna"), since: Self.start, until: Self.start + .seconds(3600), rule: "yahoo.blocked",
            reply: SMTPReply(
                553, EnhancedStatusCode(5, 7, 1),
                "[BL21] Connections will not be accepted from 198.51.100.7, because the ip is in Spamhaus's list"))
        let other = DeliveryHold(
            subject: .destination("google", source: "vienna"), since: Self.start, until: Self.start + .seconds(3600), rule: "own",
            reply: SMTPReply(450, EnhancedStatusCode(4, 2, 0), "greylisted, try again in 300 seconds"))
        let sights = ReputationSight.replies([hold, other], before: [], at: Self.start + .seconds(1)) { _, _ in self.address }
        #expect(sights.map(\.key.list) == ["replies:yahoo"])
        let heard = review(at: 1).outcome(sights, holds: [hold, other], moving: .seconds(3600))
        #expect(heard.conditions.map(\.kind) == [.listed] && heard.holds.isEmpty, "the rule that read it has moved its mail")
        let later = Self.start + .seconds(4000)
        let over = ReputationSight.replies([hold, other], before: heard.put, at: later) { _, _ in self.address }
        #expect(review(heard.put, at: 4000).outcome(over, holds: [], moving: .seconds(3600)).conditions.map(\.isOver) == [true])
    }
}
