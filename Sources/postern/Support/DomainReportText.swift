import DomainHealth

/// A look at a domain, for people.
enum DomainReportText {
    static func lines(_ report: DomainReport) -> [String] {
        let parts = [head(report), spf(report), dkim(report), alignment(report), hosts(report), addresses(report), findings(report)]
        return Array(parts.filter { !$0.isEmpty }.joined(separator: [" "]))
    }

    private static func head(_ report: DomainReport) -> [String] {
        let (dmarc, transport) = (report.dmarc, report.transport)
        let counts = DomainCounts(report.findings)
        var lines = ["\(report.domain): \(report.state.rawValue) (\(counts.text))"]
        lines.append(
            "SPF      \(report.spf.record.isEmpty ? "none" : "\(report.spf.lookups) of 10 look-ups, \(report.spf.voids) of 2 void")")
        let place = dmarc.at == report.domain || dmarc.at.isEmpty ? "" : ", from \(dmarc.at)"
        lines.append("DMARC    \(dmarc.effective ?? "none")\(dmarc.isTest ? ", test" : "")\(place), organization \(dmarc.organization)")
        lines.append("MTA-STS  \(transport.mtaSTS ?? "none")")
        lines.append("TLS-RPT  \(transport.tlsReports.isEmpty ? "none" : transport.tlsReports.joined(separator: ", "))")
        lines.append("DANE     \(transport.dane)")
        lines.append("DNSSEC   \(transport.dnssec)")
        lines.append("BIMI     \(transport.bimi.isEmpty ? "none" : transport.bimi)")
        return lines
    }

    private static func spf(_ report: DomainReport) -> [String] {
        guard !report.spf.record.isEmpty else { return [] }
        let sources = report.spf.sources.map { [$0.source, $0.address, $0.result] }
        return [report.spf.record] + report.spf.tree.map { "  " + $0 }
            + (sources.isEmpty ? [] : Output.tableLines(["SOURCE", "ADDRESS", "SPF"], sources))
    }

    private static func dkim(_ report: DomainReport) -> [String] {
        table(["DKIM KEY", "STATE", "TYPE", "BITS", "SIGNS"], report.dkim) {
            ["\($0.selector)._domainkey.\($0.domain)", $0.state, $0.type, $0.bits > 0 ? "\($0.bits)" : "", $0.signs ? "yes" : "no"]
        }
    }

    private static func alignment(_ report: DomainReport) -> [String] {
        table(["ROUTE", "SOURCE", "KIND", "SPF", "DKIM", "DMARC"], report.alignment) {
            [$0.route, $0.source, $0.kind, $0.spf ? "aligned" : "no", $0.dkim ? "aligned" : "no", $0.passes ? "passes" : "fails"]
        }
    }

    private static func hosts(_ report: DomainReport) -> [String] {
        table(["MX", "PREFERENCE", "ADDRESSES", "TLSA", "IN MTA-STS"], report.mx) {
            [
                $0.host, "\($0.preference)", $0.addresses.joined(separator: " "), $0.tlsa.joined(separator: ", "),
                $0.isNamed.map { $0 ? "yes" : "no" } ?? "",
            ]
        }
    }

    private static func addresses(_ report: DomainReport) -> [String] {
        table(["SOURCE", "ADDRESS", "REVERSE NAMES", "LEADS BACK", "EHLO"], report.addresses) {
            [
                $0.source, $0.address, $0.names.joined(separator: " "), $0.isForwardConfirmed ? "yes" : "no",
                "\($0.hello)\($0.isHelloConfirmed ? "" : " (leads elsewhere)")",
            ]
        }
    }

    private static func findings(_ report: DomainReport) -> [String] {
        report.findings.flatMap { finding in
            let refused = finding.refusedBy.isEmpty ? "" : " [refused by: \(finding.refusedBy.joined(separator: ", "))]"
            return ["\(finding.severity.rawValue.uppercased())  \(finding.text)\(refused)  (\(finding.rule))", "    \(finding.why)"]
                + finding.records.map { "    Publish: \($0.line)" }
        }
    }

    private static func table<Row>(_ titles: [String], _ rows: [Row], _ cells: (Row) -> [String]) -> [String] {
        rows.isEmpty ? [] : Output.tableLines(titles, rows.map(cells))
    }
}

/// `2 errors, 1 warning`.
private struct DomainCounts {
    let text: String

    init(_ findings: [HealthFinding]) {
        let parts = HealthFinding.Severity.allCases.compactMap { severity -> String? in
            let count = findings.filter { $0.severity == severity }.count
            guard count > 0 else { return nil }
            return severity == .advice ? "\(count) of advice" : "\(count) \(severity.rawValue)\(count == 1 ? "" : "s")"
        }
        text = parts.isEmpty ? "nothing found" : parts.joined(separator: ", ")
    }
}
