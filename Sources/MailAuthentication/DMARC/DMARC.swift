package import MailModel

/// What a domain asks receivers to do with mail in its name that proves nothing (RFC 9989), as a function of what DNS says.
package enum DMARC {
    /// What holds for one domain.
    package struct Ruling: Hashable, Sendable {
        /// The record that says it, and where it stands.
        package var record: DMARCWalk.Found
        /// What it asks for, before `t`.
        package var published: DMARCRecord.Policy
        /// Which tag said so: `p`, `sp`, `np`.
        package var tag: String
        package var organization: DomainName

        /// With `t=y` taken into account.
        package var effective: DMARCRecord.Policy { record.record.isTest ? published.milder : published }
    }

    /// Nil where no record holds. `exists`: whether the domain is there at all (RFC 8020: its name has no NXDOMAIN).
    package static func ruling(_ walk: DMARCWalk, exists: Bool) -> Ruling? {
        guard let found = walk.governing else { return nil }
        let record = found.record
        // A record whose policies cannot be read asks for reports alone, or for nothing (RFC 9989 §4.10.1).
        guard let own = record.policy, !record.hasBadPolicy else {
            guard !record.reports.isEmpty else { return nil }
            return Ruling(record: found, published: .none, tag: "p", organization: walk.organization)
        }
        var (policy, tag) = (own, "p")
        if found.domain != walk.start {
            if let below = record.subdomainPolicy { (policy, tag) = (below, "sp") }
            if !exists, let absent = record.absentPolicy { (policy, tag) = (absent, "np") }
        }
        return Ruling(record: found, published: policy, tag: tag, organization: walk.organization)
    }

    /// Whether a domain that SPF or DKIM proved speaks for the author's (RFC 9989 §4.4). `organization`s: those that walks found.
    package static func isAligned(
        _ proved: DomainName, organization provedOrganization: DomainName, with author: DomainName, organization: DomainName,
        _ alignment: DMARCRecord.Alignment
    ) -> Bool {
        if proved == author { return true }
        return alignment == .relaxed && provedOrganization == organization
    }

    /// One message's proofs.
    package struct Proofs: Hashable, Sendable {
        /// The domain that SPF let pass; nil where it did not.
        package var spf: DomainName?
        /// Domains of signatures that verified.
        package var dkim: [DomainName]

        package init(spf: DomainName? = nil, dkim: [DomainName] = []) {
            self.spf = spf
            self.dkim = dkim
        }
    }

    package enum Result: String, Hashable, Sendable, Codable {
        case pass, fail
        /// The author's domain, and those above it, have no record.
        case none
        /// DNS did not say.
        case temporaryError = "temperror"
    }

    package struct Outcome: Hashable, Sendable {
        package var result: Result
        package var ruling: Ruling?
        package var isSPFAligned = false
        package var isDKIMAligned = false
    }

    /// `organizations`: of each domain in `proofs`, as its walk found it; one that is missing is its own.
    package static func evaluate(
        _ walk: DMARCWalk, exists: Bool, _ proofs: Proofs, organizations: [DomainName: DomainName]
    ) -> Outcome {
        guard let ruling = ruling(walk, exists: exists) else {
            return Outcome(result: walk.unknown.isEmpty ? .none : .temporaryError, ruling: nil)
        }
        func isAligned(_ domain: DomainName, _ alignment: DMARCRecord.Alignment) -> Bool {
            DMARC.isAligned(
                domain, organization: organizations[domain] ?? domain, with: walk.start, organization: ruling.organization, alignment)
        }
        let record = ruling.record.record
        var outcome = Outcome(result: .fail, ruling: ruling)
        outcome.isSPFAligned = proofs.spf.map { isAligned($0, record.spfAlignment) } ?? false
        outcome.isDKIMAligned = proofs.dkim.contains { isAligned($0, record.dkimAlignment) }
        if outcome.isSPFAligned || outcome.isDKIMAligned { outcome.result = .pass }
        return outcome
    }

    /// Where a domain allows others to send their reports to it (RFC 9990 §4): the name whose TXT record says so. Nil where none is
    /// needed, since both are of one organization.
    package static func permission(
        ofReportsAbout domain: DomainName, organization: DomainName, to address: EmailAddress, organization receiving: DomainName
    ) -> DomainName? {
        guard let host = address.domain, receiving != organization else { return nil }
        return DomainName("\(domain)._report._dmarc.\(host)")
    }
}
