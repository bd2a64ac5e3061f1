import Campaigns
import Testing

struct AdvisorTests {
    private static func means() -> SendingMeans {
        var means = SendingMeans()
        means.mailboxRoutes = ["m365"]
        means.directRoutes = ["out"]
        means.domains = ["example.edu"]
        means.connectors = 1
        return means
    }

    /// Colorado State University, "Which option should I choose?": audience, how often and what kind, with the ways that its table names.
    @Test(arguments: [
        ("I need to reach 150 people once", SendingNeed(recipients: 150, isExternal: true), [SendingWay.group, .batches]),
        ("I need to reach 500 people once", SendingNeed(recipients: 500, isExternal: true), [.group, .batches]),
        ("300 colleagues once", SendingNeed(recipients: 300), [.group, .batches]),
        ("I need to reach 1,000+ people", SendingNeed(recipients: 1000, isExternal: true), [.campaign, .group]),
        ("1,000+ colleagues", SendingNeed(recipients: 5000), [.campaign, .group]),
        ("or send regularly", SendingNeed(recipients: 200, isExternal: true, isRecurring: true), [.campaign, .group]),
        ("It's departmental or IT-assisted", SendingNeed(recipients: 800, isExternal: true, kind: .operational), [.relay]),
    ])
    func `the seeds' own table`(_ row: String, _ need: SendingNeed, _ ways: [SendingWay]) {
        #expect(ways.contains(Advisor(means: AdvisorTests.means()).advice(for: need).way), "\(row)")
    }

    @Test
    func `batches are two hundred a day, and the last one's time counts`() {
        let advice = Advisor(means: AdvisorTests.means()).advice(for: SendingNeed(recipients: 500, isExternal: true))
        #expect(advice.way == .batches)
        #expect(advice.draft.recipientsPerBatch == 200)
        #expect(advice.draft.batches == 3)
        // Two days, and 200 messages at 30 a minute.
        #expect(advice.seconds == 2 * 86_400 + 7 * 60)
        #expect(advice.draft.route == "m365")
    }

    @Test
    func `what cannot wait for batches is a campaign`() {
        let advisor = Advisor(means: AdvisorTests.means())
        #expect(advisor.advice(for: SendingNeed(recipients: 500, isExternal: true, isUrgent: true)).way == .campaign)
        #expect(advisor.advice(for: SendingNeed(recipients: 180, isExternal: true, isUrgent: true)).way == .batches)
    }

    @Test
    func `few people once need nothing`() {
        #expect(Advisor().advice(for: SendingNeed(recipients: 149, isExternal: true)).way == .mailbox)
        #expect(Advisor().advice(for: SendingNeed(recipients: 20, isExternal: true, kind: .newsletter)).way == .campaign)
    }

    @Test
    func `limits that would be hit are named with value, window and source`() throws {
        let advice = Advisor(means: AdvisorTests.means()).advice(for: SendingNeed(recipients: 12_000, isExternal: true))
        let daily = try #require(advice.limits.first { $0.name == "recipients of a mailbox" })
        #expect(daily.value == 10_000 && daily.isExceeded && daily.window == "24 hours")
        #expect(!advice.limits.contains { $0.source.isEmpty })
        let few = Advisor().advice(for: SendingNeed(recipients: 20))
        #expect(!few.limits.contains { $0.isExceeded })
    }

    @Test
    func `where only a mailbox carries mail out, its day holds for a campaign`() {
        var means = AdvisorTests.means()
        means.directRoutes = []
        let advice = Advisor(means: means).advice(for: SendingNeed(recipients: 25_000, isExternal: true))
        #expect(advice.way == .campaign)
        #expect(advice.seconds > 2 * 86_400)
        #expect(advice.before.count == 1)
        #expect(Advisor(means: AdvisorTests.means()).advice(for: SendingNeed(recipients: 25_000, isExternal: true)).seconds < 6 * 3600)
    }

    @Test
    func `each way that was not taken has a reason`() {
        for count in [1, 149, 150, 999, 1000, 100_000] {
            for isExternal in [false, true] {
                for isRecurring in [false, true] {
                    let need = SendingNeed(recipients: count, isExternal: isExternal, isRecurring: isRecurring)
                    let advice = Advisor().advice(for: need)
                    #expect(Set(advice.alternatives.map(\.way)).union([advice.way]) == Set(SendingWay.allCases))
                    #expect(advice.alternatives.allSatisfy { !$0.reason.isEmpty } && !advice.reasons.isEmpty && !advice.steps.isEmpty)
                }
            }
        }
    }
}
