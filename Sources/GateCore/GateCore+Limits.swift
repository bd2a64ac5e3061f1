import DeliveryPlanning
import InternetMessage
package import MailModel
package import OutboundPolicy

// How much a sender may send.
extension GateCore {
    package static let unknownRecipientRule = "recipient.unknown"

    /// RCPT TO.
    package mutating func recipientGiven(_ recipient: EnvelopeRecipient, session: SessionFacts, at now: Timestamp) -> Verdict {
        guard let submitter = session.principal.flatMap({ submitter($0) }) else { return .accept([]) }
        // One member who is nobody any more is not to stop a group's mail to all others: that ends where it is delivered.
        if case .group = submitter.principal { return .accept([]) }
        let domain = directory.acceptedDomain(of: recipient.address)
        if let refusal = refusal(of: submitter, sender: knownSender(submitter), isExternal: domain == nil, at: now) { return refusal }
        if let refusal = suppressionRefusal(recipient.address, submitter) { return refusal }
        guard let domain, domain.recipientCheck == .directory, !directory.isKnown(recipient.address) else { return .accept([]) }
        let text = "\(recipient.address) does not exist in \(domain.name)"
        erred(.invalidRecipients, submitter, example: text, at: now)
        return .refuse(
            550, EnhancedStatusCode(5, 1, 10), "Recipient not found: \(text)", rule: GateCore.unknownRecipientRule,
            matched: recipient.address.key)
    }

    /// Holds the message against restrictions and limits, and takes it where it may come in.
    mutating func counted(_ arrival: Arrival, firstTime: Int, at now: Timestamp) -> ContentDecision {
        let submitter = arrival.submitter
        // Counted as its author's when it came to the group.
        if case .group = submitter.principal { return .accept(acceptance(of: arrival, at: now)) }
        // Where nothing is limited and nobody stopped, nothing is looked at.
        guard policies.isCounting || !restrictions.isEmpty || !throttles.isEmpty else {
            return .accept(acceptance(of: arrival, at: now))
        }
        var arrival = arrival
        let message = countedMessage(arrival, at: now)
        if let refusal = refusal(of: message, submitter, arrival.facts, at: now) {
            noteErrors(of: refusal, submitter, at: now)
            return ContentDecision(refusal)
        }
        arrival.claims = claims(for: message, firstTime: firstTime, at: now)
        switch forecast(arrival.claims, at: now) {
        case .fits(let releaseAt): arrival.releaseAt = releaseAt
        case .exceeds(let claim, let reading):
            let verdict = overLimit(reading, of: claim, message, submitter, samples: arrival, at: now)
            guard case .accept(let findings) = verdict else { return ContentDecision(verdict) }
            arrival.isHeld = true
            arrival.findings += findings
            for index in arrival.claims.indices { arrival.claims[index].limits.removeAll { $0.action == .hold } }
        }
        return .accept(acceptance(of: arrival, at: now))
    }

    private func countedMessage(_ arrival: Arrival, at now: Timestamp) -> CountedMessage {
        var external: [EmailAddress] = []
        var internalCount = 0
        for address in arrival.people {
            if directory.acceptedDomain(of: address) == nil {
                external.append(address)
            } else {
                internalCount += 1
            }
        }
        let released = restrictions.isEmpty ? nil : restrictions[RestrictedEntity(senderNamed: arrival.sender)]
        return CountedMessage(
            sender: arrival.sender, tenant: arrival.submitter.tenant, principal: arrival.submitter.principal,
            trafficClass: arrival.submitter.trafficClass, from: arrival.facts.from.first, external: external, internalCount: internalCount,
            octets: arrival.bytes, isVolumeExempt: released?.exemptsVolume(at: now) ?? false, verdict: arrival.verdict)
    }

    /// The sender where it is known before the content: not for connectors that say it in the message.
    func knownSender(_ submitter: Submitter) -> String? {
        guard case .connector(let name) = submitter.principal else { return submitter.name }
        return submitter.senderIdentity == .connector ? "connector:\(name)" : nil
    }

    /// What stands against a message whose sender and recipients are known, before anything is counted.
    func refusal(of message: CountedMessage, _ submitter: Submitter, _ facts: MessageFacts, at now: Timestamp) -> Verdict? {
        refusal(of: submitter, sender: message.sender, isExternal: !message.external.isEmpty, at: now)
            ?? forwardingRefusal(message, facts) ?? policies.recipientsRefusal(message)
    }

    private func forwardingRefusal(_ message: CountedMessage, _ facts: MessageFacts) -> Verdict? {
        guard facts.isForwarded, !message.external.isEmpty, let policy = policies.policy(for: message.from), policy.forwarding != .on else {
            return nil
        }
        return .refuse(
            550, EnhancedStatusCode(5, 7, 520),
            "Access denied, Your organization does not allow external forwarding. Please contact your administrator for further assistance.",
            rule: "forwarding.external", matched: "policy:\(policy.name)")
    }

    /// What the message wants of the limits. `firstTime`: how many of its recipients the store has found to be new; 0 where it was not asked.
    func claims(for message: CountedMessage, firstTime: Int, at now: Timestamp) -> [UsageClaim] {
        var claims = policies.claims(for: message, at: now)
        for index in claims.indices where !claims[index].recipients.isEmpty {
            let known = usages[claims[index].holder].known
            claims[index].recipients.removeAll(where: known.contains)
            claims[index].firstTimeFound = firstTime
        }
        return claims
    }

    /// What the store will say of claims, by what is remembered. It has the last word.
    private enum Forecast {
        /// Nil: at once.
        case fits(releaseAt: Timestamp?)
        /// The first claim that does not fit.
        case exceeds(UsageClaim, LimitReading)
    }

    private func forecast(_ claims: [UsageClaim], at now: Timestamp) -> Forecast {
        var releaseAt: Timestamp?
        for claim in claims {
            var usage = usages[claim.holder].usage
            var tried = claim
            tried.amounts[.firstTime] = claim.firstTimeFound
            if usage.hasRoom(for: tried, at: now) { continue }
            switch usage.claim(tried, at: now) {
            case .exceeded(let reading): return .exceeds(claim, reading)
            case .granted(let time, _, _): releaseAt = max(releaseAt ?? time, time)
            }
        }
        return .fits(releaseAt: releaseAt)
    }

    /// What is done about a message that is over a limit: held, or refused, and what becomes of its sender.
    mutating func overLimit(
        _ reading: LimitReading, of claim: UsageClaim, _ message: CountedMessage, _ submitter: Submitter, samples: Arrival,
        at now: Timestamp
    ) -> Verdict {
        let finding = reading.finding(message.sender)
        let isOrganisation = claim.holder == .organisation
        switch reading.limit.action {
        case .hold: return .accept([finding])
        case .restrict, .restrictToday:
            let until = reading.limit.action == .restrictToday ? policies.day.nextMidnight(after: now) : nil
            var evidence = self.evidence(of: usages[claim.holder].usage, claim.limits, at: now)
            evidence.note(samples)
            let restriction = restrict(
                RestrictedEntity(claim.holder), tenant: message.tenant, until: until, cause: finding, evidence: evidence, at: now)
            return .refuse(restriction.reply, [restriction.finding, finding])
        case .alert, .slow, .defer, .refuse:
            if reading.limit.name == .mebibytesPer24Hours { erred(.quota, submitter, example: finding.explanation, at: now) }
            order(
                .alert(
                    AlertCondition(
                        isOrganisation ? .organisationLimitReached : .limitExceeded, subject: claim.holder.name, tenant: message.tenant,
                        at: now,
                        text: finding.explanation, advice: "postern limits show \(message.sender)", findings: [finding])))
            return .refuse(reading.reply(message.sender), [finding])
        }
    }

    /// As far as it is remembered here.
    package func usage(of holder: UsageHolder) -> SenderUsage { usages[holder].usage }

    /// The store has kept a message, or found it over a limit: what its holders have used by now.
    package mutating func usageLearned(_ answer: ClaimAnswer, at now: Timestamp) {
        for holding in answer.holdings {
            usages.learned(holding.usage, of: holding.holder, known: holding.known)
            for warning in holding.warnings { order(.alert(condition(warning, holding.holder, at: now))) }
            if let usage = holding.usage, usage.verdictCount > 0 { detectSpam(holding.holder, usage, at: now) }
        }
    }

    /// The second detector: by what was judged spam, whatever the volume.
    private mutating func detectSpam(_ holder: UsageHolder, _ usage: SenderUsage, at now: Timestamp) {
        let entity = RestrictedEntity(holder)
        guard let detection = policies.service?.detection, restrictions[entity]?.isInForce(at: now) != true else { return }
        let isOrganisation = holder == .organisation
        func finding(_ detection: SpamDetection) -> Finding? {
            isOrganisation ? detection.organisationFinding(usage, at: now) : detection.finding(usage, at: now)
        }
        if let cause = finding(detection) {
            _ = restrict(entity, tenant: holder.tenant, until: nil, cause: cause, evidence: evidence(of: usage, [], at: now), at: now)
        } else if let early = finding(detection.early) {
            order(
                .alert(
                    AlertCondition(
                        isOrganisation ? .suspiciousOrganisation : .suspiciousSender, subject: holder.name, tenant: holder.tenant, at: now,
                        text: "\(holder) nears a restriction: \(early.explanation)", advice: "postern trace --sender \(holder.name)",
                        findings: [early])))
        }
    }

    private func evidence(of usage: SenderUsage, _ limits: [Limit], at now: Timestamp) -> RestrictionEvidence {
        var evidence = RestrictionEvidence()
        evidence.readings = usage.readings(limits, at: now)
        let day = usage.used(.day, at: now)
        (evidence.messages, evidence.firstTimeRecipients) = (day[.messages], day[.firstTime])
        (evidence.nearDuplicates, evidence.judgedSpam, evidence.judged) = (day[.nearDuplicates], day[.spam], day[.judged])
        return evidence
    }

    private func condition(_ warning: LimitWarning, _ holder: UsageHolder, at now: Timestamp) -> AlertCondition {
        let isOrganisation = holder == .organisation
        let name = holder.name.hasPrefix("sender:") ? String(holder.name.dropFirst(7)) : holder.name
        let kind: AlertKind =
            warning.percent == 100
            ? (isOrganisation ? .organisationLimitReached : .limitExceeded) : (isOrganisation ? .organisationLimitNear : .limitNear)
        return AlertCondition(
            kind, subject: holder.name, tenant: holder.tenant, at: now, text: warning.text(name, day: policies.day, at: now),
            advice: isOrganisation ? "postern limits show organisation" : "postern limits show \(name)",
            findings: [
                Finding(
                    rule: "limit.\(warning.reading.limit.name.rawValue)",
                    matched: "\(warning.reading.used + warning.reading.wanted)/\(warning.reading.limit.value)",
                    explanation: "\(warning.percent) % of the limit were passed.")
            ], stage: warning.percent, senderWord: senderWord(warning, name, at: now))
    }

    /// The sender itself is told as well, once for each stage of a limit in each window. A limit of minutes only slows it down.
    private func senderWord(_ warning: LimitWarning, _ name: String, at now: Timestamp) -> SenderWord? {
        let limit = warning.reading.limit.name
        guard limit.window.seconds >= 3600, warning.percent < 100, let address = EmailAddress(name) else { return nil }
        return SenderWord(
            to: address, occasion: "\(limit.rawValue)/\(now.seconds / limit.window.seconds)",
            text: "\(warning.text(name, day: policies.day, at: now))\n\nIf you have to send more than that, ask for it in Postern's "
                + "console, under Requests; or who looks after your mail does so: postern requests add \(name) --limit \(limit.rawValue)")
    }
}

extension RestrictionEvidence {
    /// The message that broke the rule.
    fileprivate mutating func note(_ arrival: GateCore.Arrival) {
        subjects = [arrival.facts.subject]
        recipients = arrival.envelope.recipients.prefix(RestrictionEvidence.samplesMax).map(\.address.key)
        addresses = arrival.session.address.map { [$0.description] } ?? []
        clientNames = [arrival.session.helloName]
    }
}
