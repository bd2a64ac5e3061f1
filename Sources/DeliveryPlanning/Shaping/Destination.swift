import MailModel
import OutboundPolicy

/// What a receiver's replies have taught about a destination from one source: how many connections and messages a minute it takes, and
/// whether it answers at all.
///
/// It exists from the first refusal until nothing is felt any more.
struct Destination: Sendable {
    struct Key: Hashable, Sendable {
        var name: String
        /// Of the egress source.
        var source: String
    }

    private(set) var connections: AdaptiveLimit?
    /// Messages a minute; nil where that was never too much.
    private(set) var pace: AdaptiveLimit?
    /// When the next message may begin, in microseconds, by the pace.
    private var paidAt: Int64 = 0
    /// Nothing begins before.
    private(set) var restsUntil: Timestamp?
    private var rest = Destination.firstRest
    private var isDead = false
    private var deadWait = Destination.firstDeadWait
    /// Of whole windows of connections that failed without one that was made in between.
    private var failedWindows = 0
    private var failuresLeft = 0
    private(set) var gauge = RateGauge()
    private var lastNews: Timestamp
    /// Since when it takes mail from the source again, after a rule had kept all of it back, and a little more all the time.
    private(set) var comesBackSince: Timestamp?
    /// The refusal that is felt, for people.
    private(set) var said: SMTPReply?

    private static let firstRest = Duration.seconds(2)
    private static let restMax = Duration.seconds(60)
    private static let firstDeadWait = Duration.seconds(60)
    private static let deadWaitMax = Duration.seconds(1800)
    private static let windowsUntilDead = 3
    private static let forgottenAfter = Duration.seconds(3600)
    /// Of what it took in a minute before it was held back, this much is tried at first.
    private static let shareOfReturn = 0.05
    /// Messages a minute from which on nobody looks at a source that has come back, where it had less before.
    private static let enoughAfterReturn = 600.0

    init(at now: Timestamp) { lastNews = now }

    // MARK: - Before an attempt

    /// What keeps the next message back; nil where it may begin.
    func wait(_ name: String, at now: Timestamp) -> ShapingWait? {
        if let restsUntil, now < restsUntil {
            let what = isDead ? "does not answer; it is tried again" : "asked for less"
            return ShapingWait(reason: "\(name) \(what)" + (said.map { ": \($0)" } ?? ""), until: restsUntil)
        }
        guard let pace, paidAt > now.milliseconds * 1000 else { return nil }
        let what = comesBackSince == nil ? "takes about" : "gets mail from this source again, little by little:"
        let reason = "\(name) \(what) \(Int(pace.value)) messages a minute" + (said.map { ", as it said: \($0)" } ?? "")
        return ShapingWait(reason: reason, until: Timestamp(milliseconds: (paidAt + 999) / 1000))
    }

    /// How many connections it may have; nil for as many as configured. One while it is probed.
    var connectionsMax: Int? { isDead ? 1 : connections?.count }

    mutating func began(at now: Timestamp) {
        gauge.add(at: now)
        guard let pace else { return }
        let time = now.milliseconds * 1000
        let interval = Int64(60_000_000 / pace.value)
        paidAt = min(max(paidAt, time), time + interval) + interval
    }

    // MARK: - What was heard

    /// `configured`: the connections that were allowed at most. `open`: those that there were, the refused one included.
    mutating func refusedConnection(_ reply: SMTPReply, open: Int, configured: Int, begunAt: Timestamp, at now: Timestamp) {
        said = reply
        lastNews = now
        var limit = connections ?? AdaptiveLimit(Double(configured), maximum: Double(configured))
        limit.refused(inUse: Double(max(1, open)), begunAt: begunAt, at: now)
        connections = limit
    }

    /// `seen`: messages a minute before this destination was known.
    mutating func refusedMessage(_ reply: SMTPReply, seen: Double, begunAt: Timestamp, at now: Timestamp) {
        said = reply
        lastNews = now
        let measured = max(1, seen, gauge.perMinute(at: now))
        var limit = pace ?? AdaptiveLimit(measured, maximum: 1_000_000)
        limit.refused(inUse: measured, begunAt: begunAt, at: now)
        pace = limit
        // What comes together is one refusal.
        if let restsUntil, now < restsUntil { return }
        restsUntil = now + rest
        rest = min(rest + rest, Destination.restMax)
    }

    /// A rule keeps all mail back until then. After that it gets a small share of what it took, which grows as any limit does.
    /// `seen`: messages a minute until now, where that is known.
    mutating func heldBack(_ reply: SMTPReply, until: Timestamp, seen: Double, at now: Timestamp) {
        said = reply
        lastNews = max(now, until)
        let before = max(seen, gauge.perMinute(at: now))
        pace = AdaptiveLimit(
            max(1, before * Destination.shareOfReturn), maximum: max(before + before, Destination.enoughAfterReturn))
        paidAt = 0
        comesBackSince = until
    }

    mutating func succeeded(begunAt: Timestamp, openConnections: Int, at now: Timestamp) {
        answered(at: now)
        rest = Destination.firstRest
        if var limit = connections {
            limit.succeeded(begunAt: begunAt, isFull: openConnections >= limit.count)
            connections = limit.isAtMaximum ? nil : limit
        }
        if var limit = pace {
            limit.succeeded(begunAt: begunAt, isFull: gauge.perMinute(at: now) >= limit.value / 2)
            pace = limit.isAtMaximum ? nil : limit
            if pace == nil { comesBackSince = nil }
        }
    }

    /// A connection was made: whatever the destination says, it lives.
    mutating func answered(at now: Timestamp) {
        lastNews = now
        failedWindows = 0
        failuresLeft = 0
        guard isDead else { return }
        isDead = false
        restsUntil = nil
        deadWait = Destination.firstDeadWait
    }

    /// A connection could not be made at all. `open`: those that there were, the failed one included. True where it is dead from now on.
    mutating func failedToConnect(_ reply: SMTPReply, open: Int, at now: Timestamp) -> Bool {
        lastNews = now
        if isDead {
            deadWait = min(deadWait + deadWait, Destination.deadWaitMax)
            restsUntil = now + deadWait
            said = reply
            return false
        }
        if failuresLeft == 0 { failuresLeft = max(1, open) }
        failuresLeft -= 1
        if failuresLeft == 0 { failedWindows += 1 }
        guard failedWindows >= Destination.windowsUntilDead else { return false }
        isDead = true
        said = reply
        restsUntil = now + deadWait
        return true
    }

    var isDeadNow: Bool { isDead }

    /// True where it has nothing to say that matters.
    func isForgotten(at now: Timestamp) -> Bool { lastNews + Destination.forgottenAfter <= now && !isDead }
}
