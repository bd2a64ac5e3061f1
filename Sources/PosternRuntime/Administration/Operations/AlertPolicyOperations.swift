import MailModel
package import OutboundPolicy

/// A policy as it holds now.
package struct AlertPolicyView: Codable, Hashable, Sendable {
    package var kind: AlertKind
    package var severity: AlertSeverity
    package var on: Bool
    /// No further notice of the same incident for so long.
    package var windowSeconds: Int
    /// After so long without a word it is over; 0: never by itself.
    package var quietSeconds: Int
    /// 0: no limit.
    package var noticesPerDay: Int
    /// Nil: the usual recipients; empty: nobody.
    package var addresses: [String]?
    /// Nil: every webhook.
    package var webhooks: [String]?
    package var tellsSender: Bool
    /// False where somebody changed it.
    package var builtIn: Bool

    init(_ policy: AlertPolicy, isBuiltIn: Bool) {
        kind = policy.kind
        severity = policy.severity
        on = policy.isOn
        windowSeconds = Int(policy.window.components.seconds)
        quietSeconds = Int(policy.quiet?.components.seconds ?? 0)
        noticesPerDay = policy.noticesPerDayMax ?? 0
        addresses = policy.addresses.map { $0.map(\.description) }
        webhooks = policy.webhooks
        tellsSender = policy.tellsSender
        builtIn = isBuiltIn
    }
}

package struct ListAlertPolicies: AdministrativeOperation {
    package static let name = "alert-policies.list"
    package static let scope = AccessScope.alertsRead
    package init() {}

    package func perform(in administration: Administration, _ act: Act) async throws -> [AlertPolicyView] {
        let directory = try await administration.directory()
        return AlertKind.allCases.map {
            AlertPolicyView(directory.alertPolicy($0), isBuiltIn: directory.alertPolicies[$0] == nil)
        }
    }
}

/// Changes what is given of a policy; all else stays as it is.
package struct SetAlertPolicy: AdministrativeOperation {
    package static let name = "alert-policies.set"
    package static let scope = AccessScope.alertPoliciesWrite
    package var change: AlertPolicyChange
    /// Before the change, the policy is as it was built in.
    package var isReset: Bool
    /// The usual recipients again, and every webhook.
    package var isForUsual: Bool

    package init(change: AlertPolicyChange, isReset: Bool = false, isForUsual: Bool = false) {
        self.change = change
        self.isReset = isReset
        self.isForUsual = isForUsual
    }

    package func perform(in administration: Administration, _ act: Act) async throws -> AlertPolicyView {
        guard !change.isEmpty || isReset || isForUsual else {
            throw AdministrationError(.invalid, "nothing of the policy \(change.kind.rawValue) is to change", "Say what.")
        }
        if let problem = change.problem { throw AdministrationError(.invalid, "\(change.kind.rawValue): \(problem)") }
        let directory = try await administration.directory()
        for name in change.webhooks ?? [] where directory.webhooks[name] == nil { throw AdministrationError.noSuch("webhook", name) }
        let old = directory.alertPolicies[change.kind]
        let new = merged(with: isReset ? nil : old)
        let kind = change.kind.rawValue
        if !new.isEmpty {
            try await administration.put(.alertPolicy, name: kind, new, entry: act.entry("alert-policy.set", target: kind))
        } else if old != nil {
            try await administration.remove(.alertPolicy, name: kind, entry: act.entry("alert-policy.reset", target: kind))
        }
        return AlertPolicyView(new.applied(to: .builtIn(change.kind)), isBuiltIn: new.isEmpty)
    }

    private func merged(with old: AlertPolicyChange?) -> AlertPolicyChange {
        var new = old ?? AlertPolicyChange(kind: change.kind)
        if isForUsual { (new.addresses, new.webhooks) = (nil, nil) }
        if let value = change.severity { new.severity = value }
        if let value = change.isOn { new.isOn = value }
        if let value = change.windowSeconds { new.windowSeconds = value }
        if let value = change.quietSeconds { new.quietSeconds = value }
        if let value = change.noticesPerDayMax { new.noticesPerDayMax = value }
        if let value = change.addresses { new.addresses = value }
        if let value = change.webhooks { new.webhooks = value }
        if let value = change.tellsSender { new.tellsSender = value }
        return new
    }
}
