import DeliveryPlanning
import MailModel
import OutboundPolicy
import Testing

@Suite struct FailuresTests {
    /// A bench with one message on its way to one.test.
    private func connecting(_ hosts: [String] = ["mx1"], tls: TLSRequirement = .opportunistic) -> QueueBench {
        var bench = QueueBench { _, directory in directory.routes["internet"]?.tls = tls }
        _ = bench.submit("a@one.test")
        _ = hosts.count == 1 ? bench.resolved("one.test", hosts[0]) : bench.resolved("one.test", hosts[0], hosts[1])
        return bench
    }

    @Test func theNextHostIsTriedAfterAFailure() {
        var bench = connecting(["mx1", "mx2"])
        #expect(bench.connectFailed(1) == ["connect c2 to mx2"])
        #expect(bench.ready(2) == ["attempt c2: m1 r0"])
    }

    @Test func opportunisticTLSGoesOnInPlaintextAndOnlyThen() {
        var bench = connecting()
        #expect(bench.connectFailed(1, at: .startTLS) == ["connect c2 to mx1 (none)"])
        #expect(bench.connectFailed(2, at: .startTLS) == ["m1 r0 queued due 100 after 1"])
        for stage in [DeliveryStage.connect, .greeting, .ehlo, .auth] {
            var other = connecting()
            #expect(other.connectFailed(1, at: stage) == ["m1 r0 queued due 100 after 1"])
        }
    }

    @Test(arguments: [TLSRequirement.encrypt, .verify]) func requiredTLSNeverGoesOnInPlaintext(tls: TLSRequirement) {
        var bench = connecting(["mx1", "mx2"], tls: tls)
        #expect(bench.connectFailed(1, at: .startTLS) == ["connect c2 to mx2 (\(tls))"])
        #expect(bench.connectFailed(2, at: .startTLS) == ["m1 r0 queued due 100 after 1"])
    }

    /// What a policy of the domain asks for is more than what the route lets pass.
    @Test(arguments: [TLSDemand.stsEnforce, .dane, .daneUnusable, .remembered]) func aPolicyNeverGoesOnInPlaintext(
        demand: TLSDemand
    ) {
        var bench = QueueBench()
        _ = bench.submit("a@one.test")
        #expect(bench.resolved("one.test", "mx1", tls: HostTLS(demand)) == ["connect c1 to mx1"])
        #expect(bench.connectFailed(1, at: .startTLS) == ["m1 r0 queued due 100 after 1"])
        let findings = bench.settlements.last?.settlement.outcomes.first?.findings ?? []
        #expect(findings.map(\.rule) == ["tls.required"] && findings.first?.matched == demand.rawValue)
    }

    /// RFC 8689 §4.2.1: where no host is left, the sender is told at once.
    @Test func aMessageThatRequiresTLSComesBack() {
        var bench = QueueBench()
        _ = bench.submit("a@one.test")
        #expect(bench.resolved("one.test", "mx1", "mx2", tls: HostTLS(.requireTLS)) == ["connect c1 to mx1"])
        #expect(bench.connectFailed(1, at: .startTLS) == ["connect c2 to mx2"])
        #expect(bench.connectFailed(2, at: .startTLS) == ["m1 r0 bounced", "report failed a@one.test"])
    }

    /// A host that is down may yet have what is asked for.
    @Test(arguments: [true, false]) func aMessageThatRequiresTLSWaitsForAHostThatIsDown(isFirstDown: Bool) {
        var bench = QueueBench()
        _ = bench.submit("a@one.test")
        _ = bench.resolved("one.test", "mx1", "mx2", tls: HostTLS(.dane, isAllTheWay: true))
        let lacks = DeliveryFailure.lacksRequireTLS("mx")
        #expect((isFirstDown ? bench.connectFailed(1) : bench.connectFailed(1, lacks)) == ["connect c2 to mx2"])
        #expect((isFirstDown ? bench.connectFailed(2, lacks) : bench.connectFailed(2)) == ["m1 r0 queued due 100 after 1"])
    }

    @Test func aMessageThatRequiresTLSComesBackWhereNoHostPassesItOn() {
        var bench = QueueBench()
        _ = bench.submit("a@one.test")
        _ = bench.resolved("one.test", "mx1", "mx2", tls: HostTLS(.dane, isAllTheWay: true))
        #expect(bench.connectFailed(1, .lacksRequireTLS("mx1")) == ["connect c2 to mx2"])
        #expect(bench.connectFailed(2, .lacksRequireTLS("mx2")) == ["m1 r0 bounced", "report failed a@one.test"])
        let outcome = bench.settlements.last?.settlement.outcomes.first
        #expect(outcome?.reply?.enhancedCode == EnhancedStatusCode(5, 7, 30))
        #expect(outcome?.findings.first?.explanation.contains("does not offer REQUIRETLS") == true)
    }

    /// The look-up was made before anybody knew.
    @Test func aHostThatHasShownGoodTLSIsNotSpokenToInPlaintextWhateverIsCached() {
        var bench = QueueBench()
        _ = bench.submit("a@one.test")
        #expect(bench.resolved("one.test", "mx1", "mx2") == ["connect c1 to mx1"])
        bench.queue.rememberTLS(of: "mx1")
        // No second try without TLS, but the other host, of which nothing is known.
        #expect(bench.connectFailed(1, at: .startTLS) == ["connect c2 to mx2"])
        #expect(bench.connectFailed(2, at: .startTLS) == ["connect c3 to mx2 (none)"])
        #expect(bench.connectFailed(3) == ["m1 r0 queued due 100 after 1"])
        _ = bench.submit("b@two.test")
        _ = bench.resolved("two.test", "mx1", site: "two")
        #expect(bench.connects.last?.endpoint.tls == nil)
        bench.queue.rememberTLS(of: "mx1")
        #expect(bench.connectFailed(4, at: .startTLS) == ["m2 r0 queued due 100 after 1"])
        let findings = bench.settlements.last?.settlement.outcomes.first?.findings ?? []
        #expect(findings.map(\.rule) == ["tls.required"] && findings.first?.matched == "remembered")
    }

    @Test func mailUnderAPolicyHasConnectionsOfItsOwn() {
        var bench = QueueBench()
        _ = bench.submit("a@one.test")
        _ = bench.submit("a@two.test")
        #expect(bench.resolved("one.test", "mx1", site: "s", tls: HostTLS(.stsEnforce)) == ["connect c1 to mx1"])
        #expect(bench.resolved("two.test", "mx1", site: "s") == ["connect c2 to mx1"])
    }

    /// A password must not be said in the clear because a handshake failed.
    @Test(arguments: [TLSRequirement.opportunistic, .encrypt, .verify]) func aSmarthostWithASignInNeverGoesOnInPlaintext(
        tls: TLSRequirement
    ) {
        var bench = QueueBench { _, directory in
            directory.routes["relay"]?.kind = .smarthost(NextHop(host: "192.0.2.9", tls: tls, userName: "u", passwordFile: "p"))
        }
        _ = bench.submit("a@relayed.test")
        #expect(bench.connectFailed(1, at: .startTLS) == ["m1 r0 queued due 100 after 1"])
    }

    @Test func nothingIsOpenedForMailThatIsGone() {
        var bench = connecting(["mx1", "mx2"])
        #expect(bench.act(.cancel) == ["1 reached", "m1 r0 cancelled"])
        #expect(bench.ready(1) == [])
        #expect(bench.queue.recipientsInMemory == 0)
    }

    @Test func aDeadSiteDefersEverythingThatWaitsForItOnce() {
        var bench = QueueBench()
        for _ in 1...3 { _ = bench.submit("a@one.test") }
        _ = bench.resolved("one.test", "mx1")
        #expect(bench.connectFailed(1) == [])
        #expect(
            bench.connectFailed(2) == ["m1 r0 queued due 100 after 1", "m2 r0 queued due 100 after 1", "m3 r0 queued due 100 after 1"])
        #expect(bench.queue.recipientsInMemory == 0)
        #expect(bench.queue.connectionCount == 0)
        // Other hosts may be meant by now.
        #expect(bench.submit("b@one.test") == ["resolve one.test"])
    }

    @Test func aFailedConnectionDoesNotDeferWhatAnotherServes() {
        var bench = QueueBench()
        for _ in 1...3 { _ = bench.submit("a@one.test") }
        _ = bench.resolved("one.test", "mx1")
        _ = bench.ready(1)
        #expect(bench.connectFailed(2) == [])
        #expect(bench.ended(1, .taken) == ["m1 r0 delivered", "attempt c1: m2 r0"])
    }

    // A kept connection that the other side had given up.

    /// A bench with idle kept connections to one.test; m1 … mcount are delivered.
    private func kept(_ count: Int) -> QueueBench {
        var bench = QueueBench { _, directory in
            directory.routes["internet"]?.connectionsMax = count
            directory.routes["internet"]?.messagesPerConnectionMax = 100
        }
        for _ in 1...count { _ = bench.submit("a@one.test") }
        _ = bench.resolved("one.test", "mx1")
        for connection in 1...count { _ = bench.ready(Int64(connection)) }
        for connection in 1...count { _ = bench.ended(Int64(connection), .taken) }
        return bench
    }

    @Test func aKeptConnectionThatWasGoneIsNoAttempt() {
        var bench = kept(1)
        #expect(bench.submit("b@one.test") == ["attempt c1: m2 r0"])
        #expect(bench.lost(1) == ["connect c2 to mx1"])
        #expect(bench.ready(2) == ["attempt c2: m2 r0"])
        #expect(bench.ended(2, .later) == ["m2 r0 queued due 100 after 1"])
    }

    @Test func aFreshConnectionThatBreaksIsAnAttempt() {
        var bench = QueueBench()
        _ = bench.submit("a@one.test")
        _ = bench.resolved("one.test", "mx1")
        _ = bench.ready(1)
        #expect(bench.lost(1) == ["m1 r0 queued due 100 after 1"])
    }

    @Test func aMessageGoesBackAtMostTwice() {
        var bench = kept(3)
        _ = bench.submit("b@one.test")
        #expect(bench.attempts.count == 1)
        var lines: [String] = []
        for _ in 1...3 {
            guard let connection = bench.attempts.keys.first else { break }
            lines = bench.lost(connection)
        }
        #expect(lines == ["m4 r0 queued due 100 after 1"])
    }

    @Test func a421BeforeTheMessageWasTakenIsNoAttemptOnAKeptConnection() {
        var bench = kept(1)
        _ = bench.submit("b@one.test")
        let closing = RecipientResult.failed(.peer(SMTPReply(421, EnhancedStatusCode(4, 3, 2), "Bye"), scope: .host, stage: .mail))
        #expect(bench.ended(1, closing, isReusable: false) == ["connect c2 to mx1"])
    }

    /// After the final dot the receiver may have taken it: it is an attempt, with its wait.
    @Test func whatBreaksAfterTheDotIsAnAttempt() {
        var bench = kept(1)
        _ = bench.submit("b@one.test")
        let dot = RecipientResult.failed(.local(451, EnhancedStatusCode(4, 4, 2), "Lost", scope: .host, stage: .dot))
        #expect(bench.ended(1, dot, isReusable: false) == ["m2 r0 queued due 100 after 1"])
    }

    @Test func aHostThatRefusesEverySessionDefers() {
        var bench = connecting()
        #expect(bench.connectFailed(1, at: .greeting, code: 554) == ["m1 r0 queued due 100 after 1"])
        var other = connecting()
        _ = other.ready(1)
        #expect(other.ended(1, .hostRefuses, isReusable: false) == ["m1 r0 queued due 100 after 1"])
    }

    @Test func eachRecipientHasItsOwnResult() {
        var bench = QueueBench()
        _ = bench.submit("a@one.test", "b@one.test")
        _ = bench.resolved("one.test", "mx1")
        _ = bench.ready(1)
        #expect(bench.ended(1, .taken, .refused) == ["m1 r0 delivered", "m1 r1 bounced", "report failed b@one.test"])
    }

    @Test func waitsFollowTheSchedule() {
        var bench = connecting()
        _ = bench.ready(1)
        #expect(bench.ended(1, .later) == ["m1 r0 queued due 100 after 1"])
        #expect(bench.pass(100) == ["close c1", "claim 100"])
        #expect(bench.claimedAgain() == ["connect c2 to mx1"])
        _ = bench.ready(2)
        #expect(bench.ended(2, .later) == ["m1 r0 queued due 300 after 2"])
        #expect(bench.pass(200) == ["close c2", "claim 100"])
    }

    // DNS.

    @Test func aDomainThatDoesNotExistBouncesAndIsRemembered() {
        var bench = QueueBench()
        _ = bench.submit("a@gone.test")
        #expect(bench.resolveFailed("gone.test", isPermanent: true) == ["m1 r0 bounced", "report failed a@gone.test"])
        #expect(bench.submit("b@gone.test") == ["m2 r0 bounced", "report failed b@gone.test"])
        #expect(bench.pass(300) == [])
        #expect(bench.submit("c@gone.test") == ["resolve gone.test"])
    }

    @Test func noAnswerFromDNSDefersAndIsNotRemembered() {
        var bench = QueueBench()
        _ = bench.submit("a@one.test")
        #expect(bench.submit("b@one.test") == [])
        #expect(
            bench.resolveFailed("one.test", isPermanent: false) == ["m1 r0 queued due 100 after 1", "m2 r0 queued due 100 after 1"])
        #expect(bench.submit("c@one.test") == ["resolve one.test"])
    }

    @Test func rememberedResolutionsHaveALimit() {
        var bench = QueueBench { settings, _ in settings.resolutionsMax = 2 }
        for domain in ["one.test", "two.test"] {
            _ = bench.submit("a@\(domain)")
            _ = bench.resolveFailed(domain, isPermanent: true)
        }
        #expect(bench.submit("b@one.test") == ["m3 r0 bounced", "report failed b@one.test"])
        _ = bench.submit("a@three.test")
        _ = bench.resolveFailed("three.test", isPermanent: true)
        #expect(bench.submit("b@one.test") == ["resolve one.test"])
        #expect(bench.submit("b@three.test") == ["m6 r0 bounced", "report failed b@three.test"])
    }

    @Test func addressLiteralsNeedNoDNS() {
        var bench = QueueBench()
        #expect(bench.submit("a@[8.8.8.8]") == ["connect c1 to 8.8.8.8"])
        #expect(bench.submit("a@[10.0.0.1]") == ["m2 r0 queued due 100 after 1"])
        var open = QueueBench { settings, _ in settings.allowsSpecialAddresses = true }
        #expect(open.submit("a@[10.0.0.1]") == ["connect c1 to 10.0.0.1"])
    }

    @Test func smarthostsAreAddressesOrAreLookedUp() {
        var bench = QueueBench()
        #expect(bench.submit("a@relayed.test") == ["connect c1 to 192.0.2.9 (encrypt)"])
        #expect(
            bench.change { $0.routes["relay"]?.kind = .smarthost(NextHop(host: "relay.test", port: 587)) } == [
                "resolve host relay.test:587"
            ])
    }

    @Test func withoutItsReceiverTheBuiltInRouteWaits() {
        var bench = QueueBench { _, directory in directory.routes["internet"]?.kind = .builtIn }
        #expect(bench.submit("a@one.test") == ["m1 r0 queued due 100 after 1"])
        bench.queue.builtInReceiver = Endpoint(hostName: "localhost", address: IPAddress("127.0.0.1")!, port: 2600)
        #expect(bench.submit("b@one.test") == ["connect c1 to localhost (none)"])
    }
}
