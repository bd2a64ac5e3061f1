import DeliveryPlanning
import GateCore
import InternetMessage
import MailModel
import OutboundPolicy
import Testing

/// Until when a gate acts without another word from the store.
@Suite struct LeaseDecisionTests {
    private let start = Timestamp(seconds: 1_800_000_000)

    private func steady(_ seconds: Int64) -> SteadyTime { SteadyTime(milliseconds: seconds * 1000) }

    private func core(leaseUntil: SteadyTime) -> GateCore {
        GateCore(
            settings: GateSettings(), run: GateRun(owner: 7, node: 3, leaseUntil: leaseUntil), directory: World.startDirectory,
            newestMessage: nil)
    }

    private func reply(_ core: inout GateCore, at now: Timestamp) -> SMTPReply? {
        let session = SessionFacts(
            principal: .connector("app"), address: IPAddress("10.0.0.1"), helloName: "app", isEncrypted: true, tlsVersion: nil)
        guard case .refuse(let reply, _) = core.senderGiven(.null, MailParameters(), session: session, at: now) else { return nil }
        return reply
    }

    @Test func fromAMarginBeforeItsLeaseLapsesItTakesNothing() {
        var core = core(leaseUntil: steady(30))
        core.steadyTimeIs(steady(24))
        #expect(reply(&core, at: start) == nil)
        let granted = core.contentReserved(10)
        #expect(granted == nil)
        core.steadyTimeIs(steady(25))
        #expect(reply(&core, at: start)?.code == 451)
        let refused = core.contentReserved(10)
        #expect(refused?.code == 451)
        #expect(!core.holdsLease)
    }

    @Test func aClockThatIsSetChangesNothing() {
        var core = core(leaseUntil: steady(30))
        core.steadyTimeIs(steady(10))
        #expect(reply(&core, at: start + .seconds(86_400)) == nil)
        core.steadyTimeIs(steady(26))
        #expect(reply(&core, at: start - .seconds(86_400))?.code == 451)
    }

    @Test func aRenewalLetsItGoOnAndAnOldAnswerTakesNothingAway() {
        var random = SeededGenerator(state: 1)
        var core = core(leaseUntil: steady(30))
        core.steadyTimeIs(steady(40))
        let meanwhile = core.handle(.timePassed, at: start, using: &random)
        #expect(meanwhile.isEmpty, "nothing is claimed")
        let actions = core.handle(.leaseRenewed(until: steady(60)), at: start, using: &random)
        guard case .claim(_, 7, _)? = actions.first else {
            Issue.record("no claim")
            return
        }
        #expect(reply(&core, at: start) == nil)
        _ = core.handle(.leaseRenewed(until: steady(50)), at: start, using: &random)
        core.steadyTimeIs(steady(54))
        #expect(core.holdsLease)
    }

    @Test func anAnswerThatComesTooLateRenewsNothing() {
        var random = SeededGenerator(state: 1)
        var core = core(leaseUntil: steady(30))
        core.steadyTimeIs(steady(60))
        let actions = core.handle(.leaseRenewed(until: steady(61)), at: start, using: &random)
        #expect(actions.isEmpty)
        #expect(!core.holdsLease)
    }

    @Test func aLostLeaseGoesOnAsANewRunWithIdentifiersOfItsOwn() {
        var random = SeededGenerator(state: 1)
        var core = core(leaseUntil: steady(30))
        let before = core.nextIdentifier(at: start)
        core.steadyTimeIs(steady(40))
        let newest = MessageID((before.value >> 22 + 5000) << 22)
        let actions = core.handle(
            .leaseLost(GateRun(owner: 8, node: 4, leaseUntil: steady(70)), newestMessage: newest), at: start, using: &random)
        guard case .claim(_, 8, _)? = actions.first, actions.count == 1 else {
            Issue.record("\(actions)")
            return
        }
        let after = core.nextIdentifier(at: start)
        #expect(after > newest)
        #expect(after.value >> 14 & 0xFF == 4)
        #expect(reply(&core, at: start) == nil)
    }
}
