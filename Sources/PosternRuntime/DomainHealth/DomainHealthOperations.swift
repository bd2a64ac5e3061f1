package import DomainHealth
package import MailModel
package import OutboundPolicy
import Storage

/// An own domain, and what the latest look at it found.
package struct DomainHealthView: Codable, Hashable, Sendable {
    package var domain: String
    /// `healthy`, `warning`, `failing`; empty before the first look.
    package var state: String
    /// RFC 3339; empty before the first look.
    package var checkedAt: String
    package var errors: Int
    package var warnings: Int
    package var advice: Int
    /// The gravest finding; empty where there is none.
    package var worst: String
    /// SPF and DMARC as they stand; empty where there is no record.
    package var spf: String
    package var dmarc: String

    init(_ domain: DomainName, _ check: KeptCheck?) {
        self.domain = domain.text
        state = check?.state ?? ""
        checkedAt = check?.at.rfc3339 ?? ""
        let report = check.flatMap(DomainLook.memory)?.report
        func count(_ severity: HealthFinding.Severity) -> Int { report?.findings.count { $0.severity == severity } ?? 0 }
        (errors, warnings, advice) = (count(.error), count(.warning), count(.advice))
        worst = report?.findings.first { $0.severity != .advice }?.text ?? ""
        (spf, dmarc) = (report?.spf.record ?? "", report?.dmarc.record ?? "")
    }
}

/// All own domains, with what the latest look at each found.
package struct ListDomainHealth: AdministrativeOperation {
    package static let name = "domains.health"
    package static let scope = AccessScope.domainsRead
    package init() {}

    private static let statesMax = 100_000

    package func perform(in administration: Administration, _ act: Act) async throws -> [DomainHealthView] {
        let domains = try await administration.directory().ownDomains
        let states = try await administration.store.read { try $0.domainStates(nil, limit: ListDomainHealth.statesMax) }
        let byDomain = Dictionary(states.map { ($0.domain, $0) }) { first, _ in first }
        return domains.map { DomainHealthView($0, byDomain[$0]) }
    }
}

/// What the latest look at a domain found, and what changed when.
package struct DomainHistoryView: Codable, Hashable, Sendable {
    package struct Change: Codable, Hashable, Sendable {
        package var at: String
        /// `healthy`, `warning`, `failing`.
        package var state: String
        /// Equal where two looks found the same.
        package var digest: String
        /// Since the look before, in words; empty for the first.
        package var changes: [String]
    }

    package var domain: String
    /// Nil before the first look.
    package var report: DomainReport?
    /// Looks that found something else than the one before, the latest first.
    package var history: [Change]
}

package struct ShowDomainHistory: AdministrativeOperation {
    package static let name = "domains.history"
    package static let scope = AccessScope.domainsRead
    package var domain: DomainName
    /// Looks at most, 1…10,000; nil: 400.
    package var limit: Int?

    package init(domain: DomainName, limit: Int? = nil) {
        self.domain = domain
        self.limit = limit
    }

    private static let limitStandard = 400

    package func perform(in administration: Administration, _ act: Act) async throws -> DomainHistoryView {
        let limit = limit ?? ShowDomainHistory.limitStandard
        try PageLimit.check(limit)
        let domain = domain
        let (latest, looks) = try await administration.store.read {
            (try $0.domainStates(domain, limit: 1).first, try $0.domainChecks(domain, limit: limit))
        }
        if latest == nil, looks.isEmpty, try await !administration.directory().ownDomains.contains(domain) {
            throw AdministrationError(.notFound, "\(domain) is no domain of ours", "`postern domain list` shows those there are.")
        }
        let changed = looks.enumerated().filter { place, look in
            !look.changes.isEmpty || place + 1 == looks.count || look.digest != looks[place + 1].digest
        }
        return DomainHistoryView(
            domain: domain.text, report: latest.flatMap(DomainLook.memory)?.report,
            history: changed.map {
                DomainHistoryView.Change(
                    at: $0.element.at.rfc3339, state: $0.element.state, digest: $0.element.digest, changes: $0.element.changes)
            })
    }
}

/// Looks at an own domain now, and keeps what is found; running gates do so once a day.
package struct LookAtDomain: AdministrativeOperation {
    package static let name = "domains.look"
    package static let scope = AccessScope.domainsWrite
    package var domain: DomainName

    package init(domain: DomainName) { self.domain = domain }

    package func perform(in administration: Administration, _ act: Act) async throws -> DomainReport {
        guard try await administration.directory().ownDomains.contains(domain) else {
            throw AdministrationError(
                .notFound, "\(domain) is no domain of ours",
                "`postern domain list` shows those there are; others are looked at without being kept.")
        }
        return try await DomainLook(administration: administration).perform(domain, at: act.at)
    }
}
