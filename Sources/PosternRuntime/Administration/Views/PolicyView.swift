import MailModel
package import OutboundPolicy

/// An outbound policy as the command line and the HTTP interface show it.
package struct PolicyView: Codable, Hashable, Sendable {
    package var name: String
    /// Its place; -1 for the default policy, which comes last.
    package var priority: Int
    package var isDefault: Bool
    package var disabled: Bool
    /// Of all kinds that have values one must match; all empty: everybody.
    package var senders: [String]
    package var groups: [String]
    package var domains: [String]
    package var exceptSenders: [String]
    package var exceptGroups: [String]
    package var exceptDomains: [String]
    /// 0: left to the service limits. So of the next two.
    package var externalPerHour: Int
    package var internalPerHour: Int
    package var recipientsPerDay: Int
    package var action: LimitAction
    package var forwarding: ForwardingMode
    /// All of it in words.
    package var text: String

    init(_ policy: SendingPolicy) {
        name = policy.name
        priority = policy.isDefault ? -1 : policy.priority
        isDefault = policy.isDefault
        disabled = policy.isDisabled
        senders = policy.scope.senders.map(\.description).sorted()
        groups = policy.scope.groups.sorted()
        domains = policy.scope.domains.map(\.text).sorted()
        exceptSenders = policy.scope.exceptSenders.map(\.description).sorted()
        exceptGroups = policy.scope.exceptGroups.sorted()
        exceptDomains = policy.scope.exceptDomains.map(\.text).sorted()
        externalPerHour = policy.externalPerHour
        internalPerHour = policy.internalPerHour
        recipientsPerDay = policy.recipientsPerDay
        action = policy.action
        forwarding = policy.forwarding
        text = ""
        let limits = policy.limits.map { "\($0.value) \($0.name.text)" }
        let numbers = limits.isEmpty ? "no limits of its own" : "\(limits.joined(separator: ", ")); past that, \(action.text)"
        text = "For \(scopeText): \(numbers). \(PolicyView.text(forwarding))."
    }

    private var scopeText: String {
        func part(_ name: String, _ values: [String]) -> String? { values.isEmpty ? nil : "\(name) \(values.joined(separator: " or "))" }
        let conditions = [part("senders", senders), part("members of", groups), part("domains", domains)].compactMap { $0 }
        let exceptions = [part("senders", exceptSenders), part("members of", exceptGroups), part("domains", exceptDomains)].compactMap {
            $0
        }
        let all = conditions.isEmpty ? "everybody" : conditions.joined(separator: " that are also ")
        return exceptions.isEmpty ? all : "\(all), but not \(exceptions.joined(separator: ", "))"
    }

    private static func text(_ forwarding: ForwardingMode) -> String {
        switch forwarding {
        case .on: "Forwarded mail may go to external recipients"
        case .off: "Forwarded mail may not go to external recipients"
        case .automatic: "Forwarded mail may not go to external recipients (automatic)"
        }
    }

    /// In the order in which they are tried.
    static func all(_ directory: Directory) -> [PolicyView] {
        directory.policies.values.sorted { ($0.isDefault ? 1 : 0, $0.priority, $0.name) < ($1.isDefault ? 1 : 0, $1.priority, $1.name) }
            .map(PolicyView.init)
    }
}
