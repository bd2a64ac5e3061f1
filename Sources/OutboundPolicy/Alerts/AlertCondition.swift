package import MailModel

/// What alert policies are about. The raw value is what people and the store see.
package enum AlertKind: String, Hashable, Sendable, Codable, CaseIterable {
    case senderRestricted = "sender-restricted"
    case connectorRestricted = "connector-restricted"
    case organisationRestricted = "organisation-restricted"
    /// A sender is near a limit: 80 or 90 % of it are used.
    case limitNear = "limit-near"
    case limitExceeded = "limit-exceeded"
    case organisationLimitNear = "organisation-limit-near"
    case organisationLimitReached = "organisation-limit-reached"
    /// A sender's mail looks like a hijacked account's, short of a restriction.
    case suspiciousSender = "suspicious-sender"
    case suspiciousOrganisation = "suspicious-organisation"
    /// A sender repeats an error that only a person can mend, and is throttled.
    case continuousErrors = "continuous-errors"
    /// The next host of a route refuses our account until a person mends something.
    case upstreamStopped = "upstream-stopped"
    /// No living node has the address of an egress source.
    case sourceUnreachable = "source-unreachable"
    /// A public list has an address that mail leaves from, or a domain of ours; or a provider's replies say so.
    case listed
    /// The names of an address that mail leaves from are not as receivers want them.
    case sourceIdentity = "source-identity"
    /// The mailbox of reports could not be read several times.
    case reportMailbox = "report-mailbox"
    /// Receivers complain of a source that is being warmed up.
    case warmUpSetBack = "warm-up-set-back"
    /// A route signs in by a password where the provider gives that up.
    case passwordSignIn = "password-sign-in"
    /// A mail host that has shown TLS with a good certificate offers none now.
    case tlsLost = "tls-lost"
    /// DNS lacks the record of a DKIM key, or has another one.
    case dkimRecord = "dkim-record"
    /// Receivers find more wrong with a domain of ours than before.
    case domainHealth = "domain-health"
    /// Receivers send back, or complain of, more of somebody's mail than a threshold.
    case sendingRate = "sending-rate"
    case queueStuck = "queue-stuck"
    case storeTrouble = "store-trouble"
    /// The source of a group's members would change more of them than may change without a person's word.
    case groupSyncHeld = "group-sync-held"
    /// Somebody asks for a higher limit or another right.
    case requestMade = "request-made"
}

package enum AlertSeverity: String, Hashable, Sendable, Codable, CaseIterable {
    case low, medium, high
}

/// A plain word to a sender about itself, said once for each occasion.
package struct SenderWord: Hashable, Sendable, Codable {
    package var address: EmailAddress
    /// The limit and its window, such as `external-hour/2026-11-22T09`: with the stage, what is said once.
    package var occasion: String
    /// One or a few plain sentences.
    package var text: String

    package init(to address: EmailAddress, occasion: String, text: String) {
        self.address = address
        self.occasion = occasion
        self.text = text
    }
}

/// Something that people may have to be told of: what a decision found, before any policy says whether it becomes an alert.
///
/// Conditions of the same kind and subject belong to one incident.
package struct AlertCondition: Hashable, Sendable, Codable {
    package var kind: AlertKind
    /// What it is about: a sender's key, `connector:scanner`, `route:office365`, `organisation`.
    package var subject: String
    package var tenant: TenantID
    package var at: Timestamp
    /// One plain sentence with the numbers: what happened.
    package var text: String
    /// Who has to do what; empty where nothing has to be done.
    package var advice: String
    package var findings: [Finding]
    /// How far it has come, in percent of a limit: 80, 90, 100; 0 where it has no stages.
    package var stage: Int
    /// What the sender itself is told, where the policy says so; nil for nothing.
    package var senderWord: SenderWord?
    /// True where the incident is over: a release, a resumed flow.
    package var isOver: Bool

    package init(
        _ kind: AlertKind, subject: String, tenant: TenantID = .standard, at: Timestamp, text: String, advice: String = "",
        findings: [Finding] = [], stage: Int = 0, senderWord: SenderWord? = nil, isOver: Bool = false
    ) {
        self.kind = kind
        self.subject = subject
        self.tenant = tenant
        self.at = at
        self.text = text
        self.advice = advice
        self.findings = findings
        self.stage = stage
        self.senderWord = senderWord
        self.isOver = isOver
    }

    /// The word that ends the incident.
    package func over(at now: Timestamp, text: String) -> AlertCondition {
        var condition = self
        (condition.at, condition.text, condition.advice, condition.senderWord, condition.isOver) = (now, text, "", nil, true)
        return condition
    }
}
