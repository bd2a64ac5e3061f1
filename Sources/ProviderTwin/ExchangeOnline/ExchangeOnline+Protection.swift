package import MailModel

/// Who is restricted, why, and what the tenant's administrators are told.
extension ExchangeOnline {
    /// Of the facts: numbers seen with 5.1.8 (meanings inferred from public reports).
    private static let limitNumber = 42_004
    private static let spamNumber = 45_007
    /// The number of every restricted connector.
    static let connectorNumber = 2204

    /// Gate 5: the counters of the mailbox against the policy of the From address. The number of a refusal, or nil.
    mutating func policy(_ passage: Passage, at now: Timestamp) -> Int? {
        let address = passage.sender
        let policy = tenant.policy(for: passage.from)
        let (external, `internal`, today, isExempt) = remember(address) { memory in
            (
                memory.externalOfHour.sum(at: now) + passage.external, memory.internalOfHour.sum(at: now) + passage.internal,
                memory.recipientsToday(at: now) + passage.external + passage.internal, memory.exemptDay == now.day
            )
        }
        let isVolume = settings.volumePerHour > 0 && external + `internal` > settings.volumePerHour
        var reason: String?
        if passage.external > 0, policy.externalPerHour > 0, external > policy.externalPerHour {
            reason = "ExceedingLimitType=External;ExternalRecipientCountHour=\(external)"
        } else if passage.internal > 0, policy.internalPerHour > 0, `internal` > policy.internalPerHour {
            reason = "ExceedingLimitType=Internal;InternalRecipientCountHour=\(`internal`)"
        } else if policy.recipientsPerDay > 0, today > policy.recipientsPerDay {
            reason = "ExceedingLimitType=Day;RecipientCountToday=\(today)"
        }
        if let reason, !isExempt {
            alert("Email sending limit exceeded", "Medium", "\(address)", at: now)
            switch policy.action {
            case .alert: break
            case .blockUserForToday:
                restrict(address, ExchangeOnline.limitNumber, reason, until: Timestamp(seconds: Int64(now.day + 1) * 86_400), at: now)
                return ExchangeOnline.limitNumber
            case .blockUser:
                restrict(address, ExchangeOnline.limitNumber, reason, until: nil, at: now)
                return ExchangeOnline.limitNumber
            }
        }
        guard isVolume else { return nil }
        restrict(address, ExchangeOnline.spamNumber, "Volume=\(external + `internal`)", until: nil, at: now)
        return ExchangeOnline.spamNumber
    }

    /// Gate 8. Counts the message, and restricts whose share of spam is too high.
    mutating func verdict(_ passage: Passage, at now: Timestamp) -> Bool {
        let address = passage.sender
        let facts = passage.submission.facts
        let settings = settings
        let (isSpam, spam, judged) = remember(address) { memory in
            let isCounted = facts.links >= settings.alikeLinks && settings.alikePerHour > 0
            let isSpam = facts.hasTestString || isCounted && memory.alikeCount(facts.likeness, at: now) > settings.alikePerHour
            memory.judged.add(1, at: now)
            if isSpam { memory.spam.add(1, at: now) }
            return (isSpam, memory.spam.sum(at: now), memory.judged.sum(at: now))
        }
        tenantJudged.add(1, at: now)
        if isSpam { tenantSpam.add(1, at: now) }
        guard isSpam, judged >= settings.spamMessagesMin else { return isSpam }
        if spam * 100 > judged * settings.spamPercent {
            restrict(address, ExchangeOnline.spamNumber, "SpamCount=\(spam);MessageCount=\(judged)", until: nil, at: now)
        } else if spam * 200 > judged * settings.spamPercent {
            alert("Suspicious email sending patterns detected", "Medium", "\(address)", at: now)
        }
        banTenantWhereMostIsSpam(at: now)
        return isSpam
    }

    private mutating func banTenantWhereMostIsSpam(at now: Timestamp) {
        let (spam, judged) = (tenantSpam.sum(at: now), tenantJudged.sum(at: now))
        guard settings.tenantSpamPercent > 0, judged >= settings.spamMessagesMin, spam * 100 > judged * settings.tenantSpamPercent else {
            return
        }
        isTenantBanned = true
        alert("Tenant restricted from sending email", "High", "tenant", at: now)
    }

    /// `until`: nil until an administrator releases it.
    mutating func restrict(_ address: EmailAddress, _ number: Int, _ reason: String, until: Timestamp?, at now: Timestamp) {
        let isConnector = isConnector(address)
        let number = isConnector ? ExchangeOnline.connectorNumber : number
        let isNew = remember(address) { memory in
            guard memory.restriction(at: now) == nil else { return false }
            memory.restriction = ExchangeRestriction(number: number, reason: reason, since: now, until: until, isTemporary: until != nil)
            return true
        }
        guard isNew else { return }
        alert(isConnector ? "Suspicious connector activity" : "User restricted from sending email", "High", "\(address)", at: now)
    }

    func isConnector(_ address: EmailAddress) -> Bool { tenant.connectors.contains { $0.address == address } }

    /// The same thing within the window is one alert whose hits grow.
    mutating func alert(_ name: String, _ severity: String, _ entity: String, at now: Timestamp) {
        let border = now - .seconds(settings.alertWindowSeconds)
        let isKnown = alerts.changeLast(
            where: { $0.name == name && $0.entity == entity && $0.at > border }, change: { $0.hits += 1 })
        if !isKnown { alerts.append(ExchangeAlert(name: name, severity: severity, entity: entity, at: now, hits: 1)) }
    }

    // MARK: - What administrators do

    /// What came of a release.
    package enum Release: Sendable, Hashable {
        case notRestricted
        /// Sending works again from then on.
        case from(Timestamp)
        /// The account was released too often; only Microsoft's support can.
        case supportOnly
    }

    /// Takes a mailbox off the page "Restricted entities".
    package mutating func release(_ address: EmailAddress, at now: Timestamp) -> Release {
        var memory = memories[address] ?? MailboxMemory()
        defer { memories[address] = memory }
        guard var restriction = memory.restriction(at: now) else { return .notRestricted }
        guard settings.releasesMax == 0 || memory.releases < settings.releasesMax else { return .supportOnly }
        memory.releases += 1
        memory.exemptDay = now.day
        memory.spam.reset()
        memory.judged.reset()
        let from = now + .seconds(settings.releaseDelaySeconds)
        guard settings.releaseDelaySeconds > 0 else {
            memory.restriction = nil
            return .from(now)
        }
        restriction.until = from
        memory.restriction = restriction
        return .from(from)
    }

    /// Lifts a ban of the whole tenant and of its unregistered domains, as Microsoft's support does.
    package mutating func releaseTenant() {
        isTenantBanned = false
        isUnregisteredBlocked = false
        unregistered.reset()
        tenantSpam.reset()
        tenantJudged.reset()
    }

    /// Changes a mailbox; false where there is none. Its address stays.
    package mutating func change(_ address: EmailAddress, _ change: (inout ExchangeMailbox) -> Void) -> Bool {
        guard let position = indexes[address] else { return false }
        let name = tenant.mailboxes[position].address
        change(&tenant.mailboxes[position])
        tenant.mailboxes[position].address = name
        index()
        return true
    }

    /// False where there are too many, or the address is taken.
    package mutating func add(_ mailbox: ExchangeMailbox) -> Bool {
        guard indexes[mailbox.address] == nil, tenant.mailboxes.count < ExchangeTenant.mailboxesMax else { return false }
        tenant.mailboxes.append(mailbox)
        index()
        return true
    }

    /// Policies and numbers from now on; who is restricted stays so.
    package mutating func configure(_ change: (inout ExchangeTenant) -> Void) {
        let mailboxes = tenant.mailboxes
        change(&tenant)
        tenant.mailboxes = mailboxes
    }
}
