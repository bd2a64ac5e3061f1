package import MailModel

/// Facts about a domain in, what is to be said of it out.
package enum DomainCheck {
    package static func report(_ facts: DomainFacts, at now: Timestamp) -> DomainReport {
        let transport = TransportFindings(facts: facts)
        let addresses = AddressFindings(sources: facts.own?.sources ?? [])
        let structure = StructureFindings(facts: facts).findings
        var findings = structure
        // Of a domain that is not there nothing else has to be said.
        if facts.exists {
            findings += SPFFindings(facts: facts).findings + DKIMFindings(facts: facts).findings + DMARCFindings(facts: facts).findings
            findings += AlignmentFindings(facts: facts).findings + transport.findings + addresses.findings
        }
        let sorted = findings.enumerated().sorted { ($0.element.severity, $0.offset) < ($1.element.severity, $1.offset) }.map(\.element)
        return DomainReport(
            domain: facts.domain.text, checkedAt: now.rfc3339, state: state(sorted), spf: SPFFindings(facts: facts).part,
            dkim: DKIMFindings(facts: facts).part, dmarc: DMARCFindings(facts: facts).part, alignment: AlignmentFindings(facts: facts).part,
            mx: transport.hosts, hasNullMX: transport.hasNullMX, transport: transport.part, addresses: addresses.part, findings: sorted)
    }

    private static func state(_ findings: [HealthFinding]) -> DomainReport.State {
        if findings.contains(where: { $0.severity == .error }) { return .failing }
        return findings.contains { $0.severity == .warning } ? .warning : .healthy
    }

    /// What changed from one look to the next, in words; empty where nothing that matters did. DNS's silence changes nothing.
    package static func changes(from old: DomainReport, to new: DomainReport) -> [String] {
        func known(_ report: DomainReport) -> [String: HealthFinding] {
            Dictionary(
                report.findings.filter { !$0.rule.hasSuffix(".unanswered") && $0.severity != .advice }.map {
                    ("\($0.rule) \($0.subject)", $0)
                }
            ) { first, _ in first }
        }
        let silent = Set(new.findings.filter { $0.rule.hasSuffix(".unanswered") }.map { $0.rule.prefix { $0 != "." } })
        let (before, after) = (known(old), known(new))
        var changes = after.filter { before[$0.key] == nil }.sorted { $0.key < $1.key }.map { "New: \($0.value.text)" }
        changes += before.filter { after[$0.key] == nil && !silent.contains($0.value.rule.prefix { $0 != "." }) }
            .sorted { $0.key < $1.key }.map { "Mended: \($0.value.text)" }
        for (name, was, isNow) in [("SPF", old.spf.record, new.spf.record), ("DMARC", old.dmarc.record, new.dmarc.record)]
        where was != isNow && !was.isEmpty && !isNow.isEmpty {
            changes.append("The \(name) record is now \(isNow) (before: \(was))")
        }
        let (hostsBefore, hosts) = (old.mx.map(\.host).sorted(), new.mx.map(\.host).sorted())
        if hostsBefore != hosts, !hosts.isEmpty, !hostsBefore.isEmpty {
            changes.append("The mail hosts are now \(hosts.joined(separator: ", ")) (before: \(hostsBefore.joined(separator: ", ")))")
        }
        return changes
    }
}
