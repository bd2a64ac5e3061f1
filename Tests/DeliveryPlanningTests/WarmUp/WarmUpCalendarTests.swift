import MailModel
import OutboundPolicy
import Testing

@testable import DeliveryPlanning

@Suite struct WarmUpCalendarTests {
    private static let start = ShapedWorld.start
    private static let first = WarmUp.day(of: start)
    private static func time(_ day: Int, _ hour: Int64 = 0) -> Timestamp { start + .seconds(Int64(day) * 86_400 + hour * 3600) }

    private func warmUp(_ caps: [Int]) -> WarmUp { WarmUp(source: "new", provider: nil, caps: caps, createdAt: WarmUpCalendarTests.start) }

    private func lines(_ warmUp: WarmUp, sent: [Int64: Int] = [:], at now: Timestamp) -> [String] {
        WarmUpCalendar(warmUp, sent: sent, at: now).entries.map { entry in
            "\(entry.day - WarmUpCalendarTests.first) \(entry.state) \(entry.cap.map(String.init) ?? "-") \(entry.sent.map(String.init) ?? "-")"
                + entry.texts.map { " (\($0))" }.joined()
        }
    }

    @Test func `what was, today, and what is to come`() {
        var warmUp = warmUp([10, 20, 40, 80])
        #expect(lines(warmUp, at: Self.start) == ["0 today 10 0", "1 coming 20 -", "2 coming 40 -", "3 coming 80 -", "4 warm - -"])
        _ = warmUp.used(at: Self.time(0))
        _ = warmUp.used(at: Self.time(2))
        #expect(
            lines(warmUp, sent: [Self.first: 7, Self.first + 2: 20], at: Self.time(2))
                == ["0 past 10 7", "1 unused - 0", "2 today 20 20", "3 coming 40 -", "4 coming 80 -", "5 warm - -"])
    }

    @Test func `a set-back and a pause stand at their days with their reasons`() {
        var warmUp = warmUp([10, 20, 40, 80])
        for day in 0...2 { _ = warmUp.used(at: Self.time(day)) }
        #expect(warmUp.setBack("421 no", at: Self.time(2, 1)) == true)
        #expect(
            lines(warmUp, at: Self.time(2, 2)) == [
                "0 past 10 0", "1 past 20 0", "2 today 10 0 (set back from day 3 to day 1: 421 no)", "3 coming 20 -", "4 coming 40 -",
                "5 coming 80 -", "6 warm - -",
            ])
        warmUp.pause(until: Self.time(4, 17), "paused by ada: the list", at: Self.time(3))
        #expect(
            lines(warmUp, at: Self.time(3)).dropFirst(3) == [
                "3 today 20 0 (paused by ada: the list)", "4 paused - -", "5 coming 20 -", "6 coming 40 -", "7 coming 80 -", "8 warm - -",
            ])
        warmUp.setStep(3, "put to day 4 by ada", at: Self.time(3, 1))
        #expect(lines(warmUp, at: Self.time(3, 1))[3] == "3 today 80 0 (paused by ada: the list) (put to day 4 by ada)")
    }

    @Test func `the calendar is bounded on both sides`() {
        var warmUp = warmUp(Array(1...365))
        for day in 0..<200 { _ = warmUp.used(at: Self.time(day)) }
        #expect(warmUp.past?.count == WarmUpDay.kept)
        #expect(lines(warmUp, at: Self.time(199)).count == 28 + 1 + 70)
    }

    // MARK: - Among nodes

    /// Two nodes see the same day's first message in the same second; each writes from the version that it knows.
    @Test func `what another node has written is not undone`() throws {
        var table = WarmUpTable(directory([warmUp([1, 2, 3, 4, 5])]))
        for day in 0..<3 { _ = table.ended("new", .google, isBad: false, reply: nil, at: Self.time(day)) }
        let change = try #require(table.ended("new", .google, isBad: false, reply: nil, at: Self.time(3)).first)
        #expect(change.setBack == nil && change.warmUp.step == 3 && change.condition == nil)
        // Another was set back on that day.
        var stored = change.warmUp
        _ = stored.setBack("421 no", at: Self.time(3))
        stored.version = 9
        #expect(change.redone(on: stored) == nil, "the day is written down already")
        // A set-back on another version is one on that.
        var bad: [WarmUpChange] = []
        for _ in 0..<5 where bad.isEmpty {
            bad = table.ended("new", .google, isBad: true, reply: SMTPReply(421, nil, "no"), at: Self.time(3, 1))
        }
        let setBack = try #require(bad.first)
        var other = change.warmUp
        other.pause(until: Self.time(9), "paused by ada", at: Self.time(3, 1))
        other.version = 12
        let redone = try #require(setBack.redone(on: other))
        #expect(redone.warmUp.version == 12 && redone.warmUp.step == 1 && redone.warmUp.past?.last?.texts.count == 2)
        #expect(setBack.redone(on: redone.warmUp) == nil, "once a day")
    }

    @Test func `a set-back is told, and so is that it goes on`() throws {
        var table = WarmUpTable(directory([warmUp([1, 2, 3])]))
        var conditions: [AlertCondition] = []
        for _ in 0..<6 {
            conditions += table.ended("new", .google, isBad: true, reply: SMTPReply(421, nil, "no"), at: Self.start).compactMap(\.condition)
        }
        let told = try #require(conditions.first)
        #expect(conditions.count == 1 && told.kind == .warmUpSetBack && told.subject == "warm-up:new:all" && !told.isOver)
        #expect(told.text.contains("5 of 5 messages within a day"))
        let later = table.ended("new", .google, isBad: false, reply: nil, at: Self.time(2))
        #expect(later.first?.condition?.isOver == true)
        #expect(table.ended("new", .google, isBad: false, reply: nil, at: Self.time(3)).first?.condition == nil)
    }

    @Test func `what left is counted by the store, and offered again where that did not answer`() {
        var table = WarmUpTable(directory([warmUp([1, 2, 3])]))
        for _ in 0..<3 { _ = table.ended("new", .yahoo, isBad: false, reply: nil, at: Self.start) }
        let call = ShapingCall(counter: ShapingCounter(warmUp: "new:all"), used: 3, wanted: 0, owner: 4)
        #expect(table.takeUncounted(owner: 4, at: Self.start) == [.count(call)])
        _ = table.ended("new", .yahoo, isBad: false, reply: nil, at: Self.start)
        #expect(table.takeUncounted(owner: 4, at: Self.start + .seconds(1)).isEmpty, "a few times a minute")
        table.notCounted(call)
        var again = call
        again.used = 4
        #expect(table.takeUncounted(owner: 4, at: Self.start + .seconds(5)) == [.count(again)])
    }

    private func directory(_ warmUps: [WarmUp]) -> Directory {
        var directory = Directory()
        for warmUp in warmUps { directory.warmUps[warmUp.name] = warmUp }
        return directory
    }
}
