import MailAuthentication
import MailModel

/// What is to be said of a domain's SPF record.
struct SPFFindings {
    let facts: DomainFacts

    var part: DomainReport.SPFPart {
        let survey = facts.spf
        let sources = (facts.own?.sources ?? []).map { source in
            DomainReport.Source(
                source: source.source, address: source.address.description, result: source.results[facts.domain]?.rawValue ?? "none")
        }
        return DomainReport.SPFPart(
            record: survey.root.record, isValid: isValid, lookups: survey.lookups, voids: survey.voids, tree: survey.picture,
            sources: sources)
    }

    /// What an evaluation that has to go to its end would not stumble over.
    var isValid: Bool {
        let survey = facts.spf
        guard !survey.root.record.isEmpty else { return false }
        let isBroken = survey.nodes.contains { $0.fault != nil && $0.fault != .unanswered }
        return !isBroken && survey.lookups <= SPFSurvey.lookupsMax && survey.voids <= SPFSurvey.voidsMax
    }

    var findings: [HealthFinding] {
        let survey = facts.spf
        var found: [HealthFinding] = []
        switch survey.root.fault {
        case .missing?: return [missing]
        case .unanswered?:
            return [
                HealthFinding(
                    "spf.unanswered", .warning, "DNS gave no answer for the SPF record of \(facts.domain).",
                    why: "Receivers that ask now defer your mail (temperror).")
            ]
        case .several?:
            return [
                HealthFinding(
                    "spf.several", .error, "\(facts.domain) has more than one SPF record, which is as good as a broken one.",
                    why: "RFC 7208 §4.5: the result is permerror. Gmail, Yahoo and Outlook.com count it as no SPF.",
                    records: [advised(existing: nil)], refusedBy: ["outlook"])
            ]
        case .unreadable?:
            return [
                HealthFinding(
                    "spf.unreadable", .error, "The SPF record of \(facts.domain) has a mistake: \(survey.root.record)",
                    why: "One mistake makes all of it useless (permerror, RFC 7208 §4.6).", records: [advised(existing: nil)],
                    refusedBy: ["outlook"])
            ]
        case .loop?, nil: break
        }
        found += costs(survey) + mistakes(survey) + ends(survey) + own
        return found
    }

    private var missing: HealthFinding {
        HealthFinding(
            "spf.missing", .error, "\(facts.domain) has no SPF record.",
            why: "Gmail and Yahoo want SPF or DKIM from every sender, and both from those who send 5,000 messages a day; "
                + "Outlook.com answers 550 5.7.515 without both.",
            records: [advised(existing: nil)], refusedBy: ["outlook"])
    }

    private func costs(_ survey: SPFSurvey) -> [HealthFinding] {
        var found: [HealthFinding] = []
        if survey.lookups > SPFSurvey.lookupsMax {
            found.append(
                HealthFinding(
                    "spf.lookups", .error,
                    "The SPF record of \(facts.domain) needs \(survey.lookups) DNS look-ups; more than \(SPFSurvey.lookupsMax) are an error.",
                    why: "Receivers stop at ten (RFC 7208 §4.6.4) and count SPF as failed, Outlook.com among them. "
                        + "Take out includes of services that you no longer use, or put their addresses in as ip4 and ip6.",
                    refusedBy: ["outlook"]))
        } else if survey.lookups > SPFSurvey.lookupsMax - 2 {
            found.append(
                HealthFinding(
                    "spf.lookups-near", .warning,
                    "The SPF record of \(facts.domain) needs \(survey.lookups) of the \(SPFSurvey.lookupsMax) DNS look-ups that it may have.",
                    why: "A service that is included can add one without telling you; then SPF fails."))
        }
        if survey.voids > SPFSurvey.voidsMax {
            found.append(
                HealthFinding(
                    "spf.voids", .error,
                    "\(survey.voids) names in the SPF record of \(facts.domain) lead to nothing; more than \(SPFSurvey.voidsMax) are an error.",
                    why: "RFC 7208 §4.6.4 has receivers stop after two. Take the names out.", refusedBy: ["outlook"]))
        } else if survey.voids > 0 {
            found.append(
                HealthFinding(
                    "spf.void", .warning, "\(survey.voids) of the names in the SPF record of \(facts.domain) lead to nothing.",
                    why: "More than two make SPF fail, and whoever registers such a name could send as you."))
        }
        if survey.root.record.utf8.count > 450 {
            found.append(
                HealthFinding(
                    "spf.long", .warning,
                    "The SPF record of \(facts.domain) has \(survey.root.record.utf8.count) octets; with all other TXT records of the name it "
                        + "may not fit into one DNS packet.",
                    why: "Above about 450 octets some resolvers fail (RFC 7208 §3.4)."))
        }
        return found
    }

    private func mistakes(_ survey: SPFSurvey) -> [HealthFinding] {
        survey.nodes.dropFirst().compactMap { node in
            guard let fault = node.fault else { return nil }
            let isSilent = fault == .unanswered
            return HealthFinding(
                isSilent ? "spf.unanswered" : "spf.include", isSilent ? .warning : .error,
                "\(node.term) in the SPF record of \(facts.domain) \(isSilent ? "is not to be had: " : "")\(fault.words).",
                why: isSilent
                    ? "Receivers that ask now defer your mail (temperror)."
                    : "It makes the whole record an error for every address behind it.",
                subject: node.term, refusedBy: isSilent ? [] : ["outlook"])
        }
    }

    private func ends(_ survey: SPFSurvey) -> [HealthFinding] {
        var found: [HealthFinding] = []
        switch survey.allQualifier {
        case "+":
            found.append(
                HealthFinding(
                    "spf.all-pass", .error, "The SPF record of \(facts.domain) ends in +all: it lets everyone send in its name.",
                    why: "Receivers take +all as a sign of abuse.", records: [advised(existing: survey.root.record)]))
        case "?", "":
            found.append(
                HealthFinding(
                    "spf.all-neutral", .warning, "The SPF record of \(facts.domain) does not say what holds for all other addresses.",
                    why: "Without ~all or -all it protects nothing.", records: [advised(existing: survey.root.record)]))
        default: break
        }
        if survey.usesPointer {
            found.append(
                HealthFinding(
                    "spf.ptr", .warning, "The SPF record of \(facts.domain) uses ptr.",
                    why: "RFC 7208 §5.5 says not to: it is slow, and some receivers never match it."))
        }
        return found
    }

    /// Of the addresses that mail leaves from.
    private var own: [HealthFinding] {
        let failing = (facts.own?.sources ?? []).filter { source in
            guard let result = source.results[facts.domain] else { return false }
            return result != .pass && result != .temporaryError
        }
        guard !failing.isEmpty else { return [] }
        let names = failing.map { "\($0.source) (\($0.address))" }.joined(separator: ", ")
        return [
            HealthFinding(
                "spf.source", .error, "Mail from \(facts.domain) would not pass SPF from these sources: \(names).",
                why:
                    "Outlook.com wants SPF to pass for bulk senders (550 5.7.515), and Gmail and Yahoo want SPF and DKIM from 5,000 messages a day.",
                records: [advised(existing: facts.spf.root.record)], refusedBy: ["outlook"])
        ]
    }

    /// The record that lets our sources pass. `existing`: a record that is kept but for its end; nil for none that is of use.
    func advised(existing: String?) -> HealthFinding.Record {
        var terms: [String] = []
        let known = existing.flatMap { $0.isEmpty ? nil : $0 }?.split(separator: " ").dropFirst().map(String.init) ?? []
        terms += known.filter { !SPFFindings.isEnd($0) }
        for source in facts.own?.sources ?? [] where source.results[facts.domain] != .pass || existing == nil {
            let term = (source.address.isV6 ? "ip6:" : "ip4:") + source.address.description
            if !terms.contains(term) { terms.append(term) }
        }
        if existing == nil, facts.own == nil { terms.append("mx") }
        if let redirect = known.first(where: { $0.lowercased().hasPrefix("redirect=") }) {
            terms.append(redirect)
        } else {
            let end = known.first { SPFFindings.isEnd($0) && ["-", "~"].contains(String($0.prefix(1))) }
            terms.append(end ?? "~all")
        }
        return HealthFinding.Record(facts.domain.text, "TXT", (["v=spf1"] + terms).joined(separator: " "))
    }

    private static func isEnd(_ term: String) -> Bool {
        let low = term.lowercased()
        return ["all", "+all", "-all", "~all", "?all"].contains(low) || low.hasPrefix("redirect=")
    }
}
