package import MailModel

/// One alert: an incident from its first condition to its end, however often it is reported, by whichever node.
///
/// A value; the store runs its methods on the row within the commit that keeps what comes of them.
package struct Incident: Hashable, Sendable, Codable {
    package enum State: String, Hashable, Sendable, Codable, CaseIterable {
        case new
        /// Somebody works on it: no more notices, unless it gets worse.
        case acknowledged
        case resolved
    }

    package enum Ending: String, Hashable, Sendable, Codable {
        case person
        /// A condition said so.
        case over
        /// Nothing was heard of it any more.
        case quiet
    }

    package let id: String
    package let kind: AlertKind
    package let subject: String
    package let tenant: TenantID
    package private(set) var severity: AlertSeverity
    package private(set) var state = State.new
    package private(set) var firstAt: Timestamp
    package private(set) var lastAt: Timestamp
    package private(set) var hits: Int
    /// The highest so far.
    package private(set) var stage: Int
    package private(set) var text: String
    package private(set) var advice: String
    package private(set) var findings: [Finding]
    /// Notices so far, one that is still to go out among them.
    package private(set) var noticeCount = 0
    /// When the last notice was, or is, due; nil before the first.
    package private(set) var noticeAt: Timestamp?
    /// Notices that the day's limit did not allow.
    package private(set) var withheld = 0
    package private(set) var endedAt: Timestamp?
    package private(set) var ending: Ending?
    /// Who acknowledged or resolved it last, when and why; empty for nobody.
    package private(set) var actor = ""
    package private(set) var reason = ""
    package private(set) var actedAt: Timestamp?
}

/// A notice that an incident calls for.
package enum NoticeOrder: Hashable, Sendable {
    /// To everyone whom the policy names. `number`: from 1, among the incident's. What it says is what is so when it goes out.
    case people(number: Int, dueAt: Timestamp)
    case sender(AlertReport.StagedWord)
}

extension Incident {
    /// Nil where the report is of the end of something that nobody knows of, or of what began and ended at once.
    package init?(_ report: AlertReport, id: String) {
        guard report.hits > 0 else { return nil }
        self.id = id
        kind = report.key.kind
        subject = report.key.subject
        tenant = report.key.tenant
        severity = .low
        firstAt = report.firstAt
        lastAt = report.lastAt
        hits = 0
        stage = 0
        text = report.text
        advice = report.advice
        findings = report.findings
    }

    /// Whether a report belongs to this incident rather than to a new one: while it is open, and for a while after it ended by itself, so
    /// that what comes and goes is one alert.
    package func takes(_ report: AlertReport, policy: AlertPolicy, at now: Timestamp) -> Bool {
        guard state == .resolved else { return true }
        guard ending != .person, report.hits > 0, let endedAt else { return false }
        return now - endedAt < max(policy.window, policy.quiet ?? .zero)
    }

    /// `noticesToday`: of all incidents of the kind, in this UTC day.
    package mutating func reported(
        _ report: AlertReport, policy: AlertPolicy, noticesToday: Int, at now: Timestamp
    ) -> [NoticeOrder] {
        severity = policy.severity
        let wasResolved = state == .resolved
        let isWorse = report.stage > stage
        if report.hits > 0 { take(report) }
        var orders: [NoticeOrder] = policy.tellsSender ? report.senderWords.map(NoticeOrder.sender) : []
        if report.isOver {
            if !wasResolved { orders += ended(.over, policy: policy, noticesToday: noticesToday, at: now) }
            return orders
        }
        if wasResolved {
            (state, endedAt, ending) = (.new, nil, nil)
            orders += tell(at: noticeAt.map { max(now, $0 + policy.window) } ?? now, policy, noticesToday, now)
        } else if let last = noticeAt {
            if isWorse {
                orders += tell(at: max(now, last + policy.window), policy, noticesToday, now)
            } else if state == .new, now >= last + step(policy) {
                orders += tell(at: now, policy, noticesToday, now)
            }
        } else {
            orders += tell(at: now, policy, noticesToday, now)
        }
        return orders
    }

    private mutating func take(_ report: AlertReport) {
        firstAt = min(firstAt, report.firstAt)
        lastAt = max(lastAt, report.lastAt)
        let (sum, overflow) = hits.addingReportingOverflow(report.hits)
        hits = overflow ? .max : sum
        stage = max(stage, report.stage)
        text = report.text
        advice = report.advice
        findings = report.findings
    }

    /// Those who were told that it began are told that it is over.
    private mutating func ended(_ ending: Ending, policy: AlertPolicy, noticesToday: Int, at now: Timestamp) -> [NoticeOrder] {
        (state, endedAt, self.ending) = (.resolved, now, ending)
        guard ending == .over, let last = noticeAt else { return [] }
        return tell(at: max(now, last + policy.window), policy, noticesToday, now)
    }

    /// Between a notice and the next one that says no more than that it goes on: four times longer each, up to a day.
    private func step(_ policy: AlertPolicy) -> Duration {
        min(policy.window * (1 << (2 * min(max(noticeCount, 1) - 1, 10))), .seconds(86_400))
    }

    /// One that still waits to go out says it all.
    private mutating func tell(at dueAt: Timestamp, _ policy: AlertPolicy, _ noticesToday: Int, _ now: Timestamp) -> [NoticeOrder] {
        if let noticeAt, noticeAt > now { return [] }
        noticeAt = dueAt
        guard noticesToday < policy.noticesPerDayMax ?? .max else {
            withheld += 1
            return []
        }
        noticeCount += 1
        return [.people(number: noticeCount, dueAt: dueAt)]
    }

    // MARK: - People and time

    /// False where it is resolved.
    package mutating func acknowledged(by actor: String, reason: String, at now: Timestamp) -> Bool {
        guard state != .resolved else { return false }
        state = .acknowledged
        (self.actor, self.reason, actedAt) = (actor, reason, now)
        return true
    }

    /// False where it is resolved already.
    package mutating func resolved(by actor: String, reason: String, at now: Timestamp) -> Bool {
        guard state != .resolved else { return false }
        (state, endedAt, ending) = (.resolved, now, .person)
        (self.actor, self.reason, actedAt) = (actor, reason, now)
        return true
    }

    /// True where it is over since nothing was heard of it.
    package mutating func timePassed(_ policy: AlertPolicy, at now: Timestamp) -> Bool {
        guard state != .resolved, let quiet = policy.quiet, now - lastAt >= quiet else { return false }
        (state, endedAt, ending) = (.resolved, now, .quiet)
        return true
    }
}
