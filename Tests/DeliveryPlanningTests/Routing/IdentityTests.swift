import MailModel
import OutboundPolicy
import Testing

@testable import DeliveryPlanning

/// A smarthost route as the mailboxes of its senders.
@Suite struct IdentityTests {
    private static let restricted = RecipientResult.failed(
        .peer(SMTPReply(550, EnhancedStatusCode(5, 1, 8), "Access denied, bad outbound sender"), scope: .message, stage: .dot))

    private static func identity(_ pattern: String, _ user: String, password: String? = nil) -> HopIdentity {
        guard let pattern = AddressPattern(pattern) else { preconditionFailure("no pattern") }
        return HopIdentity(pattern: pattern, userName: user, sealedPassword: password)
    }

    private func bench(_ change: @escaping (inout Directory) -> Void = { _ in }) -> QueueBench {
        QueueBench { _, directory in
            var hop = NextHop(host: "192.0.2.9", port: 587, tls: .encrypt, userName: "all@home.test")
            hop.oauth = OAuthCredential(provider: .microsoft, grant: .clientSecret, tenant: "t", clientID: "c", sealedSecrets: "app")
            hop.identities = [
                IdentityTests.identity("shop@home.test", "shop-account", password: "own"),
                IdentityTests.identity("*@home.test", "{sender}"),
            ]
            directory.routes["relay"]?.kind = .smarthost(hop)
            directory.routes["relay"]?.connectionsMax = 1
            change(&directory)
        }
    }

    @Test func `each sender has a connection of the mailbox that it is`() {
        var bench = bench()
        #expect(bench.submit("x@relayed.test", from: "a@home.test") == ["connect c1 to 192.0.2.9 (encrypt)"])
        #expect(bench.submit("x@relayed.test", from: "b@home.test") == ["connect c2 to 192.0.2.9 (encrypt)"])
        #expect(bench.submit("x@relayed.test", from: "shop@home.test") == ["connect c3 to 192.0.2.9 (encrypt)"])
        #expect(bench.submit("x@relayed.test", from: "else@where.test") == ["connect c4 to 192.0.2.9 (encrypt)"])
        #expect(bench.submit("x@relayed.test", from: "") == [], "a null sender goes as the route's own user")
        #expect(bench.submit("y@relayed.test", from: "a@home.test") == [], "one connection for each identity")
        #expect(bench.connects.map(\.userName) == ["a@home.test", "b@home.test", "shop-account", "all@home.test"])
        #expect(bench.connects.map(\.routeName) == ["relay", "relay", "relay", "relay"])
        #expect(bench.connects.map { if case .sealed("own")? = $0.password { true } else { false } } == [false, false, true, false])
    }

    @Test func `the sender is the one that the route makes of it`() throws {
        let rule = try #require(AddressRewriteRule("root@*=scanner@home.test"))
        var bench = bench { $0.routes["relay"]?.rewriting = AddressRewriting(rules: [rule]) }
        _ = bench.submit("x@relayed.test", from: "root@printer.local")
        #expect(bench.connects.map(\.userName) == ["scanner@home.test"])
        _ = bench.ready(1)
        #expect(bench.attempts[1]?.reversePath.description == "scanner@home.test")
        #expect(bench.attempts[1]?.record.reversePath.description == "root@printer.local")
        _ = bench.ended(1, .taken)
        #expect(bench.settlements.last?.settlement.outcomes.first?.findings.first?.matched == "root@printer.local -> scanner@home.test")
        #expect(bench.settlements.last?.settlement.route == "relay:scanner@home.test")
    }

    @Test func `the stop of one identity keeps no other`() {
        var bench = bench()
        _ = bench.submit("x@relayed.test", from: "a@home.test")
        _ = bench.submit("x@relayed.test", from: "b@home.test")
        _ = bench.ready(1)
        #expect(bench.ended(1, IdentityTests.restricted).first == "stop relay:a@home.test for restricted over 0, probe at 21600")
        #expect(bench.submit("y@relayed.test", from: "a@home.test") == ["m3 r0 queued due 1800 after 0"])
        #expect(bench.ready(2) == ["attempt c2: m2 r0"])
        #expect(bench.directory.hasRoute("relay:a@home.test"))
        #expect(bench.directory.nextHop(ofRoute: "relay:a@home.test")?.userName == "a@home.test")
        #expect(!bench.directory.hasRoute("relay:a@other.test"))
        #expect(!bench.directory.hasRoute("internet:a@home.test"))
    }

    @Test func `a pause of the route holds for all of it`() {
        var bench = bench()
        _ = bench.change { $0.pauses.insert(.route("relay")) }
        #expect(bench.submit("x@relayed.test", from: "a@home.test") == ["give back m1 r0 due 300"])
    }

    @Test func `limits hold for each identity where the policy says so`() {
        let one = ShapingLimits(connections: 1)
        var directory = Directory()
        directory.shaping["each"] = ShapingPolicy(
            name: "each", scope: ShapingScope(route: "relay", eachAccount: true), limits: one, createdAt: QueueBench.start)
        directory.shaping["all"] = ShapingPolicy(
            name: "all", scope: ShapingScope(route: "relay"), limits: one, createdAt: QueueBench.start)
        let facts = SiteFacts(route: "relay", account: "a@home.test", source: "default", site: "s", hosts: ["h.test"], isSmarthost: true)
        #expect(ShapingTable(directory).covering(facts).map(\.meter) == ["all", "each/as a@home.test"])
        #expect(facts.destination == "route relay:a@home.test")
    }
}
