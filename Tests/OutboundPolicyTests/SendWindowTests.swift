import MailModel
import OutboundPolicy
import Testing

struct SendWindowTests {
    private func time(_ text: String) -> Timestamp { Timestamp(rfc3339: text)! }

    private func zone(_ name: String, _ hours: Int64) -> OrganisationDay {
        OrganisationDay(zoneName: name, offsets: [.init(since: Timestamp(milliseconds: 0), seconds: hours * 3600)])
    }

    private var window: SendWindow {
        SendWindow(
            hours: [SendingHours("Mon,Tue,Wed,Thu,Fri 09:00-17:00")!], days: [.utc, zone("Tokyo", 9), zone("New York", -5)])
    }

    // 2026-11-23 is a Monday.
    @Test func `each zone opens by its own clocks`() {
        #expect(window.zones(at: time("2026-11-23T08:59:59Z")) == 0)
        #expect(window.zones(at: time("2026-11-23T09:00:00Z")) == 0b001)
        #expect(window.zones(at: time("2026-11-23T14:00:00Z")) == 0b101)
        #expect(window.zones(at: time("2026-11-23T17:00:00Z")) == 0b100)
        #expect(window.zones(at: time("2026-11-24T00:00:00Z")) == 0b010)
        // Friday in New York is Saturday in Tokyo.
        #expect(window.zones(at: time("2026-11-28T00:30:00Z")) == 0)
        #expect(SendWindow().zones(at: time("2026-11-28T00:30:00Z")) == SendWindow.allZones)
    }

    @Test func `nothing leaves before its time`() {
        var window = window
        window.notBefore = time("2026-11-24T10:00:00Z")
        #expect(window.zones(at: time("2026-11-23T10:00:00Z")) == 0)
        #expect(window.zones(at: time("2026-11-24T10:00:00Z")) == 0b001)
        #expect(window.opening(at: time("2026-11-23T10:00:00Z")) == time("2026-11-24T10:00:00Z"))
        window.notBefore = nil
        #expect(window.opening(at: time("2026-11-21T10:00:00Z")) == time("2026-11-23T00:00:00Z"), "Tokyo is first")
    }

    @Test func `a forecast counts only the hours in which copies may leave`() {
        let window = SendWindow(hours: [SendingHours("Mon,Tue,Wed,Thu,Fri 09:00-17:00")!])
        let friday = time("2026-11-27T16:00:00Z")
        #expect(window.end(of: .seconds(3600), from: friday) == time("2026-11-27T17:00:00Z"))
        #expect(window.end(of: .seconds(3601), from: friday) == time("2026-11-30T09:00:01Z"))
        #expect(window.end(of: .seconds(9 * 3600), from: friday) == time("2026-11-30T17:00:00Z"))
        #expect(SendWindow().end(of: .seconds(60), from: friday) == friday + .seconds(60))
        // Parts that meet are one; over midnight too; all day never ends.
        let night = SendWindow(hours: [SendingHours("22:00-24:00")!, SendingHours("00:00-04:00")!])
        #expect(night.end(of: .seconds(5 * 3600), from: time("2026-11-27T22:00:00Z")) == time("2026-11-28T03:00:00Z"))
        let always = SendWindow(hours: [SendingHours("00:00-24:00")!])
        #expect(always.end(of: .seconds(30 * 86_400), from: friday) == friday + .seconds(30 * 86_400))
    }

    @Test func `copies are spread over routes by their weights, each person's always the same`() {
        let routes = [CampaignRoute("a")!, CampaignRoute("b=3")!]
        let chosen = (0..<4000).map { CampaignRoute.choose(routes, for: "p\($0)@example.org", seed: 7)!.name }
        #expect(abs(chosen.count { $0 == "b" } - 3000) < 150, "\(chosen.count { $0 == "b" })")
        #expect(chosen == (0..<4000).map { CampaignRoute.choose(routes, for: "p\($0)@example.org", seed: 7)!.name })
        #expect(chosen != (0..<4000).map { CampaignRoute.choose(routes, for: "p\($0)@example.org", seed: 8)!.name })
        for text in ["", "a=", "a=0", "a=1001", "a=b", "=1", "a=1=2"] { #expect(CampaignRoute(text) == nil, "\(text)") }
        #expect(routes.map(\.description) == ["a", "b=3"])
    }

    @Test func `a route that is gone or stands still carries nothing`() {
        let now = time("2026-11-23T12:00:00Z")
        let sender = EmailAddress("news@example.org")!
        var campaign = Campaign(
            name: "spring", number: 1, list: "news", segment: "", from: "news@example.org", sender: sender, kind: .marketing, seed: 7,
            createdBy: "t", createdAt: now)
        var directory = Directory()
        let person = EmailAddress("ada@example.net")!
        #expect(directory.route(of: campaign, to: person) == nil)
        campaign.routes = [CampaignRoute(name: "a"), CampaignRoute(name: "b")]
        #expect(directory.route(of: campaign, to: person) == "a", "it waits for what was chosen")
        for name in ["a", "b"] { directory.routes[name] = Route(name: name, kind: .mx, createdAt: now) }
        func used() -> Set<String> {
            Set((0..<100).compactMap { directory.route(of: campaign, to: EmailAddress("p\($0)@example.net")!) })
        }
        #expect(used() == ["a", "b"])
        directory.upstreamStops["a"] = UpstreamStop(
            route: "a", cause: .restricted, since: now, reply: SMTPReply(550, nil, "no"),
            finding: Finding(rule: "r", matched: "", explanation: ""), advice: "", probeAt: now, nextWaitSeconds: 60)
        #expect(used() == ["b"])
        directory.routes["b"]?.isDisabled = true
        #expect(used() == ["a"])
        directory.domains[DomainName("example.net")!] = AcceptedDomain(name: DomainName("example.net")!)
        #expect(directory.route(of: campaign, to: person) == nil)
    }
}
