import MailModel

/// What a receiver remembers of an address or a domain that sends to it.
struct SenderReputation: Sendable {
    private var day: Int32 = 0
    private(set) var today = 0
    /// Of the days before today; halved for each day without mail.
    private(set) var bestDay = 0
    private(set) var messages = SlidingCount(window: .seconds(86_400))
    private(set) var complaints = SlidingCount(window: .seconds(7 * 86_400))
    private(set) var delivered = SlidingCount(window: .seconds(7 * 86_400))
    private var recipients = SlidingCount(window: .seconds(3600))
    private var unknown = SlidingCount(window: .seconds(3600))
    /// Nothing is taken before then.
    private var heldUntil: Timestamp?
    private var trickleLeft = 0
    /// For good.
    private(set) var isBulk = false

    private mutating func turn(_ now: Timestamp) {
        guard now.day != day else { return }
        let quiet = max(0, Int(now.day - day) - 1)
        bestDay = max(today, quiet > 20 ? 0 : bestDay >> quiet)
        (day, today, trickleLeft) = (now.day, 0, 0)
    }

    /// What may come today; nil for anything.
    mutating func allowance(_ settings: ReceiverDemands, at now: Timestamp) -> Int? {
        guard settings.startVolume > 0 else { return nil }
        turn(now)
        return max(settings.startVolume, bestDay * settings.growthPercent / 100)
    }

    /// False where one more message is too much now.
    mutating func mayCome(_ settings: ReceiverDemands, at now: Timestamp) -> Bool {
        turn(now)
        if let heldUntil, now < heldUntil { return false }
        let isTooMuch = allowance(settings, at: now).map { today >= $0 } ?? false
        guard
            isTooMuch || complaintShare(at: now) >= settings.deferComplaints && settings.deferComplaints > 0
                || isProbing(settings, at: now)
        else { return true }
        // After each time of quiet a little is taken.
        if heldUntil != nil, trickleLeft > 0 {
            trickleLeft -= 1
            return true
        }
        heldUntil = now + .seconds(settings.holdSeconds)
        trickleLeft = settings.trickle
        return false
    }

    private mutating func isProbing(_ settings: ReceiverDemands, at now: Timestamp) -> Bool {
        let asked = recipients.sum(at: now)
        return settings.unknownPercent > 0 && asked >= settings.shareMin && unknown.sum(at: now) * 100 > asked * settings.unknownPercent
    }

    /// Of ten thousand messages of a week.
    mutating func complaintShare(at now: Timestamp) -> Int {
        let all = delivered.sum(at: now)
        return all < 100 ? 0 : complaints.sum(at: now) * 10_000 / all
    }

    mutating func asked(isKnown: Bool, at now: Timestamp) {
        recipients.add(1, at: now)
        if !isKnown { unknown.add(1, at: now) }
    }

    mutating func took(_ settings: ReceiverDemands, at now: Timestamp) {
        turn(now)
        today += 1
        messages.add(1, at: now)
        delivered.add(1, at: now)
        if messages.sum(at: now) >= settings.bulkFrom { isBulk = true }
    }

    mutating func complained(_ count: Int, at now: Timestamp) { complaints.add(count, at: now) }

    mutating func messagesOfDay(at now: Timestamp) -> Int { messages.sum(at: now) }
}
