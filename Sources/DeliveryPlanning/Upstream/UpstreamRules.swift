package import MailModel
package import OutboundPolicy

/// How long a route whose next host refuses our account is left alone.
package struct UpstreamWaits: Hashable, Sendable {
    /// Where a person has to mend something: sign-in, a restriction, a full mailbox.
    package var access = Duration.seconds(6 * 3600)
    /// Where a daily window of the provider's has to pass.
    package var window = Duration.seconds(86_400)
    /// After a probe that says nothing about the account: its recipient was refused, or the host could not be reached.
    package var unclear = Duration.seconds(900)
    /// How long a probe may take before another node may make one. Longer than all time-outs of a transaction together.
    package var probe = Duration.seconds(1800)
    /// After a reply that there are too many connections.
    package var slowPause = Duration.seconds(30)
    /// After how long one more connection is tried again.
    package var slowRecovery = Duration.seconds(300)
    /// The waits double up to this.
    package static let max = Duration.seconds(86_400)
    /// What is kept back is looked at again at least this often.
    package static let lookMax = Duration.seconds(1800)

    package init() {}

    func first(_ cause: UpstreamCause) -> Duration { cause.isWindow ? window : access }
}

/// What a failure says about the account or connector as which a route hands mail over.
struct UpstreamJudgement: Hashable, Sendable {
    var cause: UpstreamCause
    /// The rule of the table of replies; `upstream.sign-in` for a refused sign-in that no rule knows.
    var rule: String
    var meaning: String
    var advice: String
}

/// When a route stops, when it is probed, and what people are told.
package enum UpstreamRules {
    /// Nil for what concerns this message or its recipients only, for what another host is only quoted with, and for our own words.
    static func judgement(of failure: DeliveryFailure, host: String?) -> UpstreamJudgement? {
        guard !failure.isLocal else { return nil }
        let hint = host.flatMap { ReplyProvider.of(host: $0) }
        if let meaning = ReplyMeaning.of(failure.reply, hint: hint), let cause = meaning.upstream, !meaning.isQuoted {
            return UpstreamJudgement(cause: cause, rule: meaning.rule, meaning: meaning.meaning, advice: meaning.advice)
        }
        guard failure.stage == .auth, failure.isPermanent else { return nil }
        return UpstreamJudgement(
            cause: .signIn, rule: "upstream.sign-in", meaning: "The next host refuses to let this server sign in.",
            advice: "Check the user name and password of the route, and what the host's operator asks of a sign-in.")
    }

    static func stop(
        _ route: String, _ judgement: UpstreamJudgement, _ reply: SMTPReply, at now: Timestamp, _ waits: UpstreamWaits
    ) -> UpstreamStop {
        let wait = waits.first(judgement.cause)
        return UpstreamStop(
            route: route, cause: judgement.cause, since: now, reply: reply, finding: finding(route, judgement, since: now),
            advice: judgement.advice, probeAt: now + wait, nextWaitSeconds: doubled(wait.milliseconds / 1000))
    }

    /// The probe met the same, or another refusal of the account.
    static func probeFailed(
        _ stop: UpstreamStop, _ judgement: UpstreamJudgement, _ reply: SMTPReply, at now: Timestamp, _ waits: UpstreamWaits
    ) -> UpstreamStop {
        var failed = stop
        let isSame = judgement.cause == stop.cause
        let wait = isSame ? Duration.seconds(stop.nextWaitSeconds) : waits.first(judgement.cause)
        failed.cause = judgement.cause
        failed.reply = reply
        failed.finding = finding(stop.route, judgement, since: stop.since)
        failed.advice = judgement.advice
        failed.probeAt = now + wait
        failed.nextWaitSeconds = doubled(wait.milliseconds / 1000)
        failed.failedProbes += 1
        failed.probe = nil
        return failed
    }

    /// The probe said nothing about the account, or never left.
    static func probeUnclear(_ stop: UpstreamStop, probeAt: Timestamp) -> UpstreamStop {
        var unclear = stop
        unclear.probeAt = probeAt
        unclear.probe = nil
        return unclear
    }

    private static func doubled(_ seconds: Int64) -> Int64 { min(2 * seconds, UpstreamWaits.max.milliseconds / 1000) }

    /// When what is kept back is looked at again: with the probe, and at least now and then.
    static func look(_ stop: UpstreamStop, soonest: Duration, at now: Timestamp) -> Timestamp {
        min(max(stop.probeAt, now + soonest), now + UpstreamWaits.lookMax)
    }

    // MARK: - Words

    private static func finding(_ route: String, _ judgement: UpstreamJudgement, since: Timestamp) -> Finding {
        Finding(
            rule: "upstream.stopped", matched: "\(route): \(judgement.rule)",
            explanation: "Route \(route) stands still since \(since.rfc3339): \(judgement.meaning) Its mail waits.")
    }

    /// What a message is told that only met the stop. The same words as long as the cause is, so that they are told once.
    static func reply(_ stop: UpstreamStop) -> SMTPReply { SMTPReply(451, EnhancedStatusCode(4, 7, 0), stop.finding.explanation) }

    package static func condition(_ stop: UpstreamStop, at now: Timestamp) -> AlertCondition {
        let probes = stop.failedProbes == 0 ? "" : " \(stop.failedProbes) probes failed so far."
        return AlertCondition(
            .upstreamStopped, subject: "route:\(stop.route)", at: now,
            text: "\(stop.finding.explanation) The next host said: \(stop.reply).\(probes)",
            advice: "\(stop.advice) Then: postern routes probe \(stop.route). It is probed by itself at \(stop.probeAt.rfc3339).",
            findings: [stop.finding])
    }

    package static func conditionOver(_ stop: UpstreamStop, at now: Timestamp) -> AlertCondition {
        AlertCondition(
            .upstreamStopped, subject: "route:\(stop.route)", at: now,
            text: "Route \(stop.route) goes on: a message got through after it had stood still since \(stop.since.rfc3339).",
            findings: [stop.finding], isOver: true)
    }
}

/// What the queue asks to be written down about a route's next host.
package enum UpstreamOrder: Sendable {
    /// Keep the stop, where its object has the version `expecting` (0: where there is none), and tell of it. Answered by `upstreamStored`.
    case put(UpstreamStop, expecting: Int64, AlertCondition?)
    /// Take the right to probe, which is the object with this run's name in it, where nobody else has changed it since. Answered by
    /// `probeAnswered`.
    case askProbe(UpstreamStop)
    /// The flow goes on: remove the object, tell of it, and have what waits looked at. Answered by `upstreamStored`.
    case remove(UpstreamStop, AlertCondition)
}
