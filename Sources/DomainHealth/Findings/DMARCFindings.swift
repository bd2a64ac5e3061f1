import MailAuthentication
import MailModel

/// What is to be said of the DMARC record that holds for a domain (RFC 9989).
struct DMARCFindings {
    let facts: DomainFacts

    var ruling: DMARC.Ruling? { DMARC.ruling(facts.dmarc, exists: facts.exists) }

    var part: DomainReport.DMARCPart {
        let found = facts.dmarc.governing
        let record = found?.record
        return DomainReport.DMARCPart(
            record: found?.text ?? "", at: found?.domain.text ?? "", policy: record?.policy?.rawValue,
            subdomainPolicy: record?.subdomainPolicy?.rawValue, absentPolicy: record?.absentPolicy?.rawValue,
            effective: ruling?.effective.rawValue, organization: facts.dmarc.organization.text,
            dkimAlignment: (record?.dkimAlignment ?? .relaxed).rawValue, spfAlignment: (record?.spfAlignment ?? .relaxed).rawValue,
            isTest: record?.isTest ?? false, reports: record?.reports ?? [], failureReports: record?.failureReports ?? [])
    }

    var findings: [HealthFinding] {
        var found: [HealthFinding] = facts.dmarc.doubled.map { domain in
            HealthFinding(
                "dmarc.several", .error, "_dmarc.\(domain) has more than one DMARC record, so none of them counts.",
                why: "RFC 9989 §4.10: receivers pass over all of them.", records: [advised(nil)],
                refusedBy: HealthFinding.bigThree)
        }
        guard let governing = facts.dmarc.governing else {
            if !facts.dmarc.unknown.isEmpty {
                found.append(
                    HealthFinding(
                        "dmarc.unanswered", .warning, "DNS gave no answer for the DMARC record of \(facts.domain).",
                        why: "Receivers that ask now may defer your mail."))
            } else if found.isEmpty {
                found.append(
                    HealthFinding(
                        "dmarc.missing", .error, "\(facts.domain) has no DMARC record, nor has a domain above it.",
                        why: "Gmail, Yahoo and Outlook.com refuse bulk mail from domains without one (Outlook.com: 550 5.7.515).",
                        records: [advised(nil)], refusedBy: HealthFinding.bigThree))
            }
            return found
        }
        found += policy(governing) + notes(governing) + reports(governing)
        return found
    }

    private func policy(_ found: DMARCWalk.Found) -> [HealthFinding] {
        guard let ruling else {
            return [
                HealthFinding(
                    "dmarc.useless", .error, "The DMARC record of \(found.domain) names no policy that can be read: \(found.text)",
                    why: "Without p and without rua receivers pass over it (RFC 9989 §4.10.1).", records: [advised(found)],
                    refusedBy: HealthFinding.bigThree)
            ]
        }
        var findings: [HealthFinding] = []
        if ruling.effective == .none {
            findings.append(
                HealthFinding(
                    "dmarc.none", .advice,
                    "DMARC of \(facts.domain) asks for nothing (\(ruling.tag)=\(ruling.published.rawValue)\(found.record.isTest ? ", t=y" : "")).",
                    why:
                        "Anyone may send in your name unhindered. Once the reports show that all of your own mail passes, go on to quarantine, "
                        + "then reject."))
        } else if found.record.isTest {
            findings.append(
                HealthFinding(
                    "dmarc.test", .advice, "DMARC of \(found.domain) is being tested (t=y): what holds is one step milder.",
                    why: "RFC 9989: reject acts as quarantine, quarantine as none."))
        }
        if found.domain == facts.domain, found.record.policy == .reject || found.record.policy == .quarantine,
            found.record.subdomainPolicy == DMARCRecord.Policy.none
        {
            findings.append(
                HealthFinding(
                    "dmarc.subdomains", .warning, "DMARC of \(found.domain) protects the domain, but none below it (sp=none).",
                    why: "Forgers then take a name below yours. Use np=reject for names that do not exist, at the least."))
        }
        return findings
    }

    private func notes(_ found: DMARCWalk.Found) -> [HealthFinding] {
        let why = "RFC 9989 has receivers pass over it; older ones may not."
        return found.record.notes.map { note in
            switch note {
            case .obsolete(let tag):
                HealthFinding(
                    "dmarc.obsolete", .advice, "The tag \(tag) in the DMARC record of \(found.domain) is obsolete since RFC 9989.",
                    why: tag == "pct" ? "pct is no longer followed; t=y asks for one step less instead." : why, subject: tag,
                    records: [advised(found)])
            case .sizeLimit(let address):
                HealthFinding(
                    "dmarc.obsolete", .advice, "The size behind \(address) in the DMARC record of \(found.domain) is obsolete.", why: why,
                    subject: "!size", records: [advised(found)])
            case .unknownTag(let tag):
                HealthFinding(
                    "dmarc.unknown-tag", .warning, "The DMARC record of \(found.domain) has a tag \(tag) that nobody knows.", why: why,
                    subject: tag)
            case .badValue(let tag, let value):
                HealthFinding(
                    "dmarc.bad-value", ["p", "sp", "np", "rua"].contains(tag) ? .error : .warning,
                    "\(tag)=\(value) in the DMARC record of \(found.domain) cannot be read.",
                    why: "Receivers then take the default, and with p, sp and np none at all.", subject: tag, records: [advised(found)])
            case .repeatedTag(let tag):
                HealthFinding(
                    "dmarc.repeated-tag", .warning, "The tag \(tag) stands twice in the DMARC record of \(found.domain).",
                    why: "Receivers differ in which of them they read.", subject: tag)
            case .badPart(let text):
                HealthFinding(
                    "dmarc.bad-part", .warning, "\"\(text)\" in the DMARC record of \(found.domain) is no tag.", why: why, subject: text)
            case .policyNotFirst:
                HealthFinding(
                    "dmarc.order", .advice, "p does not stand right behind v in the DMARC record of \(found.domain).",
                    why: "Older receivers want it there (RFC 7489).", records: [advised(found)])
            case .missingPolicy:
                HealthFinding(
                    "dmarc.no-policy", .warning, "The DMARC record of \(found.domain) has no p.",
                    why: "With an address for reports it counts as p=none (RFC 9989); older receivers pass over the record.",
                    records: [advised(found)])
            }
        }
    }

    private func reports(_ found: DMARCWalk.Found) -> [HealthFinding] {
        var findings: [HealthFinding] = []
        if found.record.reports.isEmpty {
            findings.append(
                HealthFinding(
                    "dmarc.no-reports", .warning, "The DMARC record of \(found.domain) asks for no reports (rua).",
                    why: "Without them nobody tells you who sends in your name, and what of your own mail fails. Yahoo advises it.",
                    records: [advised(found)]))
        }
        for (name, answer) in facts.reportPermissions.sorted(by: { $0.key < $1.key }) {
            if case .records(let texts, _, _) = answer, texts.contains(where: { DMARCRecord($0) != nil }) { continue }
            if case .failure = answer { continue }
            findings.append(
                HealthFinding(
                    "dmarc.report-permission", .warning,
                    "Reports about \(found.domain) go to another domain, which does not say that it takes them.",
                    why: "RFC 9990 §4: reporters then send none there. The other domain has to publish the record.", subject: name.text,
                    records: [HealthFinding.Record(name.text, "TXT", "v=DMARC1")]))
        }
        if !found.record.failureReports.isEmpty {
            findings.append(
                HealthFinding(
                    "dmarc.failure-reports", .advice, "The DMARC record of \(found.domain) asks for failure reports (ruf).",
                    why: "They carry mail of people. Few receivers send them; treat what comes as personal data (RFC 9991)."))
        }
        return findings
    }

    /// The record as it should be: what stands there, put right; or one to begin with.
    func advised(_ found: DMARCWalk.Found?) -> HealthFinding.Record {
        let domain = found?.domain ?? facts.dmarc.organization
        let record = found?.record
        let address = facts.own?.reportAddress.map { "mailto:\($0)" } ?? "mailto:dmarc-reports@\(domain)"
        var tags = ["v=DMARC1", "p=\((record?.policy ?? DMARCRecord.Policy.none).rawValue)"]
        if let policy = record?.subdomainPolicy { tags.append("sp=\(policy.rawValue)") }
        if let policy = record?.absentPolicy { tags.append("np=\(policy.rawValue)") }
        if record?.dkimAlignment == .strict { tags.append("adkim=s") }
        if record?.spfAlignment == .strict { tags.append("aspf=s") }
        if record?.isTest == true { tags.append("t=y") }
        if let mark = record?.suffixMark, mark != .unknown { tags.append("psd=\(mark.rawValue)") }
        tags.append("rua=" + (record.flatMap { $0.reports.isEmpty ? nil : $0.reports.joined(separator: ",") } ?? address))
        if let failure = record?.failureReports, !failure.isEmpty { tags.append("ruf=" + failure.joined(separator: ",")) }
        if let options = record?.failureOptions, options != ["0"] { tags.append("fo=" + options.joined(separator: ":")) }
        return HealthFinding.Record("_dmarc.\(domain)", "TXT", tags.joined(separator: "; "))
    }
}
