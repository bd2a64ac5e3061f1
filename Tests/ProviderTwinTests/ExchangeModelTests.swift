import MailModel
import Testing

@testable import ProviderTwin

@Suite struct ExchangeModelTests {
    private let start = Timestamp(seconds: 1_795_338_000)

    /// The table of the facts.
    @Test(arguments: [
        (1, 10_000), (2, 10_312), (10, 12_006), (25, 14_259), (100, 22_059), (1000, 72_446), (10_000, 324_979), (100_000, 1_590_639),
    ]) func `the tenant's quota follows its licences`(licences: Int, quota: Int) {
        var settings = ExchangeSettings()
        settings.licences = licences
        #expect(settings.tenantQuota == quota)
    }

    /// Microsoft's own example: 5,000 at 9, 2,500 at 10, 2,500 at 11 is a block until 9 of the next day.
    @Test func `the window of the recipient rate slides`() {
        var count = SlidingCount(window: .seconds(86_400))
        count.add(5000, at: start)
        count.add(2500, at: start + .seconds(3600))
        count.add(2500, at: start + .seconds(7200))
        let before = count.sum(at: start + .seconds(86_399))
        let after = count.sum(at: start + .seconds(86_400))
        #expect(before == 10_000 && after == 5000)
        var other = SlidingCount(window: .seconds(86_400))
        other.add(10_000, at: start)
        let free = other.free(for: 1, limit: 10_000, at: start)
        let never = other.free(for: 10_001, limit: 10_000, at: start)
        #expect(free == start + .seconds(86_400) && never == nil)
    }

    @Test func `the count stays bounded and is never too low`() {
        var count = SlidingCount(window: .seconds(86_400))
        for index in 0..<70_000 { count.add(1, at: start + .milliseconds(index)) }
        let before = count.sum(at: start + .seconds(70))
        let after = count.sum(at: start + .seconds(86_400 + 70))
        #expect(before == 70_000 && after == 0)
    }

    private func signedIn(_ tenant: ExchangeTenant = .contoso) throws -> (ExchangeOnline, EmailAddress) {
        var model = ExchangeOnline(tenant)
        #expect(model.signIn(name: "app@contoso.test", password: "twin", session: 1, at: start).code == 235)
        return (model, try #require(EmailAddress("app@contoso.test")))
    }

    private func send(_ model: inout ExchangeOnline, _ from: EmailAddress, as header: EmailAddress? = nil, count: Int, at now: Timestamp)
        -> Int
    {
        var facts = ExchangeContentFacts()
        facts.from = header ?? from
        let recipients = (0..<count).compactMap { EmailAddress("r\($0)@example.com") }
        return model.submitted(ExchangeSubmission(reversePath: .address(from), recipients: recipients, facts: facts), session: 1, at: now)
            .reply
            .code
    }

    /// 300 as oneself below 500, then one as a shared mailbox whose policy is 100: it is the signed-in user who is restricted.
    @Test func `the policy follows From, the counter the signed-in user`() throws {
        let shared = try #require(EmailAddress("shared@contoso.test"))
        var tenant = ExchangeTenant.contoso
        tenant.defaultPolicy.externalPerHour = 500
        var strict = ExchangePolicy(name: "shared")
        strict.from = [shared]
        strict.externalPerHour = 100
        strict.action = .blockUser
        tenant.policies = [strict]
        tenant.mailboxes[0].sendAs = [shared]
        var (model, app) = try signedIn(tenant)
        #expect(send(&model, app, count: 300, at: start) == 250)
        #expect(send(&model, app, as: shared, count: 1, at: start) == 550)
        let mailbox = try #require(model.mailbox(app))
        let state = model.state(of: mailbox, at: start)
        #expect(state.restriction?.number == 42_004 && state.restriction?.until == nil)
    }

    @Test func `a release takes its time, and support is needed after the last one`() throws {
        var tenant = ExchangeTenant.contoso
        tenant.defaultPolicy.externalPerHour = 1
        tenant.defaultPolicy.action = .blockUser
        tenant.settings.releasesMax = 1
        var (model, app) = try signedIn(tenant)
        #expect(send(&model, app, count: 2, at: start) == 550)
        #expect(model.release(app, at: start) == .from(start + .seconds(3600)))
        #expect(send(&model, app, count: 1, at: start + .seconds(3599)) == 550)
        #expect(send(&model, app, count: 1, at: start + .seconds(3600)) == 250)
        let tomorrow = start + .seconds(86_400)
        #expect(send(&model, app, count: 2, at: tomorrow) == 550)
        #expect(model.release(app, at: tomorrow) == .supportOnly)
    }

    @Test func `errors far apart throttle nobody`() throws {
        var (model, app) = try signedIn()
        let anna = try #require(EmailAddress("anna@contoso.test"))
        for index in 0..<50 {
            #expect(send(&model, app, as: anna, count: 1, at: start + .seconds(index * 3601 / 9)) == 554)
        }
    }

    @Test func `mail of relayed senders and of domains without DNS has its own pools`() throws {
        var tenant = ExchangeTenant.contoso
        let partner = try #require(EmailAddress("news@partner.example"))
        let bare = try #require(EmailAddress("app@bare.example"))
        tenant.mailboxes[0].sendAs = [partner, bare]
        tenant.domainsWithoutDNS = [try #require(DomainName("bare.example"))]
        var (model, app) = try signedIn(tenant)
        func pool(_ path: EmailAddress, _ from: EmailAddress) throws -> ExchangePool? {
            var facts = ExchangeContentFacts()
            facts.from = from
            let to = try #require(EmailAddress("x@example.com"))
            let decision = model.submitted(
                ExchangeSubmission(reversePath: .address(path), recipients: [to], facts: facts), session: 1, at: start)
            guard case .accepted(_, let handover) = decision else { return nil }
            return handover.pool
        }
        #expect(try pool(app, app) == .normal)
        #expect(try pool(partner, partner) == .relay)
        #expect(try pool(app, bare) == .highRisk)
    }
}
