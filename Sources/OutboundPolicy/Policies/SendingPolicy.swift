package import MailModel

/// An outbound policy: how much the senders that it is for may send, and what happens past that.
///
/// Of all policies the first that matches counts, by priority; values are never merged. The policy is chosen by the From address of a
/// message, but what is counted belongs to the sender who signed in, over all addresses that it uses.
/// (Exchange Online, `Set-HostedOutboundSpamFilterPolicy`.)
package struct SendingPolicy: Hashable, Sendable, Codable {
    /// Unique. `default` is the one that always matches.
    package var name: String
    /// 0 comes first. Of no meaning for the default policy, which comes last.
    package var priority: Int
    package var isDisabled = false
    package var scope = PolicyScope()
    /// 0…: 0 leaves it to the service's limits.
    package var externalPerHour = 0
    package var internalPerHour = 0
    package var recipientsPerDay = 0
    /// Past any of the three.
    package var action = LimitAction.restrictToday
    package var forwarding = ForwardingMode.automatic

    package static let defaultName = "default"

    package init(name: String, priority: Int) {
        self.name = name
        self.priority = priority
    }

    package var isDefault: Bool { name == SendingPolicy.defaultName }

    package var limits: [Limit] {
        let source = "policy:\(name)"
        return [
            (LimitName.externalPerHour, externalPerHour), (.internalPerHour, internalPerHour), (.recipientsPerDay, recipientsPerDay),
        ].filter { $0.1 > 0 }.map { Limit($0.0, $0.1, action, source: source) }
    }
}

/// Which From addresses a policy is for. Values of one kind are alternatives; different kinds must all match; exceptions are alternatives.
package struct PolicyScope: Hashable, Sendable, Codable {
    /// All empty: everybody.
    package var senders: Set<EmailAddress> = []
    /// Names of groups whose members are meant, those of groups within groups too.
    package var groups: Set<String> = []
    /// With their subdomains.
    package var domains: Set<DomainName> = []
    package var exceptSenders: Set<EmailAddress> = []
    package var exceptGroups: Set<String> = []
    package var exceptDomains: Set<DomainName> = []

    package init() {}

    /// `isMember`: whether the address is a member of the group of that name.
    package func matches(_ address: EmailAddress, isMember: (String) -> Bool) -> Bool {
        if exceptSenders.contains(address) || exceptGroups.contains(where: isMember) || covers(exceptDomains, address) { return false }
        return (senders.isEmpty || senders.contains(address)) && (groups.isEmpty || groups.contains(where: isMember))
            && (domains.isEmpty || covers(domains, address))
    }

    private func covers(_ domains: Set<DomainName>, _ address: EmailAddress) -> Bool {
        guard !domains.isEmpty, let domain = address.domain else { return false }
        if domains.contains(domain) { return true }
        return domains.contains { domain.text.hasSuffix("." + $0.text) }
    }
}

/// Whether mail that was forwarded by a rule or a mailbox may go to external recipients.
package enum ForwardingMode: String, Hashable, Sendable, Codable, CaseIterable {
    /// As the service sees fit: it may not.
    case automatic
    case on
    case off
}
