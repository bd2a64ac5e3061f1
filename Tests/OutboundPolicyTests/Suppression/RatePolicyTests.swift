import MailModel
import OutboundPolicy
import Testing

@Suite struct RatePolicyTests {
    private let policy = RatePolicy()

    private func figures(delivered: Int, hard: Int = 0, complaints: Int = 0, deferrals: Int = 0) -> SendingFigures {
        var figures = SendingFigures()
        (figures.delivered, figures.hardBounces, figures.complaints, figures.deferrals) = (delivered, hard, complaints, deferrals)
        return figures
    }

    private func level(_ figures: SendingFigures) -> RateLevel? { policy.findings(figures, of: .sender("a@b.test")).first?.level }

    /// 2, 4 and 8 of a hundred.
    @Test func hardBouncesAtOneLessAndExactly() {
        let steps: [(Int, RateLevel?)] = [(19, nil), (20, .warn), (39, .warn), (40, .hold), (79, .hold), (80, .stop)]
        for (hard, expected) in steps { #expect(level(figures(delivered: 1000 - hard, hard: hard)) == expected, "\(hard)") }
    }

    /// 0.08, 0.2 and 0.3 of a hundred that arrived.
    @Test func complaintsAtOneLessAndExactly() {
        let steps: [(Int, RateLevel?)] = [(7, nil), (8, .warn), (19, .warn), (20, .hold), (29, .hold), (30, .stop)]
        for (count, expected) in steps { #expect(level(figures(delivered: 10_000, complaints: count)) == expected, "\(count)") }
    }

    @Test func aFewMessagesSayNothing() {
        #expect(level(figures(delivered: 49, hard: 50)) == nil)
        #expect(level(figures(delivered: 50, hard: 50)) == .stop)
        // One complaint of a hundred is one percent, and one person.
        #expect(level(figures(delivered: 100, complaints: 2)) == nil)
        #expect(level(figures(delivered: 100, complaints: 3)) == .stop)
    }

    @Test func theHeaviestComesFirstAndFiguresStandInTheFinding() throws {
        let found = policy.findings(figures(delivered: 970, hard: 30, complaints: 4, deferrals: 900), of: .list("news"))
        #expect(found.map(\.level) == [.stop, .warn, .warn])
        let first = try #require(found.first?.finding)
        #expect(first.rule == "rate.complaints" && first.matched == "4 of 970 (0.41 %)")
        #expect(first.explanation.contains("list:news in 24 h: 4 of 970 delivered messages, 0.41 %; the threshold to stop is 0.3 %"))
        #expect(Set(found.map(\.finding.rule)) == ["rate.complaints", "rate.hard-bounces", "rate.deferrals"])
    }

    /// What is shown never says that a threshold was reached which was not.
    @Test(arguments: [(7.9999, "7.99"), (8.0, "8"), (0.3, "0.3"), (0.29999, "0.29"), (0.08, "0.08"), (12.5, "12.5")])
    func percentIsRoundedDown(_ percent: Double, _ text: String) { #expect(RatePolicy.text(percent) == text) }

    @Test func thresholdsOutOfOrderAreRefused() {
        var policy = policy
        policy.hardBounces = .init(warn: 5, hold: 4, stop: 8)
        #expect(policy.problem != nil)
        policy.hardBounces = .init(warn: 0, hold: 0, stop: 8)
        #expect(policy.problem == nil)
        policy.windowHours = 0
        #expect(policy.problem != nil)
    }
}
