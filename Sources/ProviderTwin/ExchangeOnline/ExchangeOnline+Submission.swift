package import MailModel

extension ExchangeOnline {
    /// A message on its way through the gates.
    struct Passage {
        /// The mailbox or connector that it counts for.
        var sender: EmailAddress
        var from: EmailAddress
        var submission: ExchangeSubmission
        var external: Int
        var `internal`: Int
    }

    /// The end of the data: gates 2 to 9.
    package mutating func submitted(_ submission: ExchangeSubmission, session: ExchangeSession, at now: Timestamp) -> ExchangeDecision {
        guard let address = owners[session], let mailbox = mailbox(address) else {
            guard let connector = relays[session] else {
                return .refused(marked(530, 7, 57, ExchangeReplies.notAuthenticated, at: now))
            }
            return relayed(submission, connector, at: now)
        }
        if let refusal = flow(address, session, at: now) { return refused(refusal, address) }
        if let (error, reply) = rules(mailbox, submission) {
            failed(error, address, at: now)
            return refused(reply, address)
        }
        let passage = passage(submission, of: address)
        if let late = limits(passage, at: now) {
            guard settings.refusalsAsReports != 0 else { return refused(late.reply, address) }
            return returned(passage, late.report, at: now)
        }
        return taken(passage, at: now)
    }

    func passage(_ submission: ExchangeSubmission, of sender: EmailAddress) -> Passage {
        let external = submission.recipients.count { !tenant.isInternal($0) }
        return Passage(
            sender: sender, from: submission.facts.from ?? submission.reversePath.address ?? sender, submission: submission,
            external: external, internal: submission.recipients.count - external)
    }

    mutating func refused(_ reply: SMTPReply, _ address: EmailAddress) -> ExchangeDecision {
        remember(address) { $0.refused += 1 }
        return .refused(reply)
    }

    mutating func failed(_ error: ExchangeError, _ address: EmailAddress, at now: Timestamp) {
        let settings = settings
        _ = remember(address) { $0.errors.occurred(error, settings: settings, at: now) }
    }

    /// Gate 2.
    private mutating func flow(_ address: EmailAddress, _ session: ExchangeSession, at now: Timestamp) -> SMTPReply? {
        let connections = settings.connections
        return remember(address) { memory in
            guard memory.sessions.prefix(connections).contains(session) else {
                return ExchangeReplies.concurrency(host: ExchangeOnline.host)
            }
            return memory.errors.current(at: now).map { ExchangeReplies.throttled($0.error) }
        }
    }

    /// The rules of gate 1 whose repetition throttles.
    private func rules(_ mailbox: ExchangeMailbox, _ submission: ExchangeSubmission) -> (ExchangeError, SMTPReply)? {
        let host = ExchangeOnline.host
        if !mailbox.isLicensed { return (.invalidLicence, ExchangeReplies.invalidLicence(host: host)) }
        if mailbox.isFull { return (.mailboxFull, ExchangeReplies.mailboxFull(host: host)) }
        let most = mailbox.recipientsPerMessage ?? settings.recipientsPerMessage
        if submission.recipients.count > most { return (.tooManyRecipients, ExchangeReplies.tooManyRecipients(limit: most, host: host)) }
        if submission.recipients.contains(where: { $0.domain?.parent == nil }) {
            return (.invalidRecipients, ExchangeReplies.invalidRecipients(host: host))
        }
        for sender in [submission.facts.from, submission.reversePath.address] {
            guard let sender, !mailbox.maySend(as: sender) else { continue }
            return (.sendAsDenied, ExchangeReplies.sendAsDenied(mailbox.address, as: "\(sender)", host: host))
        }
        return nil
    }

    /// A refusal of the gates after the mailbox's own: what the dialogue says, and what a report would.
    private struct Late {
        var reply: SMTPReply
        var report: SMTPReply

        init(_ reply: SMTPReply, report: SMTPReply? = nil) {
            self.reply = reply
            self.report = report ?? reply
        }
    }

    /// Gates 3 to 7.
    private mutating func limits(_ passage: Passage, at now: Timestamp) -> Late? {
        let address = passage.sender
        if let restriction = remember(address, { $0.restriction(at: now) }) { return Late(ExchangeReplies.restricted(restriction.number)) }
        let ofDay = remember(address) { $0.recipients.sum(at: now) }
        if ofDay + passage.external + passage.internal > settings.recipientsPerDay {
            alert("Email sending limit exceeded", "Medium", "\(address)", at: now)
            return Late(ExchangeReplies.recipientRate, report: ExchangeReplies.recipientRateReport)
        }
        if let number = policy(passage, at: now) { return Late(ExchangeReplies.restricted(number)) }
        return (tenantLimits(passage, at: now) ?? tenantRules(passage)).map { Late($0) }
    }

    /// Gate 7.
    func tenantRules(_ passage: Passage) -> SMTPReply? {
        let facts = passage.submission.facts
        if facts.isForwarded, passage.external > 0, !tenant.policy(for: passage.from).allowsForwarding { return ExchangeReplies.forwarding }
        if passage.submission.recipients.contains(where: tenant.blockedRecipients.contains) { return ExchangeReplies.blockedRecipient }
        let subject = facts.subject.lowercased()
        return tenant.refusedWords.contains { subject.contains($0.lowercased()) } ? ExchangeReplies.ruleRefused : nil
    }

    /// Gate 6.
    mutating func tenantLimits(_ passage: Passage, at now: Timestamp) -> SMTPReply? {
        if isTenantBanned { return ExchangeReplies.tenantBanned }
        guard passage.external > 0 else { return nil }
        if settings.addressRefused != 0 { return ExchangeReplies.addressRefused }
        if ExchangeOnline.isOnmicrosoft(passage.from),
            onmicrosoftExternal.sum(at: now) + passage.external > settings.onmicrosoftExternalPerDay
        {
            return ExchangeReplies.onmicrosoftRate
        }
        guard tenantExternal.sum(at: now) + passage.external > settings.tenantQuota else { return nil }
        alert("Email sending limit exceeded", "Medium", "tenant", at: now)
        return settings.trial != 0 ? ExchangeReplies.trialRate : ExchangeReplies.tenantRate
    }

    static func isOnmicrosoft(_ address: EmailAddress) -> Bool { address.domain?.text.hasSuffix(".onmicrosoft.com") ?? false }

    // MARK: - Gates 8 to 10

    /// Counted once for a message that no limit stopped.
    mutating func taken(_ passage: Passage, at now: Timestamp) -> ExchangeDecision {
        let address = passage.sender
        remember(address) { $0.count(external: passage.external, internal: passage.internal, at: now) }
        tenantExternal.add(passage.external, at: now)
        if ExchangeOnline.isOnmicrosoft(passage.from) { onmicrosoftExternal.add(passage.external, at: now) }
        let isSpam = verdict(passage, at: now)
        if isSpam, settings.spamReturned != 0 { return returned(passage, ExchangeReplies.spamReturned, at: now) }
        let isRelayed = !(passage.submission.reversePath.address.map(tenant.isInternal) ?? true)
        let isWithoutDNS = passage.from.domain.map(tenant.domainsWithoutDNS.contains) ?? true
        let pool: ExchangePool = isSpam || isWithoutDNS ? .highRisk : isRelayed ? .relay : .normal
        var handover = handover(passage, pool: pool, at: now)
        for recipient in passage.submission.recipients {
            let isKnown = !tenant.isInternal(recipient) || mailbox(recipient) != nil
            if isKnown {
                handover.recipients.append(recipient)
            } else {
                handover.reports.append(report(handover, passage, recipient, ExchangeReplies.unknownRecipient(recipient), at: now))
            }
            let status = !isKnown ? "Failed" : isSpam ? "FilteredAsSpam" : "Delivered"
            trace.append(
                ExchangeTraceRow(
                    receivedAt: now, id: handover.id, sender: passage.from, recipient: recipient, status: status, pool: pool))
        }
        return .accepted(ExchangeReplies.accepted(id: handover.id, host: ExchangeOnline.host), handover)
    }

    private mutating func handover(_ passage: Passage, pool: ExchangePool, at now: Timestamp) -> ExchangeHandover {
        let address = passage.sender
        let rate = isConnector(address) ? 0 : settings.messagesPerMinute
        let leaves = remember(address) { memory in
            memory.accepted += 1
            return memory.departure(rate: rate, at: now)
        }
        return ExchangeHandover(
            id: String(nextNumber(), radix: 16), mailbox: address, from: passage.from, subject: passage.submission.facts.subject,
            acceptedAt: now, leavesAt: leaves, pool: pool, recipients: [], reports: [])
    }

    /// Taken with 250, and returned to the mailbox.
    private mutating func returned(_ passage: Passage, _ reason: SMTPReply, at now: Timestamp) -> ExchangeDecision {
        var handover = handover(passage, pool: .highRisk, at: now)
        for recipient in passage.submission.recipients {
            handover.reports.append(report(handover, passage, recipient, reason, at: now))
            trace.append(
                ExchangeTraceRow(
                    receivedAt: now, id: handover.id, sender: passage.from, recipient: recipient, status: "Failed", pool: .highRisk))
        }
        return .accepted(ExchangeReplies.accepted(id: handover.id, host: ExchangeOnline.host), handover)
    }

    private func report(
        _ handover: ExchangeHandover, _ passage: Passage, _ recipient: EmailAddress, _ reason: SMTPReply, at now: Timestamp
    ) -> ExchangeReport {
        ExchangeReport(
            id: "\(handover.id)-\(handover.reports.count)", to: passage.sender, recipient: recipient, reason: reason,
            subject: passage.submission.facts.subject, messageID: passage.submission.facts.messageID,
            tenant: tenant.acceptedDomains.last?.text ?? "contoso.onmicrosoft.com", at: now)
    }
}
