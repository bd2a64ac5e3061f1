/// Values for a whole organisation that can be chosen by name. The policy values are Microsoft's advice for Exchange Online ("Recommended
/// settings for outbound spam policies"), the service limits those of Exchange Online where it has any.
package enum PolicyPreset: String, Hashable, Sendable, Codable, CaseIterable {
    case standard, strict

    package var policy: SendingPolicy {
        var policy = SendingPolicy(name: SendingPolicy.defaultName, priority: 0)
        switch self {
        case .standard: (policy.externalPerHour, policy.internalPerHour, policy.recipientsPerDay) = (500, 1000, 1000)
        case .strict: (policy.externalPerHour, policy.internalPerHour, policy.recipientsPerDay) = (400, 800, 800)
        }
        policy.action = .restrict
        return policy
    }

    /// `licences`: people who send, for the organisation's quota; nil for none.
    package func service(licences: Int?) -> ServiceLimits {
        var limits = ServiceLimits()
        let isStrict = self == .strict
        limits.entries = [
            .messagesPerMinute: .init(30, .slow),
            .recipientsPer24Hours: .init(10_000, .refuse),
            .firstTimePer24Hours: .init(isStrict ? 200 : 400, .restrict),
        ]
        if let licences {
            limits.entries[.organisationExternal] = .init(ServiceLimits.organisationExternal(licences: licences), .refuse)
        }
        limits.recipientsPerMessage = 500
        limits.connectionsPerSender = isStrict ? 10 : 20
        return limits
    }

    /// What an organisation may send that has not shown yet who it is (Exchange Online's trial tenants).
    package static let trialOrganisationExternal = 5000
}
