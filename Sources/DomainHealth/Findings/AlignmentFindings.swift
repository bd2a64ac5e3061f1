import MailAuthentication
import MailModel

/// Whether mail with From in the domain passes DMARC, by each route and source.
struct AlignmentFindings {
    let facts: DomainFacts

    private var record: DMARCRecord? { facts.dmarc.governing?.record }

    private func organization(_ domain: DomainName) -> DomainName { facts.organizations[domain] ?? domain }

    private func isAligned(_ domain: DomainName, _ mode: DMARCRecord.Alignment?) -> Bool {
        DMARC.isAligned(
            domain, organization: organization(domain), with: facts.domain, organization: facts.dmarc.organization, mode ?? .relaxed)
    }

    private var isSigned: Bool {
        DKIMFindings(facts: facts).working.contains { isAligned($0, record?.dkimAlignment) }
    }

    var part: [DomainReport.Alignment] {
        guard let own = facts.own else { return [] }
        let paths = [("mail", facts.domain)] + (own.returnPathDomain.map { [("campaign", $0)] } ?? [])
        return own.routes.flatMap { route in
            paths.flatMap { kind, path -> [DomainReport.Alignment] in
                let fits = isAligned(path, record?.spfAlignment)
                switch route.kind {
                case .smarthost:
                    // Receivers see the smarthost's address, which only its own people know.
                    return [line(route.name, "", kind, spf: false)]
                case .direct(let sources):
                    return own.sources.filter { sources.contains($0.source) }.map { source in
                        line(route.name, "\(source.source) \(source.address)", kind, spf: fits && source.results[path] == .pass)
                    }
                }
            }
        }
    }

    private func line(_ route: String, _ source: String, _ kind: String, spf: Bool) -> DomainReport.Alignment {
        DomainReport.Alignment(route: route, source: source, kind: kind, spf: spf, dkim: isSigned, passes: spf || isSigned)
    }

    var findings: [HealthFinding] {
        guard let own = facts.own else { return [] }
        var found: [HealthFinding] = []
        let failing = part.filter { !$0.passes }
        for route in Set(failing.map(\.route)).sorted() {
            let sources = failing.filter { $0.route == route && !$0.source.isEmpty }.map(\.source)
            let whence = sources.isEmpty ? "" : " from \(Set(sources).sorted().joined(separator: ", "))"
            found.append(
                HealthFinding(
                    "alignment.route", .error, "Mail with From in \(facts.domain) by the route \(route)\(whence) fails DMARC.",
                    why:
                        "Neither SPF nor DKIM speaks for the domain in From. Gmail, Yahoo and Outlook.com refuse such mail from bulk senders. "
                        + "A DKIM key of the domain mends it on every route.",
                    subject: route, refusedBy: HealthFinding.bigThree))
        }
        if let path = own.returnPathDomain, path != facts.domain, !isAligned(path, record?.spfAlignment) {
            found.append(
                HealthFinding(
                    "alignment.return-path", .advice,
                    "The reverse-path domain of campaigns, \(path), is not of the same organization as \(facts.domain): SPF does not count for DMARC.",
                    why: "DKIM alone has to hold. Outlook.com wants SPF and DKIM to pass, one of them aligned.", subject: path.text))
        }
        return found
    }
}
