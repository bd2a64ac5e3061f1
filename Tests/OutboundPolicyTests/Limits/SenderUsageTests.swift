import MailModel
import OutboundPolicy
import Testing

/// Windows that slide: what a claim is granted, over days of use.
@Suite struct SenderUsageTests {
    private let start = Timestamp(seconds: 1_800_000_000)

    private func limit(_ name: LimitName, _ value: Int, _ action: LimitAction = .refuse) -> Limit {
        Limit(name, value, action, source: "test")
    }

    private func claim(external: Int = 1, _ limits: Limit...) -> UsageClaim {
        var amounts = UsageAmounts()
        amounts[.messages] = 1
        amounts[.external] = external
        return UsageClaim(holder: .sender("a@b.test", tenant: .standard), amounts: amounts, limits: limits)
    }

    private func isGranted(_ outcome: ClaimOutcome) -> Bool {
        if case .granted = outcome { return true }
        return false
    }

    @Test(arguments: [LimitName.externalPerHour, .recipientsPerDay, .messagesPerMinute])
    func everyThresholdAtOneLessExactlyAndOneMore(_ name: LimitName) {
        var usage = SenderUsage()
        let claim = claim(limit(name, 5))
        for _ in 0..<5 { #expect(isGranted(usage.claim(claim, at: start))) }
        #expect(!isGranted(usage.claim(claim, at: start)), "the sixth of five")
        let end = start + .seconds(name.window.seconds)
        #expect(!isGranted(usage.claim(claim, at: end)), "the same window to the second")
        let after = end + .seconds(name.window.seconds / 60 + 1)
        for _ in 0..<5 { #expect(isGranted(usage.claim(claim, at: after)), "a sixtieth of the window later all is free") }
        #expect(!isGranted(usage.claim(claim, at: after)))
    }

    @Test func aMessageFitsAsAWholeOrNotAtAll() {
        var usage = SenderUsage()
        let hour = limit(.externalPerHour, 10)
        #expect(isGranted(usage.claim(claim(external: 6, hour), at: start)))
        guard case .exceeded(let reading) = usage.claim(claim(external: 5, hour), at: start) else {
            Issue.record("eleven of ten")
            return
        }
        #expect(reading.used == 6 && reading.wanted == 5)
        #expect(reading.freeAt.map { $0 > start + .seconds(3600) && $0 <= start + .seconds(3661) } == true)
        #expect(isGranted(usage.claim(claim(external: 4, hour), at: start)), "what was refused has used nothing")
    }

    @Test func theHeaviestActionSpeaks() {
        var usage = SenderUsage()
        let limits = [limit(.externalPerHour, 0, .defer), limit(.recipientsPerDay, 0, .restrict), limit(.recipientsPer24Hours, 0, .refuse)]
        var all = claim()
        all.limits = limits
        guard case .exceeded(let reading) = usage.claim(all, at: start) else {
            Issue.record("nothing is allowed")
            return
        }
        #expect(reading.limit.action == .restrict)
    }

    @Test func slowedMailLeavesInOrderAtTheAllowedPace() {
        var usage = SenderUsage()
        let slow = claim(limit(.messagesPerMinute, 30, .slow))
        var releases: [Timestamp] = []
        for number in 0..<100 {
            guard case .granted(let releaseAt, let slowedBy, _) = usage.claim(slow, at: start + .milliseconds(10 * number)) else {
                Issue.record("slowed, never refused")
                return
            }
            #expect((slowedBy == nil) == (number < 30))
            releases.append(releaseAt)
        }
        #expect(releases == releases.sorted())
        for index in releases.indices.dropFirst(30) {
            #expect(releases[index] - releases[index - 30] > .seconds(60), "31 messages within a minute")
        }
        #expect(releases[99] - releases[0] < .seconds(190), "and no slower than it has to be")
    }

    @Test func whatWouldLeaveTooLateIsOverTheLimit() {
        var usage = SenderUsage()
        var slow = claim(limit(.messagesPerMinute, 1, .slow))
        slow.slowestRelease = .seconds(300)
        let outcomes = (0..<10).map { _ in isGranted(usage.claim(slow, at: start)) }
        #expect(outcomes == [true, true, true, true, true, false, false, false, false, false])
    }

    @Test func warningsComeOnceAtEightyAndAtNinetyPercent() {
        var usage = SenderUsage()
        var warned: [Int: Int] = [:]
        for number in 1...10 {
            guard
                case .granted(_, _, let warnings) = usage.claim(
                    claim(limit(.recipientsPerDay, 10)), at: start + .seconds(60 * Int64(number)))
            else { return }
            for warning in warnings { warned[number] = warning.percent }
        }
        #expect(warned == [8: 80, 9: 90])
    }

    @Test func theForecastGoesByThePaceOfTheLastHour() throws {
        var usage = SenderUsage()
        let day = limit(.recipientsPerDay, 1000)
        _ = usage.claim(claim(external: 100, day), at: start)
        #expect(usage.reachedAt(day, used: 100, at: start) == start + .seconds(9 * 3600))
        #expect(usage.reachedAt(limit(.recipientsPerDay, 100_000), used: 100, at: start) == nil, "not within the window")
    }

    /// Against a list of every single use: no window of real time ever holds more than the limit, and nothing is refused that has fitted
    /// for a sixtieth of the window.
    @Test(arguments: 1...20)
    func noWindowHoldsMoreThanTheLimit(_ seed: UInt64) {
        var random = SplitMix(seed)
        var usage = SenderUsage()
        let limits = [
            limit(.messagesPerMinute, Int.random(in: 1...10, using: &random)),
            limit(.externalPerHour, Int.random(in: 5...60, using: &random)),
            limit(.recipientsPerDay, Int.random(in: 20...300, using: &random)),
        ]
        var used: [(at: Timestamp, external: Int)] = []
        var now = start
        for _ in 0..<3000 {
            now = now + .milliseconds(Int64.random(in: 0...(Bool.random(using: &random) ? 2000 : 400_000), using: &random))
            var claim = claim(external: Int.random(in: 1...8, using: &random))
            claim.limits = limits
            let external = claim.amounts[.external]
            func sum(_ window: Duration) -> (messages: Int, external: Int) {
                used.reversed().prefix { $0.at > now - window }.reduce((0, 0)) { ($0.0 + 1, $0.1 + $1.external) }
            }
            if isGranted(usage.claim(claim, at: now)) {
                used.append((now, external))
                #expect(sum(.seconds(60)).messages <= limits[0].value)
                #expect(sum(.seconds(3600)).external <= limits[1].value)
                #expect(sum(.seconds(86_400)).external <= limits[2].value)
            } else {
                let isFull =
                    sum(.seconds(62)).messages + 1 > limits[0].value || sum(.seconds(3661)).external + external > limits[1].value
                    || sum(.seconds(86_400 + 1441)).external + external > limits[2].value
                #expect(isFull, "refused what fits")
            }
            #expect(SenderUsage(octets: usage.octets) == usage, "what the store keeps is the same")
        }
        #expect(usage.octets.count < 2500)
    }

    @Test func octetsOfAnotherProgramAreNotRead() {
        var usage = SenderUsage()
        _ = usage.claim(claim(external: 3), at: start)
        let good = usage.octets
        #expect(SenderUsage(octets: [UInt8]()) == nil)
        #expect(SenderUsage(octets: Array(good.dropLast())) == nil)
        #expect(SenderUsage(octets: good + [0]) == nil)
        #expect(SenderUsage(octets: [2] + good.dropFirst()) == nil)
        #expect(SenderUsage(octets: [UInt8](repeating: 0xFF, count: 40)) == nil)
    }

    @Test func verdictsOfTheLastTwentyCount() {
        var usage = SenderUsage()
        let detection = SpamDetection()
        for _ in 0..<10 { usage.judge(isSpam: false) }
        for _ in 0..<10 { usage.judge(isSpam: true) }
        #expect(detection.finding(usage, at: start) == nil, "half is not more than half")
        usage.judge(isSpam: true)
        #expect(detection.finding(usage, at: start)?.rule == "detector.spam-share")
        for _ in 0..<20 { usage.judge(isSpam: false) }
        #expect(detection.finding(usage, at: start) == nil)
    }

    @Test func spamAndNearDuplicatesOfAnHourCount() {
        var usage = SenderUsage()
        var amounts = UsageAmounts()
        amounts[.spam] = 9
        usage.add(amounts, at: start)
        #expect(SpamDetection().finding(usage, at: start) == nil)
        amounts[.spam] = 1
        usage.add(amounts, at: start)
        #expect(SpamDetection().finding(usage, at: start)?.rule == "detector.spam-per-hour")
        #expect(SpamDetection().finding(usage, at: start + .seconds(3700)) == nil)
        amounts[.spam] = 0
        amounts[.nearDuplicates] = 10
        usage.add(amounts, at: start + .seconds(7200))
        #expect(SpamDetection().finding(usage, at: start + .seconds(7200))?.rule == "detector.near-duplicates")
    }
}

/// The generator of Steele, Lea and Flood (SplitMix64), for walks that can be repeated.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
