package import MailModel

/// The limits of one directory version, ready to be asked for a message.
package struct PolicyTable: Sendable {
    /// Those that are in force, the first that matches counts.
    package let policies: [SendingPolicy]
    /// Nil where none was chosen: then nothing is limited but by policies.
    package let service: ServiceLimits?
    package let groups: GroupTable
    package let grants: GrantTable
    package let day: OrganisationDay
    /// False while nothing limits anybody: then messages are not counted either.
    package let isCounting: Bool
    /// Of a sender, in place of what each policy would say each time: by its name; of nobody's policy under "".
    private let ofSender: [String: [Limit]]
    private let ofConnector: [Limit]
    private let ofOrganisation: [Limit]

    /// `zone`: the days of a named time zone; nil where there is none of that name.
    package init(_ directory: Directory, zone: (String) -> OrganisationDay? = { _ in nil }) {
        policies = directory.policies.values.filter { !$0.isDisabled }.sorted {
            ($0.isDefault ? 1 : 0, $0.priority, $0.name) < ($1.isDefault ? 1 : 0, $1.priority, $1.name)
        }
        service = directory.service
        groups = GroupTable(directory.groups)
        grants = GrantTable(directory.limitRequests.values)
        day = directory.service.flatMap { zone($0.timeZone) } ?? .utc
        isCounting = directory.service != nil || !policies.isEmpty
        let ofService = directory.service?.ofSender ?? []
        ofSender = Dictionary(uniqueKeysWithValues: policies.map { ($0.name, $0.limits + ofService) }).merging(["": ofService]) { own, _ in
            own
        }
        ofConnector = directory.service?.ofConnector ?? []
        ofOrganisation = directory.service?.ofOrganisation ?? []
    }

    /// The policy for mail with this From address; nil where none was ever put.
    package func policy(for address: EmailAddress?) -> SendingPolicy? {
        policies.first { policy in
            if policy.isDefault { return true }
            guard let address else { return false }
            return policy.scope.matches(address) { groups.isMember(address, of: $0) }
        }
    }
}

/// A message as the limits see it, after groups were expanded.
package struct CountedMessage: Sendable {
    package var sender: String
    package var tenant: TenantID
    package var principal: Submitter.Principal
    package var trafficClass: TrafficClass
    /// Of the From field: chooses the policy.
    package var from: EmailAddress?
    package var external: [EmailAddress]
    package var internalCount: Int
    package var octets: Int
    /// True where the sender was released today: volume alone does not restrict it again.
    package var isVolumeExempt: Bool
    /// Nil where nobody looked.
    package var verdict: ContentVerdict?

    package init(
        sender: String, tenant: TenantID, principal: Submitter.Principal, trafficClass: TrafficClass, from: EmailAddress?,
        external: [EmailAddress], internalCount: Int, octets: Int, isVolumeExempt: Bool = false,
        verdict: ContentVerdict? = nil
    ) {
        self.verdict = verdict
        self.sender = sender
        self.tenant = tenant
        self.principal = principal
        self.trafficClass = trafficClass
        self.from = from
        self.external = external
        self.internalCount = internalCount
        self.octets = octets
        self.isVolumeExempt = isVolumeExempt
    }

    package var amounts: UsageAmounts {
        var amounts = UsageAmounts()
        amounts[.messages] = 1
        amounts[.external] = external.count
        amounts[.internal] = internalCount
        amounts[.kibibytes] = (octets + 1023) / 1024
        return amounts
    }
}

extension PolicyTable {
    /// What the message uses: of its sender, of its connector, of the organisation. Mail of campaigns counts for the organisation alone,
    /// Postern's own notices for nobody.
    package func claims(for message: CountedMessage, at now: Timestamp) -> [UsageClaim] {
        guard isCounting, message.trafficClass != .notice else { return [] }
        let amounts = message.amounts
        let slowest = Duration.seconds(Int64(service?.slowestReleaseHours ?? 24) * 3600)
        var claims: [UsageClaim] = []
        if message.trafficClass != .campaign {
            var claim = UsageClaim(
                holder: .sender(message.sender, tenant: message.tenant), amounts: amounts, limits: senderLimits(message, at: now),
                slowestRelease: slowest)
            claim.verdict = message.verdict
            if claim.limits.contains(where: { $0.name == .firstTimePer24Hours }) || message.verdict?.isNearDuplicate == true {
                claim.recipients = message.external.map(RecipientMark.init)
            }
            claims.append(claim)
            if case .connector(let name) = message.principal, !ofConnector.isEmpty {
                claims.append(
                    UsageClaim(
                        holder: .connector(name, tenant: message.tenant), amounts: amounts, limits: ofConnector, slowestRelease: slowest))
            }
        }
        if (!ofOrganisation.isEmpty && !message.external.isEmpty) || message.verdict != nil {
            var claim = UsageClaim(holder: .organisation, amounts: amounts, limits: ofOrganisation, slowestRelease: slowest)
            claim.verdict = message.verdict
            claims.append(claim)
        }
        return claims
    }

    /// Those of the policy, then the service's.
    package func senderLimits(_ message: CountedMessage, at now: Timestamp) -> [Limit] {
        var limits = senderLimits(of: message.sender, from: message.from, at: now)
        guard message.isVolumeExempt else { return limits }
        for index in limits.indices where limits[index].action == .restrict || limits[index].action == .restrictToday {
            limits[index].action = .alert
        }
        return limits
    }

    /// Whatever the sender's history.
    package func senderLimits(of sender: String, from address: EmailAddress?, at now: Timestamp) -> [Limit] {
        grants.raised(ofSender[policy(for: address)?.name ?? ""] ?? [], of: sender, at: now)
    }

    package static let recipientsRule = "limit.recipients-per-message"

    /// The refusal of a message that has more recipients than one may have; nil where it has not.
    package func recipientsRefusal(_ message: CountedMessage) -> Verdict? {
        let count = message.external.count + message.internalCount
        guard let most = service?.recipientsPerMessage, most > 0, count > most else { return nil }
        let text = "The message has \(count) recipients after groups were expanded; \(message.sender) may have \(most) in a message"
        return .refuse(
            554, EnhancedStatusCode(5, 5, 3), "Too many recipients: \(text)", rule: PolicyTable.recipientsRule,
            matched: "\(count)/\(most)")
    }
}
