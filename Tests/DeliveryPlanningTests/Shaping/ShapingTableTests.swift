import MailModel
import OutboundPolicy
import Testing

@testable import DeliveryPlanning

@Suite struct ShapingTableTests {
    private let one = ShapingLimits(connections: 1)

    private func table(_ scopes: [String: ShapingScope]) -> ShapingTable {
        var directory = Directory()
        for (name, scope) in scopes { directory.shaping[name] = ShapedWorld.policy(name, one, scope) }
        return ShapingTable(directory)
    }

    private func facts(_ hosts: [String], route: String = "internet", source: String = "a", domain: String? = nil) -> SiteFacts {
        SiteFacts(
            route: route, source: source, site: hosts.joined(separator: ","), hosts: hosts, domain: domain.flatMap { DomainName($0) },
            isSmarthost: false)
    }

    private func names(_ table: ShapingTable, _ facts: SiteFacts) -> [String] { table.covering(facts).map(\.meter) }

    @Test func aProviderIsAGroupOfSitesByTheirHosts() {
        #expect(MailProvider.of(hosts: ["aspmx.l.google.com", "alt1.aspmx.l.google.com"]) == .google)
        #expect(MailProvider.of(hosts: ["contoso-com.mail.protection.outlook.com"]) == .microsoft365)
        #expect(MailProvider.of(hosts: ["outlook-com.olc.protection.outlook.com"]) == .outlook)
        // One host elsewhere: what the provider asks for does not hold for the others.
        #expect(MailProvider.of(hosts: ["aspmx.l.google.com", "mx.example.net"]) == nil)
        #expect(MailProvider.of(hosts: ["notgoogle.com"]) == nil)
        #expect(MailProvider.of(hosts: []) == nil)
    }

    @Test func everythingThatAScopeNamesHasToFit() {
        let table = table([
            "all": ShapingScope(), "google": ShapingScope(provider: .google), "route": ShapingScope(route: "internet"),
            "other-route": ShapingScope(route: "relay"), "source": ShapingScope(route: "internet", source: "a"),
            "other-source": ShapingScope(provider: .google, source: "b"),
            "hosts": ShapingScope(hosts: [DomainName("google.com")!, DomainName("example.net")!]),
        ])
        #expect(names(table, facts(["mx.google.com"])) == ["all", "google", "hosts", "route", "source"])
        #expect(names(table, facts(["mx.google.com", "mx.example.net"])) == ["all", "hosts", "route", "source"])
        #expect(names(table, facts(["mx.other.test"], route: "relay")) == ["all", "other-route"])
    }

    @Test func eachSiteAndEachSourceMayCountForItself() {
        let table = table(["each": ShapingScope(eachSite: true, eachSource: true)])
        #expect(names(table, facts(["mx.one.test"])) == ["each/from a/mx.one.test"])
        #expect(names(table, facts(["mx.one.test"], source: "b")) == ["each/from b/mx.one.test"])
    }

    @Test func aDomainWithLimitsOfItsOwnHasASiteOfItsOwn() {
        let table = table(["own": ShapingScope(domain: DomainName("big.test")!), "sub": ShapingScope(domain: DomainName("a.big.test")!)])
        #expect(table.domain(of: EmailAddress("x@small.test")!) == nil)
        #expect(table.domain(of: EmailAddress("x@b.big.test")!) == DomainName("big.test"))
        #expect(table.domain(of: EmailAddress("x@c.a.big.test")!) == DomainName("a.big.test"))
        #expect(names(table, facts(["mx"], domain: "a.big.test")) == ["own", "sub"])
    }

    @Test func whatIsOffOrEmptyCoversNothing() {
        var directory = Directory()
        directory.shaping["off"] = ShapedWorld.policy("off", one)
        directory.shaping["off"]?.isDisabled = true
        directory.shaping["empty"] = ShapedWorld.policy("empty", ShapingLimits())
        #expect(ShapingTable(directory).isEmpty)
    }

    @Test func presetsArePossible() {
        for preset in ShapingPreset.allCases { #expect(preset.limits.mistake == nil && !preset.limits.isEmpty, "\(preset)") }
        let mailbox = ShapingPreset.microsoft365Mailbox.limits
        #expect(mailbox.connections == 3 && mailbox.recipientsPerMessage == 500)
        #expect(mailbox.rates.map(\.description) == ["30 messages per minute", "500 recipients per hour", "10000 recipients per day"])
    }

    @Test func hoursAreTheOrganisations() throws {
        let berlin = OrganisationDay(
            zoneName: "Europe/Berlin", offsets: [OrganisationDay.Offset(since: Timestamp(milliseconds: 0), seconds: 3600)])
        let hours = [try #require(SendingHours("Mon,Tue,Wed,Thu,Fri 08:00-18:00"))]
        func opening(_ text: String, _ hours: [SendingHours]) throws -> String {
            SendingHours.opening(of: hours, at: try #require(Timestamp(rfc3339: text)), in: berlin).rfc3339
        }
        // A Monday there at 07:59:30, noon, and 18:00; a Friday evening.
        #expect(try opening("2026-11-23T06:59:30Z", hours) == "2026-11-23T07:00:00.000Z")
        #expect(try opening("2026-11-23T11:00:00Z", hours) == "2026-11-23T11:00:00.000Z")
        #expect(try opening("2026-11-23T17:00:00Z", hours) == "2026-11-24T07:00:00.000Z")
        #expect(try opening("2026-11-27T20:00:00Z", hours) == "2026-11-30T07:00:00.000Z")
        let night = [try #require(SendingHours("22:00-04:00"))]
        #expect(try opening("2026-11-23T02:30:00Z", night) == "2026-11-23T02:30:00.000Z")
        #expect(try opening("2026-11-23T03:00:00Z", night) == "2026-11-23T21:00:00.000Z")
        #expect(SendingHours("8-18") == nil && SendingHours("08:00-25:00") == nil && SendingHours("Xyz 08:00-09:00") == nil)
    }
}
