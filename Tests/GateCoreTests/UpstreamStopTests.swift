import DeliveryPlanning
import GateCore
import MailModel
import OutboundPolicy
import Testing

/// A next host that refuses our account: what it costs the host, and what becomes of the mail.
@Suite struct UpstreamStopTests {
    static let disabled = SMTPReply(
        535, EnhancedStatusCode(5, 7, 139), "Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.")
    static let restricted = SMTPReply(550, EnhancedStatusCode(5, 1, 8), "Access denied, bad outbound sender. AS(42004)")
    static let dailyLimit = SMTPReply(
        550, EnhancedStatusCode(5, 1, 90), "Your message can't be sent because you've reached your daily limit for message recipients")
    static let day = Duration.seconds(86_400)

    private static func refused(_ reply: SMTPReply, _ stage: DeliveryStage = .dot) -> RecipientResult {
        .failed(.peer(reply, scope: stage == .recipient ? .recipient : .message, stage: stage))
    }

    private func expectSound(_ world: UpstreamWorld, sourceLocation: SourceLocation = #_sourceLocation) {
        for node in world.nodes { #expect(node.queue.brokenInvariants() == [], sourceLocation: sourceLocation) }
    }

    // MARK: - No hammering

    /// In flight at the stop: one session for each connection of the route. After that, a probe after 6 and after 18 hours.
    @Test func aPersistentErrorCostsTheHostAFewSessionsADay() {
        var world = UpstreamWorld()
        world.host.signIn = UpstreamStopTests.disabled
        world.submit(1000)
        let inFlight = world.sessions
        #expect(inFlight <= 20)
        world.pass(UpstreamStopTests.day)
        #expect(world.sessions == inFlight + 2 && world.attempts == 0)
        #expect(world.count(.queued) == 1000 && world.stop?.failedProbes == 2)
        // Nobody came nearer to expiry, and each was told once for what it met: the stop, or the reply itself and then the stop.
        #expect(world.rows.values.allSatisfy { $0.recipient.attempts == 0 })
        let told = world.rows.values.map(\.deferrals).sorted()
        #expect(told.dropLast().last == 2 && told.last == 6, "the oldest was the probe both times")
        world.pass(UpstreamStopTests.day)
        #expect(world.sessions <= inFlight + 4)
        expectSound(world)
    }

    @Test(arguments: [UpstreamStopTests.restricted, UpstreamStopTests.dailyLimit])
    func soDoesARefusalAtTheEndOfData(_ reply: SMTPReply) {
        var world = UpstreamWorld()
        world.host.message = { _ in UpstreamStopTests.refused(reply) }
        world.submit(200)
        let inFlight = world.attempts
        #expect(inFlight <= 20)
        world.pass(UpstreamStopTests.day)
        #expect(world.attempts <= inFlight + 2)
        #expect(world.count(.queued) == 200 && world.count(.bounced) == 0)
        expectSound(world)
    }

    /// The process dies in the middle of the stop, with a probe in flight, and every hour besides.
    @Test func aRestartForgetsNothing() {
        var world = UpstreamWorld()
        world.host.signIn = UpstreamStopTests.disabled
        world.submit(200)
        let inFlight = world.sessions
        for hour in 0..<24 {
            world.isFrozen = hour == 7
            world.restart(0)
            world.pass(.seconds(3600))
            world.isFrozen = false
        }
        // A probe that died with its node is made again once its time is over.
        #expect(world.sessions <= inFlight + 3)
        #expect(world.count(.queued) == 200)
        expectSound(world)
    }

    @Test func threeNodesProbeOneMessageAtATime() {
        var world = UpstreamWorld(nodes: 3) { $0.queue.claimMax = 100 }
        world.host.signIn = UpstreamStopTests.disabled
        world.submit(300)
        let inFlight = world.sessions
        #expect(inFlight <= 60)
        world.pass(UpstreamStopTests.day)
        #expect(world.sessions == inFlight + 2 && world.probingPeak == 1)
        // Two nodes meet the refusal before either has heard of the other: one stop, told once.
        #expect(world.conditions.count == 3 && world.conditions.allSatisfy { !$0.isOver })
        expectSound(world)
    }

    @Test func aNodeThatHasNotHeardMeetsTheRefusalItself() {
        var world = UpstreamWorld(nodes: 2) { $0.queue.claimMax = 5 }
        world.host.signIn = UpstreamStopTests.disabled
        world.isDeaf = [1]
        world.submit(10)
        #expect(world.conditions.count == 1)
        #expect(world.nodes.allSatisfy { $0.queue.upstreamStops.count == 1 })
        world.hear()
        #expect(world.nodes.allSatisfy { $0.queue.upstreamStops["office"]?.version == world.stop?.version })
        expectSound(world)
    }

    // MARK: - The end of a stop

    @Test func anAdministratorsProbeLetsTheFlowResume() {
        var world = UpstreamWorld()
        world.host.signIn = UpstreamStopTests.disabled
        world.submit(200)
        world.pass(.seconds(600))
        let before = world.sessions
        world.probe()
        #expect(world.sessions == before + 1 && world.stop?.failedProbes == 1)
        world.host.signIn = nil
        world.isFrozen = true
        world.probe()
        world.isFrozen = false
        #expect(world.probing == 1)
        world.thaw()
        #expect(world.stop == nil && world.count(.delivered) == 200)
        #expect(world.conditions.last?.isOver == true && world.conditions.last?.subject == "route:office")
        expectSound(world)
    }

    /// While the probe is on its way, nothing else is.
    @Test func nothingButTheProbeBegins() {
        var world = UpstreamWorld()
        world.host.message = { _ in UpstreamStopTests.refused(UpstreamStopTests.restricted) }
        world.submit(50)
        let attempts = world.attempts
        world.isFrozen = true
        world.probe()
        world.submit(50)
        world.pass(.seconds(600))
        world.probe()
        #expect(world.attempts == attempts)
        world.isFrozen = false
        world.thaw()
        #expect(world.attempts == attempts + 1)
        expectSound(world)
    }

    @Test func aDailyLimitIsProbedADayLater() {
        var world = UpstreamWorld()
        world.host.message = { _ in UpstreamStopTests.refused(UpstreamStopTests.dailyLimit, .recipient) }
        world.submit(5)
        let attempts = world.attempts
        world.pass(.seconds(86_340))
        #expect(world.attempts == attempts)
        world.host.message = { _ in .delivered(SMTPReply(250, nil, "OK")) }
        world.pass(.seconds(1860))
        #expect(world.stop == nil && world.count(.delivered) == 5)
    }

    /// The first message after a quiet time is the probe.
    @Test func aRouteWithoutMailIsProbedByTheNextMessage() {
        var world = UpstreamWorld()
        world.host.signIn = UpstreamStopTests.disabled
        world.submit(1)
        world.pass(.seconds(60))
        for id in world.rows.keys { world.rows[id]?.recipient.state = .cancelled }
        world.host.signIn = nil
        world.pass(.seconds(7 * 3600))
        #expect(world.stop != nil)
        world.submit(3)
        #expect(world.stop == nil && world.count(.delivered) == 3)
    }

    /// A probe whose recipient does not exist says nothing of a restriction; of a refused sign-in it says that it is over.
    @Test func aProbeMayBeUnclear() {
        var world = UpstreamWorld()
        world.host.message = { _ in UpstreamStopTests.refused(UpstreamStopTests.restricted) }
        world.submit(3)
        let unknown = SMTPReply(550, EnhancedStatusCode(5, 1, 1), "User unknown")
        world.host.message = { _ in UpstreamStopTests.refused(unknown, .recipient) }
        world.probe()
        #expect(world.count(.bounced) == 1 && world.stop?.failedProbes == 0)
        #expect(world.stop?.probeAt == world.now + .seconds(900) && world.stop?.probe == nil)
        var other = UpstreamWorld()
        other.host.signIn = UpstreamStopTests.disabled
        other.submit(3)
        other.host.signIn = nil
        other.host.message = { _ in UpstreamStopTests.refused(unknown, .recipient) }
        other.probe()
        #expect(other.stop == nil && other.count(.bounced) == 3)
    }

    // MARK: - What is no stop

    /// One recipient's refusal, one From that may not be used, a full mailbox: the route goes on.
    @Test(arguments: [
        "550 5.1.1 User unknown", "554 5.2.252 SendAsDenied; a@example.org not allowed to send as b@example.org",
        "550 5.7.60 Client does not have permissions to send as this sender", "552 5.3.4 Message exceeds the limit",
        "550 5.0.350 Remote server returned an error -> 550 5.1.8 Access denied, bad outbound sender",
    ])
    func aRefusalOfOneMessageStopsNoRoute(_ text: String) throws {
        var world = UpstreamWorld()
        let parts = text.split(separator: " ", maxSplits: 2)
        let reply = SMTPReply(try #require(Int(parts[0])), EnhancedStatusCode(parts[1]), String(parts[2]))
        world.host.message = { $0 == "bad" ? UpstreamStopTests.refused(reply, .recipient) : .delivered(SMTPReply(250, nil, "OK")) }
        world.submit(1, to: "bad")
        world.submit(20)
        #expect(world.stop == nil && world.count(.bounced) == 1 && world.count(.delivered) == 20)
    }

    @Test func tooManyConnectionsOnlySlow() {
        var world = UpstreamWorld()
        world.host.connectionsMax = 3
        world.submit(400)
        #expect(world.stop == nil)
        for _ in 0..<30 where world.count(.queued) > 0 { world.pass(.seconds(600)) }
        #expect(world.count(.delivered) == 400 && world.stop == nil && world.conditions.isEmpty)
        expectSound(world)
    }

    // MARK: - People and time

    /// What stood still too long is tried once more before it is given up, as after a pause.
    @Test func nothingExpiresWhileTheRouteStandsStill() {
        var world = UpstreamWorld()
        world.host.signIn = UpstreamStopTests.disabled
        world.submit(10, expiry: .seconds(3600))
        world.pass(.seconds(2 * 3600))
        #expect(world.count(.queued) == 10)
        world.host.signIn = nil
        world.probe()
        #expect(world.count(.delivered) == 10)
    }

    @Test func theStopSaysWhatHappenedAndWhoHasToDoWhat() throws {
        var world = UpstreamWorld()
        world.host.signIn = UpstreamStopTests.disabled
        world.submit(1)
        let condition = try #require(world.conditions.first)
        #expect(condition.kind == .upstreamStopped && condition.subject == "route:office")
        #expect(condition.text.contains("Signing in by SMTP is switched off") && condition.text.contains("535 5.7.139"))
        #expect(condition.advice.contains("Set-CASMailbox") && condition.advice.contains("postern routes probe office"))
        #expect(condition.findings.first?.rule == "upstream.stopped")
        let reply = try #require(world.rows.values.first?.recipient.lastReply)
        #expect(reply == UpstreamStopTests.disabled)
        world.pass(.seconds(3600))
        #expect(try #require(world.rows.values.first?.recipient.lastReply).code == 451)
    }
}
