import Campaigns
import MailModel
import Testing

struct CampaignSendingTests {
    private static func mac(_ octets: [UInt8]) -> [UInt8] {
        var hash: UInt8 = 7
        return (0..<32).map { index in
            for octet in octets { hash = hash &* 31 &+ octet ^ UInt8(index) }
            return hash
        }
    }

    @Test func `a token says who leaves what, and no other text does`() throws {
        let address = try #require(EmailAddress("Ada.Lovelace+x@example.net"))
        let token = UnsubscribeToken(campaign: 1_763_000_000_123, list: 42, address: address)
        let text = token.text(mac: CampaignSendingTests.mac)
        #expect(text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") })
        #expect(UnsubscribeToken(text, mac: CampaignSendingTests.mac) == token)
        for place in text.indices {
            var forged = text
            forged.replaceSubrange(place...place, with: text[place] == "A" ? "B" : "A")
            #expect(UnsubscribeToken(forged, mac: CampaignSendingTests.mac) == nil, "\(forged)")
        }
        for forged in [String(text.dropLast()), text + "A", "", "=", String(repeating: "A", count: 601)] {
            #expect(UnsubscribeToken(forged, mac: CampaignSendingTests.mac) == nil)
        }
        #expect(UnsubscribeToken(text) { _ in [UInt8](repeating: 0, count: 32) } == nil)
    }

    @Test func `no domain comes in a block`() {
        let people = (0..<2000).map { "p\($0)@\($0 < 1000 ? "one" : "two").example" }
        let order = people.sorted { SendingOrder.place(of: $0, seed: 5) < SendingOrder.place(of: $1, seed: 5) }
        #expect(order != people.sorted { SendingOrder.place(of: $0, seed: 6) < SendingOrder.place(of: $1, seed: 6) })
        for start in stride(from: 0, to: 2000, by: 200) {
            let ones = order[start..<start + 200].count { $0.hasSuffix("one.example") }
            #expect((60...140).contains(ones), "\(ones) of 200 from \(start) on")
        }
        #expect(people.allSatisfy { SendingOrder.place(of: $0, seed: -1) >= 0 })
    }

    private let now = Timestamp(rfc3339: "2026-11-23T12:00:00Z")!

    private func verdict(
        handed: Int = 100, open: Int = 0, deferred: Int = 0, delivered: Int = 100, hard: Int = 0, complaints: Int = 0, minutes: Int64 = 31
    ) -> CanaryGate.Verdict {
        let figures = CanaryGate.Figures(
            handed: handed, open: open, deferred: deferred, delivered: delivered, hardBounces: hard, complaints: complaints)
        return CanaryGate().verdict(figures, handedAt: now, waitMinutes: 30, at: now + .seconds(minutes * 60))
    }

    @Test func `the rest waits for the canary`() {
        #expect(verdict() == .goOn)
        #expect(verdict(minutes: 29) == .wait)
        #expect(verdict(open: 1, delivered: 99) == .wait)
        // What a few receivers put off keeps nobody back.
        #expect(verdict(open: 4, deferred: 4, delivered: 96) == .goOn)
        func isHeld(_ verdict: CanaryGate.Verdict) -> Bool { if case .hold = verdict { true } else { false } }
        #expect(isHeld(verdict(delivered: 95, hard: 5)))
        #expect(!isHeld(verdict(delivered: 97, hard: 3)) && !isHeld(verdict(delivered: 18, hard: 2)))
        #expect(isHeld(verdict(complaints: 2)) && !isHeld(verdict(complaints: 1)))
        #expect(isHeld(verdict(open: 30, deferred: 30, delivered: 70)) && isHeld(verdict(delivered: 50, hard: 50, minutes: 0)))
    }

    @Test func `the finish follows from limits and from how it goes`() {
        var forecast = FinishForecast(remaining: 20_000)
        #expect(forecast.finish(from: now) == now + .seconds(7200))
        forecast.restAt = now + .seconds(1800)
        #expect(forecast.finish(from: now) == now + .seconds(9000))
        // Connections are slower than nothing known, and limits than those.
        forecast.connectionsEnd = now + .seconds(10_000)
        #expect(forecast.finish(from: now) == now + .seconds(10_000))
        forecast.limitsEnd = now + .seconds(12_000)
        #expect(forecast.finish(from: now) == now + .seconds(12_000))
        #expect(forecast.pace(from: now) == 6000)
        // What was seen counts where no limit decides.
        forecast.recent = (count: 100, seconds: 36)
        #expect(forecast.finish(from: now) == now + .seconds(12_000))
        forecast.limitsEnd = now + .seconds(9000)
        #expect(forecast.finish(from: now) == now + .seconds(9000) && forecast.pace(from: now) == 10_000)
        forecast.recent = (count: 100, seconds: 360)
        #expect(forecast.finish(from: now) == now + .seconds(1800 + 72_000) && forecast.pace(from: now) == 1000)
    }

    @Test func `a campaign's own limits let go what their windows have room for`() {
        func finish(_ window: FinishForecast.Window, _ planned: Int) -> Timestamp {
            var forecast = FinishForecast(remaining: 0, planned: planned)
            forecast.remaining = planned
            forecast.connectionsEnd = now
            forecast.perDay = window
            return forecast.finish(from: now)
        }
        #expect(finish(FinishForecast.Window(most: 200), 200) == now)
        #expect(finish(FinishForecast.Window(most: 200), 201) == now + .seconds(86_400))
        #expect(finish(FinishForecast.Window(most: 200), 1000) == now + .seconds(4 * 86_400))
        let begun = FinishForecast.Window(most: 200, handed: 150, firstAt: now - .seconds(3600))
        #expect(finish(begun, 50) == now && finish(begun, 51) == now + .seconds(82_800))
    }
}
