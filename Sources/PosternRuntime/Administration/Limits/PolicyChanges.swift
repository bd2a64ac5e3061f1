package import MailModel
package import OutboundPolicy

/// Fields of a policy that are to be changed; nil leaves one as it is. A list takes the place of the one before.
package struct PolicyChanges: Codable, Hashable, Sendable {
    /// Its place among the others; 0 comes first.
    package var priority: Int?
    package var senders: [EmailAddress]?
    package var groups: [EmailAddress]?
    package var domains: [DomainName]?
    package var exceptSenders: [EmailAddress]?
    package var exceptGroups: [EmailAddress]?
    package var exceptDomains: [DomainName]?
    package var externalPerHour: Int?
    package var internalPerHour: Int?
    package var recipientsPerDay: Int?
    package var action: LimitAction?
    package var forwarding: ForwardingMode?

    package init() {}

    package var isEmpty: Bool { self == PolicyChanges() }

    /// All but the priority.
    package func apply(to policy: inout SendingPolicy) {
        if let senders { policy.scope.senders = Set(senders) }
        if let groups { policy.scope.groups = Set(groups.map(\.key)) }
        if let domains { policy.scope.domains = Set(domains) }
        if let exceptSenders { policy.scope.exceptSenders = Set(exceptSenders) }
        if let exceptGroups { policy.scope.exceptGroups = Set(exceptGroups.map(\.key)) }
        if let exceptDomains { policy.scope.exceptDomains = Set(exceptDomains) }
        if let externalPerHour { policy.externalPerHour = externalPerHour }
        if let internalPerHour { policy.internalPerHour = internalPerHour }
        if let recipientsPerDay { policy.recipientsPerDay = recipientsPerDay }
        if let action { policy.action = action }
        if let forwarding { policy.forwarding = forwarding }
    }
}
