import MailModel
import OutboundPolicy
import Testing

@Suite struct DayAheadTests {
    /// Noon (UTC).
    private let now = Timestamp(seconds: 1_800_014_400 / 86_400 * 86_400 + 43_200)

    private func standing(used: Int, of value: Int, reachedIn: Duration?, holder: UsageHolder = .sender("a@example.org", tenant: .standard))
        -> LimitStanding
    {
        let reading = LimitReading(limit: Limit(.recipientsPerDay, value, .refuse, source: "x"), used: used, wanted: 0, freeAt: nil)
        return LimitStanding(holder: holder, reading: reading, reachedAt: reachedIn.map { now + $0 })
    }

    @Test func aLimitIsToldOfWhereItWillBeReachedAndMuchOfItIsUsed() {
        var ahead = DayAhead(at: now)
        ahead.see(standing(used: 40, of: 100, reachedIn: .seconds(600)), of: "little@example.org")
        ahead.see(standing(used: 90, of: 100, reachedIn: nil), of: "slow@example.org")
        ahead.see(standing(used: 100, of: 100, reachedIn: .seconds(0)), of: "over@example.org")
        #expect(ahead.items.isEmpty)
        ahead.see(standing(used: 60, of: 100, reachedIn: .seconds(3600)), of: "a@example.org")
        ahead.see(standing(used: 60, of: 100, reachedIn: .seconds(7200), holder: .organisation), of: "organisation")
        #expect(ahead.items.map(\.subject) == ["organisation", "a@example.org"], "the organisation's is the graver one")
        #expect(ahead.items.map(\.at) == [now + .seconds(7200), now + .seconds(3600)])
        var moment = DayAhead(at: now + .seconds(1))
        moment.see(standing(used: 60, of: 100, reachedIn: .seconds(3601)), of: "a@example.org")
        #expect(moment.items.map(\.at) == [now + .seconds(3600)], "an estimate does not change by the second")
    }

    @Test func aWarmUpIsToldOfWhereTheDayIsTooLongForItsCap() {
        var ahead = DayAhead(at: now)
        ahead.see(warmUp: "vienna:google", cap: 100, sent: 49)
        #expect(ahead.items.isEmpty, "at this pace 98 of 100 leave")
        ahead.see(warmUp: "vienna:google", cap: 100, sent: 75)
        #expect(ahead.items.first?.at == now + .seconds(14_400))
        ahead.see(warmUp: "vienna:yahoo", cap: 100, sent: 100)
        #expect(ahead.items.first { $0.subject == "vienna:yahoo" }.map { $0.at == nil } == true)
    }

    @Test(arguments: [(30, nil), (20, AlertSeverity.low), (5, .medium), (1, .high), (-1, .high)] as [(Int64, AlertSeverity?)])
    func aCertificateIsToldOfTheMoreGravelyTheNearerItsEnd(days: Int64, severity: AlertSeverity?) {
        var ahead = DayAhead(at: now)
        ahead.see(certificate: "tls/certificate.pem", endsAt: now + .seconds(days * 86_400 + 60))
        #expect(ahead.items.first?.severity == severity)
    }

    @Test func whatIsSoAlreadyComesBeforeWhatIsComing() {
        var ahead = DayAhead(at: now)
        ahead.see(apiKey: "shop", endsAt: now + .seconds(3600))
        ahead.see(apiKey: "later", endsAt: now + .seconds(8 * 86_400))
        ahead.see(apiKey: "gone", endsAt: now - .seconds(1))
        ahead.see(account: "a@example.org", endsAt: now + .seconds(60))
        ahead.see(domain: "fine.example", errors: 0, worst: "")
        ahead.see(domain: "example.org", errors: 3, worst: "no key")
        ahead.see(listed: "192.0.2.1", list: "zen", text: "seen in spam")
        #expect(ahead.items.map(\.kind) == [.listing, .domain, .apiKey, .account])
        #expect(ahead.items[1].text == "example.org: no key (and 2 more)")
    }
}
