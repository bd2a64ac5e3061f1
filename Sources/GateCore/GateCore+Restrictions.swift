import DeliveryPlanning
import InternetMessage
package import MailModel
package import OutboundPolicy

// Who may not send at this moment: restricted and throttled submitters.
extension GateCore {
    /// More are never waited for: whoever carries them out takes them after each question.
    private static let actsMax = 1000

    /// What has to be carried out since the last call.
    package mutating func takeActs() -> [PolicyAct] {
        guard !acts.isEmpty else { return [] }
        defer { acts = [] }
        return acts
    }

    mutating func order(_ act: PolicyAct) {
        if acts.count < GateCore.actsMax { acts.append(act) }
    }

    /// The refusal of whoever is restricted or throttled; nil where nothing stands against it.
    func refusal(of submitter: Submitter, sender: String?, isExternal: Bool, at now: Timestamp) -> Verdict? {
        if !throttles.isEmpty, let throttle = throttles[submitter.principal.description], throttle.isInForce(at: now) {
            return .refuse(throttle.reply, [throttle.finding])
        }
        if let restriction = restrictions.inForce(for: sender, submitter.principal, isExternal: isExternal, at: now) {
            return .refuse(restriction.reply, [restriction.finding])
        }
        return nil
    }

    /// What is in force: as the directory has it, and what this node has decided since.
    mutating func policiesChanged(at now: Timestamp) {
        policies = PolicyTable(directory, zone: settings.zone)
        // What was decided here stays until the directory has it, or something newer.
        restrictions = directory.restrictions.merging(restrictions) { kept, own in kept.since < own.since ? own : kept }
        throttles = directory.throttles.merging(throttles) { kept, own in kept.since < own.since ? own : kept }
        tellQueue(at: now)
    }

    /// Nothing of a restricted sender begins (promise 6).
    mutating func tellQueue(at now: Timestamp) {
        var stopped: [RestrictedEntity: Bool] = [:]
        for (entity, restriction) in restrictions where restriction.isInForce(at: now) { stopped[entity] = restriction.isExternalOnly }
        queue.restricted = stopped
    }

    /// Restricts `entity` for the finding. What it has sent in this session is already refused by the caller.
    mutating func restrict(
        _ entity: RestrictedEntity, tenant: TenantID, until: Timestamp?, cause: Finding, evidence: RestrictionEvidence, at now: Timestamp
    ) -> Restriction {
        let releases = restrictions[entity]?.releases ?? []
        let restriction = Restriction(
            entity: entity, tenant: tenant, since: now, until: until, isExternalOnly: !(policies.service?.restrictsInternal ?? true),
            reference: "R\(identifiers.next(at: now))", cause: cause, evidence: evidence, releases: releases)
        restrictions[entity] = restriction
        tellQueue(at: now)
        order(.restrict(restriction))
        order(.alert(restriction.condition))
        return restriction
    }

    /// A submitter met an error that only a person can mend.
    mutating func erred(_ cause: ContinuousError, _ submitter: Submitter, example: String, at now: Timestamp) {
        let principal = submitter.principal.description
        guard throttles[principal]?.isInForce(at: now) != true else { return }
        if let throttle = errors.erred(cause, principal: principal, example: example, at: now) { return begin(throttle) }
        guard settings.isShared, errors.limits.errorsMax > 0 else { return }
        let since = throttles[principal]?.since
        order(.count(ErrorReport(principal: principal, cause: cause, example: example, since: since, window: errors.limits.window)))
    }

    /// All nodes together have met so many of them.
    package mutating func errorsCounted(_ count: Int, _ report: ErrorReport, at now: Timestamp) {
        // Throttled since, here or by another node: what was counted is over.
        guard throttles[report.principal]?.since == report.since else { return }
        if let throttle = errors.counted(count, report, at: now) { begin(throttle) }
    }

    private mutating func begin(_ throttle: SubmissionThrottle) {
        throttles[throttle.principal] = throttle
        order(.throttle(throttle))
        order(.alert(throttle.condition))
    }
}

extension Restriction {
    package var condition: AlertCondition {
        let kind: AlertKind =
            switch entity {
            case .sender: .senderRestricted
            case .connector: .connectorRestricted
            case .organisation: .organisationRestricted
            }
        return AlertCondition(
            kind, subject: entity.description, tenant: tenant, at: since,
            text: "\(entity) may not send any more (\(reference)): \(cause.explanation)",
            advice: "Find out whether the password was stolen; change it, look at rules and app passwords, mend the cause, then release: "
                + "postern restricted show \(entity)",
            findings: [cause])
    }
}

extension SubmissionThrottle {
    package var condition: AlertCondition {
        AlertCondition(
            .continuousErrors, subject: principal, at: since,
            text:
                "\(principal) met the same error \(count) times and is throttled until \(until.rfc3339); its good mail is refused as well. "
                + "The last error: \(example)",
            advice: "The program has to be corrected: \(cause.remedy). Then end the throttle: postern throttles end \(principal)",
            findings: [finding])
    }
}
