import MailModel
import OutboundPolicy
import Testing

/// What a granted request changes, and for how long.
@Suite struct LimitRequestTests {
    private let now = Timestamp(seconds: 1_800_000_000)
    private let sender = "kim@a.test"

    private func request(_ id: String, _ wish: LimitRequest.Wish, until: Timestamp?, isDecided: Bool = true) -> LimitRequest {
        var request = LimitRequest(
            id: id, sender: "Kim@A.test", wish: wish, reason: "fair", askedAt: now - .seconds(60), askedBy: "account:kim@a.test")
        if isDecided { request.decision = LimitRequest.Decision(until: until, by: "account:boss@a.test", at: now, reason: "") }
        return request
    }

    private func table(_ requests: LimitRequest...) -> PolicyTable {
        var directory = Directory()
        var policy = SendingPolicy(name: "default", priority: 0)
        (policy.externalPerHour, policy.recipientsPerDay) = (500, 1000)
        directory.policies["default"] = policy
        for request in requests { directory.limitRequests[request.id] = request }
        return PolicyTable(directory)
    }

    private func limits(_ table: PolicyTable, of sender: String, at now: Timestamp) -> [String] {
        table.senderLimits(of: sender, from: EmailAddress(sender), at: now).map { "\($0.name.rawValue) \($0.value) \($0.source)" }
    }

    private let usual = ["external-per-hour 500 policy:default", "recipients-per-day 1000 policy:default"]

    @Test func aGrantRaisesOneLimitOfOneSenderUntilItExpires() {
        let end = now + .seconds(3600)
        let table = table(request("Q1", .limit(name: .externalPerHour, value: 800), until: end))
        let raised = ["external-per-hour 800 request:Q1", "recipients-per-day 1000 policy:default"]
        #expect(limits(table, of: sender, at: now) == raised)
        #expect(limits(table, of: "KIM@a.test", at: end - .milliseconds(1)) == raised)
        #expect(limits(table, of: sender, at: end) == usual)
        #expect(limits(table, of: "pat@a.test", at: now) == usual)
    }

    @Test func whatWasRefusedOrNotDecidedChangesNothing() {
        let wish = LimitRequest.Wish.limit(name: .externalPerHour, value: 800)
        #expect(limits(table(request("Q1", wish, until: nil)), of: sender, at: now) == usual)
        #expect(limits(table(request("Q1", wish, until: nil, isDecided: false)), of: sender, at: now) == usual)
        let bulk = table(request("Q1", .bulk, until: nil))
        #expect(bulk.grants.trafficClass(.personal, of: sender, at: now) == .personal)
    }

    @Test func limitsOnlyRise() {
        let end = now + .seconds(3600)
        func grant(_ id: String, _ value: Int) -> LimitRequest { request(id, .limit(name: .externalPerHour, value: value), until: end) }
        #expect(limits(table(grant("Q1", 499)), of: sender, at: now) == usual)
        #expect(limits(table(grant("Q1", 500)), of: sender, at: now) == usual)
        #expect(
            limits(table(grant("Q1", 600), grant("Q2", 900), grant("Q3", 700)), of: sender, at: now)[0].hasPrefix("external-per-hour 900"))
        let unlimited = table(request("Q1", .limit(name: .internalPerHour, value: 5), until: end))
        #expect(limits(unlimited, of: sender, at: now) == usual, "what is not limited stays so")
    }

    @Test func theBulkRightIsForItsTime() {
        let grants = table(request("Q1", .bulk, until: now + .seconds(1))).grants
        #expect(grants.trafficClass(.personal, of: sender, at: now) == .campaign)
        #expect(grants.trafficClass(.personal, of: sender, at: now + .seconds(1)) == .personal)
        #expect(grants.trafficClass(.application, of: "pat@a.test", at: now) == .application)
    }
}
