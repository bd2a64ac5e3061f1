import MailModel
import OutboundPolicy
import Testing

@testable import DeliveryPlanning

/// When mail to many will have left, by the limits of their ways.
struct SendingForecastTests {
    private let now = Timestamp(seconds: 1_800_000_000)
    private let sender = EmailAddress("news@example.org")!
    private let google = SendingForecast.Group(
        domain: DomainName("gmail.com")!, hosts: ["gmail-smtp-in.l.google.com"], count: 4000)
    private let yahoo = SendingForecast.Group(domain: DomainName("yahoo.com")!, hosts: ["mta7.am0.yahoodns.net"], count: 1000)

    private func policy(_ name: String, _ provider: MailProvider?, _ rates: [ShapingRate], _ hours: [SendingHours] = []) -> ShapingPolicy {
        ShapingPolicy(
            name: name, scope: ShapingScope(provider: provider), limits: ShapingLimits(rates: rates, hours: hours), createdAt: now)
    }

    private func directory(_ policies: [ShapingPolicy] = [], sources: [String] = [], warmUps: [WarmUp] = []) -> Directory {
        var route = Route(name: "internet", kind: .mx, createdAt: now)
        route.sources = sources
        var directory = Directory(version: 1, routes: ["internet": route])
        directory.shaping = Dictionary(uniqueKeysWithValues: policies.map { ($0.name, $0) })
        directory.sources = Dictionary(uniqueKeysWithValues: sources.map { ($0, EgressSource(name: $0, createdAt: now)) })
        directory.warmUps = Dictionary(uniqueKeysWithValues: warmUps.map { ($0.name, $0) })
        return directory
    }

    /// Seconds from now; nil where no limit holds.
    private func seconds(
        _ directory: Directory, _ groups: [SendingForecast.Group], share: Double = 0, start: Timestamp? = nil,
        phases: [SendingForecast.Phase]? = nil, used: [String: [Timestamp: Int]] = [:]
    ) -> (limits: Int64?, connections: Int64?, reason: String) {
        let forecast = SendingForecast(directory, transactionalShare: share, day: .utc, port: 25)
        let ends = forecast.ends(of: groups, from: sender, phases: phases ?? [SendingForecast.Phase(share: 1, start: start ?? now)]) {
            used[$0.name] ?? [:]
        }
        return (
            ends.limits.map { ($0.at - now).components.seconds }, ends.connections.map { ($0.at - now).components.seconds },
            ends.limits?.reason ?? ""
        )
    }

    @Test func `without limits connections decide`() {
        let found = seconds(directory(), [google, yahoo])
        // 4,000 of 302 ms over ten connections.
        #expect(found.limits == nil && found.connections == 120)
        var few = google
        (few.count, few.isMany) = (10, true)
        #expect(seconds(directory(), [few]).connections == nil)
    }

    @Test func `the slowest provider decides`() {
        let policies = [
            policy("google", .google, [ShapingRate(600, .messages, per: .minute)]),
            policy("yahoo", .yahoo, [ShapingRate(60, .messages, per: .minute)]),
            policy("apple", .apple, [ShapingRate(1, .messages, per: .hour)]),
        ]
        let found = seconds(directory(policies), [google, yahoo])
        #expect((1010...1020).contains(found.limits ?? 0) && found.reason == "shaping policy yahoo: 60 messages per minute", "\(found)")
        #expect((400...410).contains(seconds(directory(policies), [google]).limits ?? 0))
        // Shared by both.
        let all = [policy("all", nil, [ShapingRate(1000, .messages, per: .minute)])]
        #expect((300...306).contains(seconds(directory(all), [google, yahoo]).limits ?? 0))
    }

    @Test func `what is kept for transactional mail, and what was used, is not there`() {
        let policies = [policy("google", .google, [ShapingRate(600, .messages, per: .minute)])]
        // 540 in a minute and a second: 7 windows, and 220 at ten a second.
        let found = seconds(directory(policies), [google], share: 0.1).limits ?? 0
        #expect((445...451).contains(found), "\(found)")
        let used = ["shaping/google/messages-per-minute/other": [now: 540]]
        let later = seconds(directory(policies), [google], share: 0.1, used: used).limits ?? 0
        #expect((later - 62...later - 60).contains(found), "\(found) \(later)")
    }

    @Test func `hours close`() {
        // 2027-01-15 08:00 UTC.
        let hours = [SendingHours(from: 9 * 60, to: 10 * 60)]
        #expect(seconds(directory([policy("google", .google, [], hours)]), [google]).limits == 3600)
        let slow = [policy("google", .google, [ShapingRate(60, .messages, per: .minute)], hours)]
        // 3,540 in the hour; the rest a day later.
        let found = seconds(directory(slow), [google]).limits ?? 0
        #expect((86_400 + 3600...86_400 + 3600 + 700).contains(found), "\(found)")
    }

    @Test func `a warm-up takes days, unless a warm source takes what is over`() {
        let warmUp = WarmUp(source: "vienna", provider: nil, caps: [100, 200, 400, 800, 1600, 3200], createdAt: now)
        let cold = seconds(directory(sources: ["vienna"], warmUps: [warmUp]), [google], share: 0)
        let days = Double(cold.limits ?? 0) / 86_400
        #expect((5...6.6).contains(days) && cold.reason == "the warm-up vienna:all", "\(days) \(cold)")
        #expect(seconds(directory(sources: ["vienna", "graz"], warmUps: [warmUp]), [google]).limits == nil)
    }

    @Test func `the rest begins when the canary has been waited for`() {
        let phases = [
            SendingForecast.Phase(share: 0.1, start: now), SendingForecast.Phase(share: 0.9, start: now + .seconds(1800)),
        ]
        let policies = [policy("google", .google, [ShapingRate(600, .messages, per: .minute)])]
        let found = seconds(directory(policies), [google], phases: phases).limits ?? 0
        #expect((1800 + 360...1800 + 368).contains(found), "\(found)")
    }

    @Test func `many recipients are looked at in little time`() {
        var all = google
        all.count = 100_000
        let rates = [ShapingRate(60_000, .messages, per: .hour), ShapingRate(200_000, .messages, per: .day)]
        let found = seconds(directory([policy("google", .google, rates)]), [all]).limits ?? 0
        // 8,333 of the day's at once, the others over it.
        #expect((6000...86_400).contains(found), "\(found)")
    }
}
