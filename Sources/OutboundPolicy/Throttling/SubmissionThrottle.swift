package import MailModel

/// Errors that a program repeats until a person mends something. (Exchange Online, continuous error throttling.)
package enum ContinuousError: String, Hashable, Sendable, Codable, CaseIterable {
    /// The sender's quota of octets is used up.
    case quota
    /// It sends as an address that it has no right to.
    case sendAs = "send-as"
    /// Its account has expired.
    case account
    /// More recipients in a message than it may have.
    case tooManyRecipients = "too-many-recipients"
    /// Recipients that do not exist in the organisation.
    case invalidRecipients = "invalid-recipients"

    /// The reply while the sender is throttled, with the wording that people search for.
    package var reply: (code: EnhancedStatusCode, text: String) {
        switch self {
        case .quota: (EnhancedStatusCode(5, 2, 251), "Sender throttled due to continuous mailbox full errors")
        case .sendAs: (EnhancedStatusCode(5, 2, 252), "Sender throttled due to continuous send as denied errors")
        case .account: (EnhancedStatusCode(5, 2, 253), "Sender throttled due to continuous invalid license errors")
        case .tooManyRecipients: (EnhancedStatusCode(5, 2, 254), "Sender throttled due to continuous too many recipients errors")
        case .invalidRecipients: (EnhancedStatusCode(5, 2, 255), "Sender throttled due to continuous invalid recipients errors")
        }
    }

    /// What a person has to mend.
    package var remedy: String {
        switch self {
        case .quota: "send less, or have the quota raised"
        case .sendAs: "let the program use an address that it may send as, or have the right granted"
        case .account: "have the account renewed"
        case .tooManyRecipients: "let the program send to fewer recipients at a time"
        case .invalidRecipients: "let the program stop writing to addresses that do not exist"
        }
    }
}

/// A submitter whose mail is refused for a while, since it keeps meeting the same error.
package struct SubmissionThrottle: Hashable, Sendable, Codable {
    /// `account:a@example.org`, `connector:scanner`.
    package var principal: String
    package var cause: ContinuousError
    package var since: Timestamp
    package var until: Timestamp
    /// Errors that led to it, within `window`.
    package var count: Int
    package var window: Duration
    /// The last of them.
    package var example: String
    /// Set where a person ended it early.
    package var endedAt: Timestamp?

    package init(
        principal: String, cause: ContinuousError, since: Timestamp, until: Timestamp, count: Int, window: Duration, example: String
    ) {
        self.principal = principal
        self.cause = cause
        self.since = since
        self.until = until
        self.count = count
        self.window = window
        self.example = example
    }

    package func isInForce(at now: Timestamp) -> Bool { endedAt == nil && now < until }

    package var reply: SMTPReply {
        let (code, text) = cause.reply
        return SMTPReply(
            550, code,
            [
                "\(text).",
                "All mail of \(principal) is refused until \(until.rfc3339): \(cause.remedy), or ask your administrator to end it early",
            ])
    }

    package var finding: Finding {
        Finding(
            rule: "throttle.\(cause.rawValue)", matched: "\(count) errors in \(window.milliseconds / 60_000) minutes",
            explanation: "\(principal) is throttled from \(since.rfc3339) until \(until.rfc3339), since it kept meeting the same error: "
                + example)
    }
}

/// An error of a submitter, to be counted with those that other nodes met.
package struct ErrorReport: Hashable, Sendable {
    package var principal: String
    package var cause: ContinuousError
    package var example: String
    /// When the submitter was throttled last; nil for never. Errors before that count no more.
    package var since: Timestamp?
    package var window: Duration

    package init(principal: String, cause: ContinuousError, example: String, since: Timestamp?, window: Duration) {
        self.principal = principal
        self.cause = cause
        self.example = example
        self.since = since
        self.window = window
    }

    /// The same on every node.
    package var counterName: String { "error/\(cause.rawValue)/\(principal)/\(since?.milliseconds ?? 0)" }
}

/// Counts errors of submitters, in memory: a window each, bounded in number.
package struct ErrorWatch: Sendable {
    package struct Limits: Hashable, Sendable {
        /// Errors of one kind within `window` that throttle a submitter; 0 for never.
        package var errorsMax = 20
        package var window = Duration.seconds(3600)
        /// How long a throttle lasts.
        package var period = Duration.seconds(3600)
        /// Submitters that are watched at a time; past it the one whose last error is oldest is forgotten.
        package var submittersMax = 10_000

        package init() {}
    }

    private struct Key: Hashable {
        var principal: String
        var cause: ContinuousError
    }

    package var limits: Limits
    /// When the errors of the window came, oldest first, at most `errorsMax`.
    private var times: [Key: [Timestamp]] = [:]

    package init(limits: Limits = Limits()) { self.limits = limits }

    /// The throttle that this error brings about; nil where it is not the one too many.
    package mutating func erred(
        _ cause: ContinuousError, principal: String, example: String, at now: Timestamp
    ) -> SubmissionThrottle? {
        guard limits.errorsMax > 0 else { return nil }
        let key = Key(principal: principal, cause: cause)
        var recent = (times[key] ?? []).drop { $0 <= now - limits.window }
        recent.append(now)
        guard recent.count >= limits.errorsMax else {
            times[key] = Array(recent)
            forgetOldest()
            return nil
        }
        return throttle(cause, principal: principal, count: recent.count, example: example, at: now)
    }

    /// All nodes together have met so many. Nil where that is not too many.
    package mutating func counted(_ count: Int, _ report: ErrorReport, at now: Timestamp) -> SubmissionThrottle? {
        guard limits.errorsMax > 0, count >= limits.errorsMax else { return nil }
        return throttle(report.cause, principal: report.principal, count: count, example: report.example, at: now)
    }

    private mutating func throttle(
        _ cause: ContinuousError, principal: String, count: Int, example: String, at now: Timestamp
    ) -> SubmissionThrottle {
        times[Key(principal: principal, cause: cause)] = nil
        return SubmissionThrottle(
            principal: principal, cause: cause, since: now, until: now + limits.period, count: count, window: limits.window,
            example: example)
    }

    private mutating func forgetOldest() {
        guard times.count > limits.submittersMax,
            let oldest = times.min(by: { ($0.value.last?.milliseconds ?? 0) < ($1.value.last?.milliseconds ?? 0) })
        else { return }
        times[oldest.key] = nil
    }
}
