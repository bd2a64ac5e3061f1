package import MailModel
package import OutboundPolicy

/// A restriction as the command line and the HTTP interface show it. Times are RFC 3339 in UTC.
package struct RestrictionView: Codable, Hashable, Sendable {
    package struct ReleaseView: Codable, Hashable, Sendable {
        package var time: String
        package var actor: String
        package var reason: String
        package var checks: [String]
        /// Empty where nobody else agreed.
        package var approver: String
        /// What became of the mail that had not left: `keep`, `release` or `cancel`; empty where nobody wrote it down.
        package var mail: String
        /// Recipients of that mail.
        package var recipients: Int?
    }

    package struct LimitView: Codable, Hashable, Sendable {
        package var limit: String
        package var used: Int
        package var value: Int
        package var text: String
    }

    package struct EvidenceView: Codable, Hashable, Sendable {
        package var limits: [LimitView]
        package var subjects: [String]
        package var recipients: [String]
        package var addresses: [String]
        package var clientNames: [String]
        /// Of the 24 hours before.
        package var messages: Int
        package var firstTimeRecipients: Int
        package var nearDuplicates: Int
        package var judgedSpam: Int
        package var judged: Int
    }

    /// `sender:a@example.org`, `connector:scanner`, `organisation`.
    package var entity: String
    package var kind: String
    package var sender: String
    /// `restricted`, `released`, or `over` where it ended by itself.
    package var state: String
    package var since: String
    /// Empty until a person releases it.
    package var until: String
    package var reference: String
    /// `all` or `external`: which mail is stopped.
    package var stops: String
    package var rule: String
    package var reason: String
    package var evidence: EvidenceView
    package var releases: [ReleaseView]
    /// Who has agreed to the next release; empty for nobody.
    package var approvedBy: String
    /// Recipients of its mail that are held, at most 10,000; nil in lists.
    package var held: Int?
    /// Recipients of its mail that wait for another attempt, at most 10,000; nil in lists.
    package var waiting: Int?

    package init(_ restriction: Restriction, at now: Timestamp) {
        entity = restriction.entity.description
        kind = restriction.entity.kind
        sender = if case .sender(let name) = restriction.entity { name } else { "" }
        state = restriction.isInForce(at: now) ? "restricted" : restriction.releasedAt == nil ? "over" : "released"
        since = restriction.since.rfc3339
        until = restriction.until?.rfc3339 ?? ""
        reference = restriction.reference
        stops = restriction.isExternalOnly ? "external" : "all"
        rule = restriction.cause.rule
        reason = restriction.cause.explanation
        let seen = restriction.evidence
        evidence = EvidenceView(
            limits: seen.readings.map {
                LimitView(limit: $0.limit.name.rawValue, used: $0.used, value: $0.limit.value, text: $0.text)
            },
            subjects: seen.subjects, recipients: seen.recipients, addresses: seen.addresses, clientNames: seen.clientNames,
            messages: seen.messages, firstTimeRecipients: seen.firstTimeRecipients, nearDuplicates: seen.nearDuplicates,
            judgedSpam: seen.judgedSpam, judged: seen.judged)
        releases = restriction.releases.map {
            ReleaseView(
                time: $0.at.rfc3339, actor: $0.actor, reason: $0.reason, checks: $0.checks, approver: $0.approver ?? "",
                mail: $0.mail ?? "", recipients: $0.recipients)
        }
        approvedBy = restriction.approval?.actor ?? ""
    }
}

/// What came of a release.
package struct ReleaseOutcome: Codable, Hashable, Sendable {
    package var restriction: RestrictionView
    /// What was not looked at before, by the caller's own word.
    package var unchecked: [String]
    /// Recipients of mail that was released or cancelled with it, or that waited and is held now.
    package var mailAffected: Int
    /// Recipients of the sender's mail that is still held.
    package var mailHeld: Int
}

/// A throttled submitter.
package struct ThrottleView: Codable, Hashable, Sendable {
    package var principal: String
    /// `in force`, `ended` where a person ended it, or `over`.
    package var state: String
    package var cause: String
    /// `5.2.252`.
    package var code: String
    package var since: String
    package var until: String
    package var errors: Int
    package var windowMinutes: Int
    package var example: String
    package var remedy: String

    package init(_ throttle: SubmissionThrottle, at now: Timestamp) {
        principal = throttle.principal
        state = throttle.isInForce(at: now) ? "in force" : throttle.endedAt == nil ? "over" : "ended"
        cause = throttle.cause.rawValue
        code = throttle.cause.reply.code.description
        since = throttle.since.rfc3339
        until = throttle.until.rfc3339
        errors = throttle.count
        windowMinutes = Int(throttle.window.milliseconds / 60_000)
        example = throttle.example
        remedy = throttle.cause.remedy
    }
}
