package import MailModel

/// Who may not send: a sender, a connector, or the organisation as a whole.
package enum RestrictedEntity: Hashable, Sendable {
    /// As the trace names it.
    case sender(String)
    case connector(String)
    case organisation
}

/// Text forms: `sender:a@example.org`, `connector:scanner`, `organisation`.
extension RestrictedEntity: Codable, CustomStringConvertible {
    package init?(_ text: some StringProtocol) {
        if text == "organisation" {
            self = .organisation
            return
        }
        guard let colon = text.firstIndex(of: ":"), text.index(after: colon) < text.endIndex else { return nil }
        let name = String(text[text.index(after: colon)...])
        switch text[..<colon] {
        case "sender": self = RestrictedEntity(senderNamed: name)
        case "connector": self = .connector(name)
        default: return nil
        }
    }

    package var description: String {
        switch self {
        case .sender(let name): "sender:\(name)"
        case .connector(let name): "connector:\(name)"
        case .organisation: "organisation"
        }
    }

    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let entity = RestrictedEntity(text) else {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "not an entity: \(text)"))
        }
        self = entity
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// One time that somebody was released.
package struct Release: Hashable, Sendable, Codable {
    package var at: Timestamp
    package var actor: String
    package var reason: String
    /// What was looked at before: `password-changed`, `sessions-revoked`, `rules-checked`, `cause-fixed`.
    package var checks: [String]
    /// A second person, where one agreed.
    package var approver: String?
    /// What became of the mail that had not left: `keep`, `release` or `cancel`; nil where nobody wrote it down.
    package var mail: String?
    /// Recipients of that mail; nil where nobody wrote it down.
    package var recipients: Int?

    package init(at: Timestamp, actor: String, reason: String, checks: [String], approver: String?) {
        self.at = at
        self.actor = actor
        self.reason = reason
        self.checks = checks
        self.approver = approver
    }

    package static let checksKnown = ["password-changed", "sessions-revoked", "rules-checked", "cause-fixed"]
}

/// That somebody may not send, with why; and, once released, since when and by whom.
package struct Restriction: Hashable, Sendable, Codable {
    package var entity: RestrictedEntity
    package var tenant: TenantID
    package var since: Timestamp
    /// Ends by itself then; nil until a person releases it.
    package var until: Timestamp?
    /// True where mail to internal recipients goes on.
    package var isExternalOnly: Bool
    /// What an administrator looks it up by; it stands in each refusal.
    package var reference: String
    /// The rule that was broken first.
    package var cause: Finding
    package var evidence: RestrictionEvidence
    /// Oldest first, at most 20.
    package var releases: [Release]
    /// A second person has agreed to the next release; nil where nobody has.
    package var approval: Approval?
    /// Nil while it is in force.
    package var releasedAt: Timestamp?
    /// Until then the same rules of volume do not restrict the sender again.
    package var volumeExemptUntil: Timestamp?

    package init(
        entity: RestrictedEntity, tenant: TenantID, since: Timestamp, until: Timestamp?, isExternalOnly: Bool, reference: String,
        cause: Finding, evidence: RestrictionEvidence = RestrictionEvidence(), releases: [Release] = []
    ) {
        self.entity = entity
        self.tenant = tenant
        self.since = since
        self.until = until
        self.isExternalOnly = isExternalOnly
        self.reference = reference
        self.cause = cause
        self.evidence = evidence
        self.releases = releases
    }

    package static let releasesMax = 20

    package struct Approval: Hashable, Sendable, Codable {
        package var at: Timestamp
        package var actor: String

        package init(at: Timestamp, actor: String) {
            self.at = at
            self.actor = actor
        }
    }

    /// Ends it. Until the organisation's day is over, volume alone is no reason to restrict the sender again.
    package mutating func release(_ release: Release, day: OrganisationDay) {
        releases = (releases + [release]).suffix(Restriction.releasesMax)
        releasedAt = release.at
        approval = nil
        volumeExemptUntil = day.nextMidnight(after: release.at)
    }

    package func isInForce(at now: Timestamp) -> Bool {
        guard releasedAt == nil else { return false }
        return until.map { now < $0 } ?? true
    }

    /// Why it is no reason to restrict the sender again that it is over a limit of volume.
    package func exemptsVolume(at now: Timestamp) -> Bool { volumeExemptUntil.map { now < $0 } ?? false }
}

/// What was known when somebody was restricted: for whoever has to find out what happened.
package struct RestrictionEvidence: Hashable, Sendable, Codable {
    /// How the limits stood: `external-per-hour: 500 of 500`.
    package var readings: [LimitReading] = []
    /// Of messages before, newest first, at most 10 each.
    package var subjects: [String] = []
    package var recipients: [String] = []
    /// Where the sender submitted from, and the name that the client gave, at most 10 each.
    package var addresses: [String] = []
    package var clientNames: [String] = []
    /// Of the last day.
    package var messages = 0
    package var firstTimeRecipients = 0
    package var nearDuplicates = 0
    package var judgedSpam = 0
    package var judged = 0

    package init() {}

    package static let samplesMax = 10
}
