import MailModel

/// What the service remembers of one mailbox.
struct MailboxMemory: Sendable {
    /// Signed-in connections, oldest first.
    var sessions: [ExchangeSession] = []
    /// When the newest messages leave; as many as may leave in a minute.
    private var departures: [Timestamp] = []
    var recipients = SlidingCount(window: .seconds(86_400))
    var externalOfHour = SlidingCount(window: .seconds(3600))
    var internalOfHour = SlidingCount(window: .seconds(3600))
    private var day: Int32 = 0
    private var recipientsOfDay = 0
    var judged = SlidingCount(window: .seconds(3600))
    var spam = SlidingCount(window: .seconds(3600))
    private var alike: [UInt64: SlidingCount] = [:]
    var errors = ContinuousErrors()
    var restriction: ExchangeRestriction?
    var releases = 0
    /// The day on which the policy's limits restrict it no more, since it was released on it.
    var exemptDay: Int32?
    var accepted = 0
    var refused = 0

    /// Kinds of content of the last hour that are told apart; past it the count begins anew.
    private static let alikeMax = 1000

    /// The restriction that holds now.
    mutating func restriction(at now: Timestamp) -> ExchangeRestriction? {
        if let until = restriction?.until, now >= until { restriction = nil }
        return restriction
    }

    /// When a message leaves that is accepted now. `rate`: messages a minute; 0: no limit.
    mutating func departure(rate: Int, at now: Timestamp) -> Timestamp {
        guard rate > 0 else { return now }
        let newest = departures.suffix(rate)
        let last = newest.last ?? now
        var leaves = max(now, last)
        if newest.count == rate, let first = newest.first { leaves = max(leaves, first + .seconds(60)) }
        departures = Array(newest.suffix(rate - 1)) + [leaves]
        return leaves
    }

    mutating func recipientsToday(at now: Timestamp) -> Int {
        if day != now.day {
            day = now.day
            recipientsOfDay = 0
        }
        return recipientsOfDay
    }

    mutating func count(external: Int, internal: Int, at now: Timestamp) {
        recipients.add(external + `internal`, at: now)
        externalOfHour.add(external, at: now)
        internalOfHour.add(`internal`, at: now)
        recipientsOfDay = recipientsToday(at: now) + external + `internal`
    }

    /// Messages of the last hour like this one, itself among them.
    mutating func alikeCount(_ likeness: UInt64, at now: Timestamp) -> Int {
        if alike[likeness] == nil, alike.count >= MailboxMemory.alikeMax { alike = [:] }
        var count = alike[likeness] ?? SlidingCount(window: .seconds(3600))
        count.add(1, at: now)
        let sum = count.sum(at: now)
        alike[likeness] = count
        return sum
    }
}
