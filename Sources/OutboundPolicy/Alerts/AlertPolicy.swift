package import MailModel

/// What becomes of conditions of one kind: whether they make an alert, who is told, and how often.
package struct AlertPolicy: Hashable, Sendable {
    package var kind: AlertKind
    package var severity: AlertSeverity
    package var isOn = true
    /// After a notice, none of the same incident for so long. Each one that only says that it goes on waits four times longer than the
    /// one before, up to a day.
    package var window = Duration.seconds(60)
    /// An incident of which nothing was heard for so long is over; nil: its end has to be told, by a condition or a person.
    package var quiet: Duration?
    /// Notices of all incidents of the kind in a UTC day; nil for no limit.
    package var noticesPerDayMax: Int? = 100
    /// Nil: the usual recipients. Empty: nobody is mailed.
    package var addresses: [EmailAddress]?
    /// By name; nil: every webhook.
    package var webhooks: [String]?
    /// Where a condition has a word for its sender, the sender gets it.
    package var tellsSender: Bool

    private init(_ kind: AlertKind, _ severity: AlertSeverity, quiet: Duration?, tellsSender: Bool = false) {
        self.kind = kind
        self.severity = severity
        self.quiet = quiet
        self.tellsSender = tellsSender
    }

    /// The policy of a kind before anybody changed it.
    package static func builtIn(_ kind: AlertKind) -> AlertPolicy {
        let hour = Duration.seconds(3600)
        switch kind {
        case .senderRestricted, .connectorRestricted, .organisationRestricted, .upstreamStopped:
            return AlertPolicy(kind, .high, quiet: nil)
        case .listed: return AlertPolicy(kind, .high, quiet: nil)
        case .sourceUnreachable, .dkimRecord, .domainHealth, .sourceIdentity, .reportMailbox, .groupSyncHeld:
            return AlertPolicy(kind, .medium, quiet: nil)
        case .sendingRate: return AlertPolicy(kind, .medium, quiet: .seconds(86_400))
        case .warmUpSetBack: return AlertPolicy(kind, .medium, quiet: .seconds(7 * 86_400))
        case .requestMade, .passwordSignIn: return AlertPolicy(kind, .low, quiet: nil)
        case .limitNear:
            var policy = AlertPolicy(kind, .low, quiet: hour, tellsSender: true)
            policy.addresses = []
            return policy
        case .limitExceeded, .suspiciousSender, .continuousErrors, .organisationLimitNear:
            return AlertPolicy(kind, .medium, quiet: hour)
        case .tlsLost: return AlertPolicy(kind, .high, quiet: .seconds(86_400))
        case .organisationLimitReached, .suspiciousOrganisation, .queueStuck, .storeTrouble:
            return AlertPolicy(kind, .high, quiet: hour)
        }
    }
}

/// In what a policy differs from the built-in one: an object of the directory, named by its kind. Nil: as built in.
package struct AlertPolicyChange: Hashable, Sendable, Codable {
    package var kind: AlertKind
    package var severity: AlertSeverity?
    package var isOn: Bool?
    /// 1…86,400.
    package var windowSeconds: Int?
    /// 60…2,592,000; 0: never over by itself.
    package var quietSeconds: Int?
    /// 1…10,000; 0: no limit.
    package var noticesPerDayMax: Int?
    package var addresses: [EmailAddress]?
    package var webhooks: [String]?
    package var tellsSender: Bool?

    package init(kind: AlertKind) { self.kind = kind }

    package var isEmpty: Bool { self == AlertPolicyChange(kind: kind) }

    /// What is wrong with it, in one sentence; nil where nothing is.
    package var problem: String? {
        if let windowSeconds, !(1...86_400).contains(windowSeconds) { return "a window has 1 to 86400 seconds" }
        if let quietSeconds, quietSeconds != 0, !(60...2_592_000).contains(quietSeconds) {
            return "quiet has 60 to 2592000 seconds, or 0 for never"
        }
        if let noticesPerDayMax, !(0...10_000).contains(noticesPerDayMax) { return "a day has up to 10000 notices, or 0 for no limit" }
        if (addresses?.count ?? 0) > AlertRules.channelsMax || (webhooks?.count ?? 0) > AlertRules.channelsMax {
            return "a policy names at most \(AlertRules.channelsMax) addresses and \(AlertRules.channelsMax) webhooks"
        }
        return nil
    }

    package func applied(to builtIn: AlertPolicy) -> AlertPolicy {
        var policy = builtIn
        if let severity { policy.severity = severity }
        if let isOn { policy.isOn = isOn }
        if let windowSeconds { policy.window = .seconds(windowSeconds) }
        if let quietSeconds { policy.quiet = quietSeconds == 0 ? nil : .seconds(quietSeconds) }
        if let noticesPerDayMax { policy.noticesPerDayMax = noticesPerDayMax == 0 ? nil : noticesPerDayMax }
        if let addresses { policy.addresses = addresses }
        if let webhooks { policy.webhooks = webhooks }
        if let tellsSender { policy.tellsSender = tellsSender }
        return policy
    }
}

extension Directory {
    package func alertPolicy(_ kind: AlertKind) -> AlertPolicy {
        let builtIn = AlertPolicy.builtIn(kind)
        return alertPolicies[kind]?.applied(to: builtIn) ?? builtIn
    }
}
