package import MailModel
package import OutboundPolicy

/// How one limit stands. Times are RFC 3339 in UTC, empty where there is none to tell.
package struct LimitView: Codable, Hashable, Sendable {
    package var name: String
    /// Whose use counts: `sender:a@example.org`, `connector:scanner`, `organisation`.
    package var holder: String
    /// Who set it: `policy:default`, `service`.
    package var source: String
    package var action: LimitAction
    package var failsOpen: Bool
    package var window: UsageWindow
    package var value: Int
    /// In the window that ends now.
    package var used: Int
    /// What the message would add; 0 where none is meant.
    package var wanted: Int
    /// Of the limit, the message included.
    package var percent: Int
    package var fits: Bool
    /// When there is room again; empty where there is room now, or never will be.
    package var freeAt: String
    /// The forecast: when the limit is reached at the pace of the last hour; empty where that is not within its window.
    package var reachedAt: String
    /// All of it in words.
    package var text: String

    init(_ standing: LimitStanding, day: OrganisationDay, at now: Timestamp) {
        let reading = standing.reading
        name = reading.limit.name.rawValue
        holder = standing.holder.name
        source = reading.limit.source
        action = reading.limit.action
        failsOpen = reading.limit.failsOpen
        window = reading.limit.name.window
        value = reading.limit.value
        (used, wanted) = (reading.used, reading.wanted)
        percent = reading.percent
        fits = standing.fits
        freeAt = reading.freeAt?.rfc3339 ?? ""
        reachedAt = standing.reachedAt?.rfc3339 ?? ""
        var parts = ["\(reading.text) (\(reading.percent) %)"]
        if reading.wanted > 0 { parts[0] = "\(reading.text), and this message would add \(reading.wanted) (\(reading.percent) %)" }
        if let free = reading.freeAt { parts.append("there is room again at \(day.text(free, from: now)) \(day.zoneName)") }
        if !standing.fits, reading.wanted > reading.limit.value { parts.append("it never fits") }
        if standing.fits, let reached = standing.reachedAt {
            parts.append("at this pace the limit is reached at \(day.text(reached, from: now)) \(day.zoneName)")
        }
        text = parts.joined(separator: "; ")
    }
}

/// How a sender, or the organisation, stands against its limits.
package struct SenderLimitsView: Codable, Hashable, Sendable {
    /// `a@example.org`, `connector:scanner`, `organisation`.
    package var subject: String
    /// Of traffic; empty for the organisation.
    package var trafficClass: String
    /// Empty where none is for it.
    package var policy: String
    /// What an administrator looks the restriction up by; empty where none is in force.
    package var restricted: String
    /// Until when; empty where it is not throttled.
    package var throttledUntil: String
    package var limits: [LimitView]
    /// Missing where none of its mail was judged.
    package var scans: ScanShareView?
}

/// What scans said of the mail of a sender, or of the organisation. Messages, but for the near-duplicates.
package struct ScanShareView: Codable, Hashable, Sendable {
    package var judgedPer24Hours: Int
    package var spamPer24Hours: Int
    package var spamPerHour: Int
    /// New recipients of near-duplicates.
    package var nearDuplicatesPerHour: Int
    /// Of the last ones: how many were judged, at most 20, and how many of them spam.
    package var lastJudged: Int
    package var lastSpam: Int

    /// Nil where nothing was judged.
    init?(_ usage: SenderUsage, at now: Timestamp) {
        guard usage.verdictCount > 0 else { return nil }
        let (day, hour) = (usage.used(.day, at: now), usage.used(.hour, at: now))
        (judgedPer24Hours, spamPer24Hours) = (day[.judged], day[.spam])
        (spamPerHour, nearDuplicatesPerHour) = (hour[.spam], hour[.nearDuplicates])
        (lastJudged, lastSpam) = (usage.verdictCount, usage.verdicts.nonzeroBitCount)
    }
}

/// A holder with the limit that it is nearest to.
package struct NearLimitView: Codable, Hashable, Sendable {
    package var subject: String
    package var policy: String
    package var limit: LimitView
}

/// What a dry run of the limits came to.
package struct PolicyTestView: Codable, Hashable, Sendable {
    package var sender: String
    /// Chooses the policy.
    package var from: String
    package var trafficClass: String
    /// Empty where none is for it.
    package var policy: String
    package var decision: LimitDecision
    /// When the message would go out; empty where it would not be taken.
    package var releaseAt: String
    /// What the client would be told; empty where the message would be taken.
    package var reply: String
    package var restricted: Bool
    package var throttled: Bool
    package var external: Int
    package var `internal`: Int
    package var firstTime: Int
    package var limits: [LimitView]
    package var findings: [Finding]
    /// What would be told to the people responsible.
    package var warnings: [String]
    /// The decision in words.
    package var text: String
}
