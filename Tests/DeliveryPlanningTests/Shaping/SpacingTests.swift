import MailModel
import OutboundPolicy
import Testing

@testable import DeliveryPlanning

@Suite struct SpacingTests {
    private static func shape(_ rate: ShapingRate) -> ShapingRateShape {
        ShapingRateShape(amount: rate.amount, burst: rate.burstSize, milliseconds: rate.period.milliseconds)
    }

    /// Whoever asks at random moments, and takes all that it may: no window holds more, and the whole of it is used.
    @Test(arguments: [
        ShapingRate(30, .messages, per: .minute), ShapingRate(7, .messages, per: .second), ShapingRate(600, .messages, per: .hour),
        ShapingRate(60, .messages, per: .minute, burst: 20), ShapingRate(1, .messages, per: .second),
        ShapingRate(3000, .messages, per: .second), ShapingRate(10_000, .messages, per: .day),
    ])
    func noWindowHoldsMoreThanTheRate(_ rate: ShapingRate) {
        var spacing = Spacing(SpacingTests.shape(rate))
        var random = SeededGenerator(UInt64(rate.amount))
        var now = Timestamp(seconds: 1_800_000_000)
        var taken: [Timestamp] = []
        let windows = 3
        let end = now + .milliseconds(rate.period.milliseconds * Int64(windows))
        while now < end {
            if spacing.freeAt(1, at: now) == now {
                spacing.take(1, at: now)
                taken.append(now)
                // As fast as it may, and sometimes after a rest.
                if Int.random(in: 0..<rate.amount * 2, using: &random) == 0 { now = now + .milliseconds(rate.period.milliseconds / 10) }
            } else {
                now = spacing.freeAt(1, at: now)
            }
        }
        var head = 0
        for (index, time) in taken.enumerated() {
            while taken[head] + .milliseconds(rate.period.milliseconds) <= time { head += 1 }
            #expect(index - head + 1 <= rate.amount)
        }
        #expect(taken.count > rate.amount * windows * 2 / 3)
    }

    @Test func thirtyAMinuteNeverLeaveWithinASecond() {
        var spacing = Spacing(SpacingTests.shape(ShapingRate(30, .messages, per: .minute)))
        let now = Timestamp(seconds: 1_800_000_000)
        spacing.take(1, at: now)
        #expect(spacing.freeAt(1, at: now) == now + .seconds(2))
    }

    @Test func whatMayHaveLeftBeforeAStartCounts() {
        let now = Timestamp(seconds: 1_800_000_000)
        let spacing = Spacing(SpacingTests.shape(ShapingRate(30, .messages, per: .minute)), notBefore: now)
        #expect(spacing.freeAt(1, at: now) == now + .seconds(2))
    }

    @Test func aClockThatIsSetBackDelaysByNoMoreThanABurst() {
        var spacing = Spacing(SpacingTests.shape(ShapingRate(60, .messages, per: .minute)))
        let now = Timestamp(seconds: 1_800_000_000)
        spacing.take(1, at: now)
        let before = now - .seconds(7200)
        #expect(spacing.freeAt(1, at: before) <= before + .seconds(1))
    }

    @Test func nodesShareASecond() {
        var spacing = Spacing(SpacingTests.shape(ShapingRate(10, .messages, per: .second)), nodes: 2)
        let now = Timestamp(seconds: 1_800_000_000)
        spacing.take(1, at: now)
        #expect(spacing.freeAt(1, at: now) == now + .milliseconds(200))
    }

    @Test func ratesReadAsPeopleWriteThem() {
        #expect(ShapingRate("30/min", of: .messages) == ShapingRate(30, .messages, per: .minute))
        #expect(ShapingRate("10000/d", of: .recipients) == ShapingRate(10_000, .recipients, per: .day))
        #expect(ShapingRate("600/h:20", of: .messages) == ShapingRate(600, .messages, per: .hour, burst: 20))
        for text in ["", "30", "30/week", "0/s", "30/min:31", "x/s", "30/min:", "-1/s"] {
            #expect(ShapingRate(text, of: .messages) == nil, "\(text)")
        }
    }
}
