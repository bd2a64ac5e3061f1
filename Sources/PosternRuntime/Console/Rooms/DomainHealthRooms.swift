import Console
import DomainHealth
import MailModel
import OutboundPolicy

/// What receivers find about own domains, what to publish, and what changed when.
extension Rooms {
    var domainHealthRooms: [Room] { [domainHealth, domainFindings, domainReports, domainReport, tlsReports] }

    private var domainHealth: Room {
        Room("/domain-health", scopes(.domainsRead)) { request in
            let rows = try await perform(ListDomainHealth(), request)
            let table = Table(
                "Own domains",
                [
                    Table.Column("Domain"), Table.Column("State"), Table.Column("Errors", isNumber: true),
                    Table.Column("Warnings", isNumber: true), Table.Column("The gravest"), Table.Column("Looked at"),
                ],
                rows.map { row in
                    [
                        Table.Cell(row.domain, href: PagePath.make("domain-health", row.domain)),
                        Table.Cell(DomainWords.state(row.state), tone: DomainWords.tone(state: row.state)), .number(row.errors),
                        .number(row.warnings), Table.Cell(row.worst), .time(row.checkedAt),
                    ]
                },
                empty: "There are no own domains: none is accepted, and none has DKIM keys.")
            return .page(
                Page(
                    "Domain health", lead: "What receivers find about own domains. Each is looked at once a day.",
                    blocks: [.links(Rooms.domainLinks(nil, "/domain-health")), .table(table)]))
        }
    }

    /// To the three pages of domains; of one domain where one is looked at.
    static func domainLinks(_ domain: String?, _ current: String) -> [Link] {
        let query = domain.map { "?domain=\($0)" } ?? ""
        let health = domain.map { PagePath.make("domain-health", $0) } ?? "/domain-health"
        return [
            Link("Health", health, isCurrent: current == "/domain-health"),
            Link("Who sends as us", "/domain-reports\(query)", isCurrent: current == "/domain-reports"),
            Link("TLS towards us", "/tls-reports\(query)", isCurrent: current == "/tls-reports"),
        ]
    }

    private var domainFindings: Room {
        Room(
            "/domain-health/{domain}", scopes(.domainsRead),
            acts: [
                "look": act({ LookAtDomain(domain: try Rooms.domain($0["domain"])) }) { _, request in
                    .done("DNS was asked", to: request.path)
                }
            ]
        ) { request in
            let domain = try Rooms.domain(request["domain"])
            let view = try await perform(ShowDomainHistory(domain: domain), request)
            var page = Page(domain.text, back: Link("Domain health", "/domain-health"))
            page.blocks.append(.links(Rooms.domainLinks(domain.text, "/domain-health")))
            let look = Form.button("Look now", act: "look", label: "Look at \(domain) in DNS now")
            guard let report = view.report else {
                page.lead = "Nobody has looked at it yet. A running gate looks once a day."
                page.blocks.append(.form(look))
                return .page(page)
            }
            page.lead = DomainWords.lead(report)
            page.blocks += [.facts(Rooms.facts(report)), .form(look)]
            if report.dkim.isEmpty, request.viewer.scopes.contains(AccessScope.dkimWrite.rawValue) {
                page.blocks.append(
                    .form(
                        .button(
                            "Make the keys", act: "add", action: "/dkim", hidden: ["domain": domain.text],
                            label: "Make DKIM keys for \(domain)")))
            } else if request.viewer.scopes.contains(AccessScope.dkimRead.rawValue) {
                page.blocks.append(.links([Link("DKIM keys and their records", Rooms.dkimPath(domain.text))]))
            }
            page.blocks.append(.heading(report.findings.isEmpty ? "Nothing to mend" : "What to mend"))
            page.blocks += report.findings.flatMap(Rooms.blocks)
            page.blocks.append(.heading("History"))
            page.blocks.append(.timeline(view.history.map(Rooms.moment)))
            return .page(page)
        }
    }

    static func domain(_ text: String) throws -> DomainName {
        guard let domain = DomainName(text) else { throw Problem.notFound("\(text.prefix(200)) is no domain.") }
        return domain
    }

    private static func facts(_ report: DomainReport) -> [Fact] {
        var facts = [
            Fact(
                "State", DomainWords.state(report.state.rawValue), note: "looked at \(PageTime.text(report.checkedAt)) UTC",
                tone: DomainWords.tone(state: report.state.rawValue)),
            Fact(
                "SPF", report.spf.record.isEmpty ? "no record" : report.spf.record, note: "\(report.spf.lookups) of 10 look-ups",
                isCode: !report.spf.record.isEmpty),
            Fact("DMARC", report.dmarc.record.isEmpty ? "no record" : report.dmarc.record, isCode: !report.dmarc.record.isEmpty),
        ]
        if !report.dkim.isEmpty {
            facts.append(Fact("DKIM", report.dkim.map { "\($0.selector): \($0.state)" }.joined(separator: ", ")))
        }
        let hosts = report.mx.map { "\($0.host) (\($0.preference))" }.joined(separator: ", ")
        facts.append(Fact("Mail hosts", hosts.isEmpty ? "none" : hosts))
        facts.append(
            Fact("TLS", "MTA-STS \(report.transport.mtaSTS ?? "none"), DANE \(report.transport.dane), DNSSEC \(report.transport.dnssec)"))
        let failing = report.alignment.filter { !$0.passes }.map(\.route)
        if !report.alignment.isEmpty {
            facts.append(
                Fact(
                    "DMARC by our routes", failing.isEmpty ? "all pass" : "fails by \(Set(failing).sorted().joined(separator: ", "))",
                    tone: failing.isEmpty ? .good : .bad))
        }
        return facts
    }

    /// A finding, with the records to be copied.
    private static func blocks(_ finding: HealthFinding) -> [Block] {
        let refused = finding.refusedBy.isEmpty ? "" : " Refused by \(finding.refusedBy.map(DomainWords.receiver).joined(separator: ", "))."
        let notice = Notice(
            DomainWords.tone(finding.severity), "\(DomainWords.word(finding.severity)): \(finding.text)",
            text: "\(finding.why)\(refused)\(finding.records.isEmpty ? "" : " Publish:")")
        guard !finding.records.isEmpty else { return [.notice(notice)] }
        return [.notice(notice), .code(finding.records.map(\.line).joined(separator: "\n"))]
    }

    private static func moment(_ change: DomainHistoryView.Change) -> Moment {
        Moment(
            change.at, DomainWords.state(change.state), tone: DomainWords.tone(state: change.state),
            texts: change.changes.isEmpty ? ["First look."] : change.changes)
    }
}

/// Words and colours of domains.
enum DomainWords {
    static func state(_ state: String) -> String { state.isEmpty ? "not looked at" : state }

    static func tone(state: String) -> Tone {
        switch state {
        case "healthy": .good
        case "warning": .warning
        case "failing": .bad
        default: .neutral
        }
    }

    static func tone(_ severity: HealthFinding.Severity) -> Tone {
        switch severity {
        case .error: .bad
        case .warning: .warning
        case .advice: .info
        }
    }

    static func receiver(_ name: String) -> String {
        switch name {
        case "gmail": "Gmail"
        case "yahoo": "Yahoo"
        case "outlook": "Outlook.com"
        default: name
        }
    }

    static func word(_ severity: HealthFinding.Severity) -> String {
        switch severity {
        case .error: "Error"
        case .warning: "Warning"
        case .advice: "Advice"
        }
    }

    static func lead(_ report: DomainReport) -> String {
        switch report.state {
        case .healthy: "Receivers find what they look for."
        case .warning: "Something costs trust, or will break with the next change."
        case .failing: "Receivers refuse mail for what they find, or put it into the spam folder."
        }
    }
}
