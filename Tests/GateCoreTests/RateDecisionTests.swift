import DeliveryPlanning
import GateCore
import InternetMessage
import MailModel
import OutboundPolicy
import Testing

/// What the rates of what comes back do to new mail.
@Suite struct RateDecisionTests {
    private let now = Timestamp(seconds: 1_800_000_000)
    private let kim = EmailAddress("kim@home.test")!

    private func core() -> GateCore {
        let home = AcceptedDomain(name: DomainName("home.test")!)
        let directory = Directory(
            version: 1, accounts: [kim.key: Account(address: kim, passwordHash: "scrypt$x")], domains: [home.name: home])
        return GateCore(
            settings: GateSettings(), run: GateRun(owner: 7, node: 1, leaseUntil: .distantFuture), directory: directory, newestMessage: nil)
    }

    private func decision(_ core: inout GateCore, list: String? = nil) -> GateCore.ContentDecision {
        var facts = MessageFacts()
        facts.hasFrom = true
        facts.from = [kim]
        facts.listID = list
        let envelope = Envelope(
            reversePath: .address(kim), parameters: MailParameters(), recipients: [EnvelopeRecipient(EmailAddress("a@out.test")!)])
        let session = SessionFacts(
            principal: .account(kim), address: IPAddress("10.0.0.1"), helloName: "client.test", isEncrypted: true, tlsVersion: "TLSv1.3")
        return core.contentReceived(facts, envelope: envelope, bytes: 500, session: session, at: now) { _ in nil }
    }

    private func standing(_ subject: RateSubject, hard: Int) throws -> RateStanding {
        var figures = SendingFigures()
        (figures.delivered, figures.hardBounces) = (1000 - hard, hard)
        return try #require(RateStanding(RateStanding.Key(tenant: .standard, subject: subject), figures, RatePolicy()))
    }

    private func states(_ decision: GateCore.ContentDecision) -> [RecipientState] {
        guard case .accept(let order) = decision else { return [] }
        return order.recipients.map(\.state)
    }

    @Test func aWarningHoldsNothing() throws {
        var core = core()
        core.ratesBecame([try standing(.sender(kim.key), hard: 20)], at: now)
        #expect(states(decision(&core)) == [.queued])
    }

    @Test func newMailIsHeldUntilTheRateIsBelowTheThreshold() throws {
        var core = core()
        core.ratesBecame([try standing(.sender(kim.key), hard: 40)], at: now)
        guard case .accept(let order) = decision(&core) else { throw Unexpected() }
        #expect(order.recipients.map(\.state) == [.held] && order.lease == nil)
        let finding = try #require(order.record.findings.first)
        #expect(finding.rule == "rate.hard-bounces" && finding.matched == "40 of 1000 (4 %)")
        core.ratesBecame([], at: now)
        #expect(states(decision(&core)) == [.queued])
    }

    @Test func aSenderToBeStoppedIsRestrictedOnce() throws {
        var core = core()
        let stop = try standing(.sender(kim.key), hard: 80)
        core.ratesBecame([stop], at: now)
        core.ratesBecame([stop], at: now)
        let restrictions = core.takeActs().compactMap { if case .restrict(let restriction) = $0 { restriction } else { nil } }
        #expect(restrictions.map(\.entity) == [.sender(kim.key)])
        #expect(restrictions.first?.cause.rule == "rate.hard-bounces" && restrictions.first?.evidence.messages == 1000)
        #expect(states(decision(&core)) == [])
    }

    @Test func aListIsHeldAndStoppedAndNoOtherMail() throws {
        var core = core()
        core.ratesBecame([try standing(.list("news"), hard: 40)], at: now)
        #expect(states(decision(&core, list: "news")) == [.held])
        #expect(states(decision(&core, list: "other")) == [.queued] && states(decision(&core)) == [.queued])
        core.ratesBecame([try standing(.list("news"), hard: 80)], at: now)
        guard case .refuse(let reply, let findings) = decision(&core, list: "news") else { throw Unexpected() }
        #expect(reply.code == 550 && findings.map(\.rule) == ["rate.hard-bounces"])
        #expect(states(decision(&core)) == [.queued])
    }

    /// What all receivers together send back is told, and stops nobody by itself.
    @Test func providersAndAllAreWarnedOfAlone() throws {
        var core = core()
        core.ratesBecame([try standing(.all, hard: 80), try standing(.provider("google"), hard: 80)], at: now)
        #expect(states(decision(&core)) == [.queued] && core.takeActs().isEmpty)
    }

    private struct Unexpected: Error {}
}
