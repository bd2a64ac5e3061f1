import DeliveryPlanning
import MailModel
import OutboundPolicy
import Testing

@Suite struct RouteTableTests {
    private func route(
        _ name: String, to: [String] = [], from: [String] = [], order: Int? = nil, created: Int64 = 0, isDisabled: Bool = false
    ) -> Route {
        var route = Route(
            name: name, kind: .mx, createdAt: Timestamp(seconds: created), senderDomains: from.map { DomainName($0)! },
            recipientDomains: to.map { DomainName($0)! })
        if let order { route.order = order }
        route.isDisabled = isDisabled
        return route
    }

    private func choice(
        _ routes: [Route], to recipient: String = "a@one.test", from sender: String = "s@home.test", only: String? = nil,
        domains: [AcceptedDomain] = []
    ) -> String {
        let directory = Directory(
            domains: Dictionary(uniqueKeysWithValues: domains.map { ($0.name, $0) }),
            routes: Dictionary(uniqueKeysWithValues: routes.map { ($0.name, $0) }))
        let path = EmailAddress(sender).map(ReversePath.address) ?? .null
        switch RouteTable(directory).choose(recipient: EmailAddress(recipient)!, reversePath: path, onlyRoute: only) {
        case .success(let choice): return "\(choice.finding.rule) \(choice.finding.matched) \(choice.route.value.name)"
        case .failure(let failure): return "\(failure.isPermanent ? "permanent" : "for now") \(failure.reply.description)"
        }
    }

    @Test func aRouteWithoutConditionsIsTheDefault() {
        #expect(choice([route("internet")]) == "route.default internet internet")
        #expect(choice([route("internet")], to: "a@[192.0.2.1]", from: "") == "route.default internet internet")
    }

    @Test func conditionsComeBeforeTheDefaultWhateverTheAge() {
        let routes = [route("old", to: ["one.test"], created: 1), route("new", created: 2)]
        #expect(choice(routes) == "route.rule old old")
        #expect(choice(routes, to: "a@two.test") == "route.default new new")
    }

    @Test func ofEqualOrderTheNewestIsFirstThenTheName() {
        #expect(choice([route("a", created: 1), route("b", created: 2)]) == "route.default b b")
        #expect(choice([route("b", created: 2), route("a", created: 2)]) == "route.default a a")
        #expect(choice([route("a", order: 5, created: 1), route("b", created: 2)]) == "route.default a a")
    }

    @Test func conditionsCoverSubdomainsAndNoLookAlikes() {
        let routes = [route("rule", to: ["one.test"]), route("default")]
        #expect(choice(routes, to: "a@x.one.test") == "route.rule rule rule")
        #expect(choice(routes, to: "a@evilone.test") == "route.default default default")
        #expect(choice(routes, to: "a@test") == "route.default default default")
        #expect(choice(routes, to: "a@[192.0.2.1]") == "route.default default default")
    }

    @Test func bothConditionsMustMatch() {
        let routes = [route("rule", to: ["one.test", "two.test"], from: ["home.test"]), route("default")]
        #expect(choice(routes) == "route.rule rule rule")
        #expect(choice(routes, to: "a@two.test", from: "s@x.home.test") == "route.rule rule rule")
        #expect(choice(routes, to: "a@three.test") == "route.default default default")
        #expect(choice(routes, from: "s@other.test") == "route.default default default")
        #expect(choice(routes, from: "") == "route.default default default")
    }

    @Test func aDisabledRouteIsPassedOver() {
        #expect(choice([route("rule", to: ["one.test"], isDisabled: true), route("default")]) == "route.default default default")
        #expect(choice([route("only", isDisabled: true)]).hasPrefix("for now 451 4.4.4 No route leads to one.test"))
    }

    @Test func withoutARouteMailWaits() {
        let text = choice([])
        #expect(text.hasPrefix("for now 451 4.4.4"))
        #expect(text.contains("postern routes add"))
    }

    @Test func theOnlyRouteBindsAlsoAgainstConditionsAndInternalHosts() {
        var home = AcceptedDomain(name: DomainName("one.test")!)
        home.nextHop = NextHop(host: "mail.one.test")
        let routes = [route("rule", to: ["one.test"]), route("bound", to: ["never.test"]), route("off", isDisabled: true)]
        #expect(choice(routes, only: "bound", domains: [home]) == "route.only bound bound")
        #expect(choice(routes, only: "off").hasPrefix("for now 451 4.3.5"))
        #expect(choice(routes, only: "gone").hasPrefix("for now 451 4.3.5"))
    }

    @Test func anAcceptedDomainGoesToItsHost() throws {
        var home = AcceptedDomain(name: DomainName("one.test")!)
        home.nextHop = NextHop(host: "10.0.0.5", port: 2525, tls: .verify)
        let routes = [route("rule", to: ["one.test"]), route("default")]
        #expect(choice(routes, domains: [home]) == "route.internal one.test internal:one.test")
        #expect(choice(routes, to: "a@x.one.test", domains: [home]) == "route.rule rule rule")
        home.includesSubdomains = true
        #expect(choice(routes, to: "a@x.one.test", domains: [home]) == "route.internal one.test internal:one.test")
        home.nextHop = nil
        #expect(choice(routes, domains: [home]) == "route.rule rule rule")
    }

    @Test func theRouteToAnInternalHostKeepsItsTLSRequirement() throws {
        var home = AcceptedDomain(name: DomainName("one.test")!)
        home.nextHop = NextHop(host: "10.0.0.5", tls: .verify)
        let table = RouteTable(Directory(domains: [home.name: home]))
        let choice = try table.choose(recipient: EmailAddress("a@one.test")!, reversePath: .null, onlyRoute: nil).get()
        #expect(choice.route.value.tls == .verify)
        #expect(choice.route.value.allowsSpecialAddresses)
        #expect(choice.route.value.kind == .smarthost(NextHop(host: "10.0.0.5", tls: .verify)))
    }
}
