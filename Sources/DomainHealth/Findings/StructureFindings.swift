import MailAuthentication
import MailModel

/// Whether the domain is there at all, and how mail of different kinds is kept apart.
struct StructureFindings {
    let facts: DomainFacts

    var findings: [HealthFinding] {
        guard facts.exists else {
            return [
                HealthFinding(
                    "domain.missing", .error, "DNS has no domain \(facts.domain).",
                    why: "Yahoo and others refuse mail whose From or MAIL FROM domain does not exist.", refusedBy: HealthFinding.bigThree)
            ]
        }
        if case .failure(let reason, _) = facts.authority {
            return [
                HealthFinding(
                    "domain.unanswered", .warning, "DNS gave no answer on \(facts.domain): \(reason).",
                    why: "Receivers that ask now defer your mail.")
            ]
        }
        return bulk
    }

    /// People's mail and bulk mail by one domain share one reputation.
    private var bulk: [HealthFinding] {
        guard facts.domain == facts.dmarc.organization, facts.mx.list?.contains(where: { $0.exchange != nil }) == true else { return [] }
        let domain = "news.\(facts.domain)"
        let spf = SPFFindings(facts: facts)
        let sources = (facts.own?.sources ?? []).map { ($0.address.isV6 ? "ip6:" : "ip4:") + $0.address.description }
        let terms = ["v=spf1"] + (sources.isEmpty ? ["include:\(facts.domain)"] : sources) + ["-all"]
        guard !spf.part.record.isEmpty || !sources.isEmpty else { return [] }
        return [
            HealthFinding(
                "structure.bulk", .advice, "Send bulk mail from a subdomain, such as \(domain), and keep \(facts.domain) for people.",
                why:
                    "Gmail, Yahoo and Outlook.com keep a reputation for each domain: complaints about a campaign then do not slow your colleagues' mail. "
                    + "DMARC of \(facts.domain) covers it.",
                records: [
                    HealthFinding.Record(domain, "TXT", terms.joined(separator: " ")),
                    HealthFinding.Record(domain, "MX", "10 \(firstHost)."),
                ])
        ]
    }

    private var firstHost: String { facts.mx.list?.compactMap(\.exchange).first?.text ?? facts.domain.text }
}
