import MailModel
import OutboundPolicy
import OwnThreads
import Storage
import Testing

@testable import PosternRuntime

@Suite(.ownThreads) struct RewritingOperationTests {
    private func data() async throws -> TestData {
        let data = try await TestData()
        var connector = Connector(name: "printers")
        connector.networks = [IPNetwork("192.0.2.0/24")!]
        _ = try await data.perform(AddConnector(connector: connector))
        let hop = NextHop(host: "smtp.office365.com", port: 587, tls: .verify, userName: "postern@example.org")
        let account = OAuthAccount(provider: .microsoft, tenant: "example.org", clientID: "c", secret: "s")
        _ = try await data.perform(
            AddRoute(route: Route(name: "office", kind: .smarthost(hop), createdAt: TestData.now), password: nil, oauth: account))
        return data
    }

    private func rule(_ text: String) throws -> AddressRewriteRule { try #require(AddressRewriteRule(text)) }

    @Test func anAddressIsFollowedInByAConnectorAndOutByARoute() async throws {
        let data = try await data()
        _ = try await data.perform(SetRewriting<ConnectorRewriting>(name: "printers", rules: [rule("root@*=scanner@old.example")]))
        _ = try await data.perform(SetRewriting<RouteRewriting>(name: "office", rules: [rule("*@old.example=*@example.org")]))
        _ = try await data.perform(
            SetRouteIdentity(route: "office", pattern: #require(AddressPattern("scanner@example.org")), user: HopIdentity.sender))
        func become(_ address: String, connector: String? = "printers", route: String? = "office") async throws -> [String] {
            let test = TestRewriting(address: try #require(EmailAddress(address)), connector: connector, route: route)
            let view = try await data.perform(test)
            return view.steps.map { "\($0.by) \($0.rule) \($0.address)" } + [view.user]
        }
        #expect(
            try await become("root@printer") == [
                "connector printers root@*=scanner@old.example scanner@old.example",
                "route office *@old.example=*@example.org scanner@example.org", "scanner@example.org",
            ])
        #expect(try await become("kim@old.example", connector: nil).last == "postern@example.org")
        #expect(try await become("kim@new.example", route: nil) == ["connector printers  kim@new.example", ""])
        await #expect(throws: AdministrationError.self) { try await become("a@b.example", route: "none") }
    }

    @Test func noRulesAreNone() async throws {
        let data = try await data()
        _ = try await data.perform(SetRewriting<RouteRewriting>(name: "office", rules: [rule("*=a@example.org")], parts: [.replyTo]))
        #expect(try await data.perform(ListRoutes()).first { $0.name == "office" }?.rewriting?.parts == [.replyTo])
        _ = try await data.perform(SetRewriting<RouteRewriting>(name: "office", rules: []))
        #expect(try await data.perform(ListRoutes()).first { $0.name == "office" }?.rewriting == nil)
        let error = await #expect(throws: AdministrationError.self) {
            try await data.perform(SetRewriting<ConnectorRewriting>(name: "office", rules: []))
        }
        #expect(error?.kind == .notFound)
        #expect(
            try await data.perform(ListAudit(limit: 10)).contains { $0.action == "route.rewrite" && $0.target == "office: *=a@example.org" }
        )
    }

    /// What was done about a mailbox of a route goes with it.
    @Test func aRouteTakesTheStopsOfItsMailboxesAlong() async throws {
        let data = try await data()
        let pattern = try #require(AddressPattern("*@example.org"))
        func stop(_ name: String) async throws {
            let stop = UpstreamStop(
                route: name, cause: .restricted, since: TestData.now, reply: SMTPReply(550, nil, "no"),
                finding: Finding(rule: "r", matched: "", explanation: ""), advice: "", probeAt: TestData.now, nextWaitSeconds: 60)
            try await data.administration().put(.upstreamStop, name: name, stop, entry: TestData.act.entry("t", target: name))
        }
        _ = try await data.perform(SetRouteIdentity(route: "office", pattern: pattern, user: HopIdentity.sender))
        try await stop("office:kim@example.org")
        _ = try await data.perform(RemoveRouteIdentity(route: "office", pattern: pattern))
        #expect(try await data.administration().directory().upstreamStops.isEmpty)
        _ = try await data.perform(SetRouteIdentity(route: "office", pattern: pattern, user: HopIdentity.sender))
        for name in ["office", "office:kim@example.org", "officer"] { try await stop(name) }
        _ = try await data.perform(RemoveRoute(route: "office"))
        #expect(try await data.administration().directory().upstreamStops.keys.sorted() == ["officer"])
    }

    @Test func aPreflightWarnsOfThePasswordByDate() async throws {
        let data = try await TestData()
        let hop = NextHop(host: "smtp.office365.com", port: 587, tls: .verify, userName: "u@example.org")
        _ = try await data.perform(AddRoute(route: Route(name: "office", kind: .smarthost(hop), createdAt: TestData.now), password: "p"))
        let steps = try await data.administration(live: RecordingGate()).perform(PreflightRoute(route: "office"), TestData.act)
        #expect(steps.map(\.stage) == ["notice", "mail", "limits"])
        #expect(steps[0].ok && steps[0].warning == true && steps[0].text.contains("second half of 2027"))
        #expect(steps[0].advice?.contains("--oauth microsoft") == true)
    }
}
