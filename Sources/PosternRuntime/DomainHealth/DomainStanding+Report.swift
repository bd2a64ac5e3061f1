import DomainHealth
import MailModel
import OutboundPolicy
import Storage

extension DomainStanding {
    /// Nil where large receivers find nothing to refuse mail for, as far as DNS answered.
    init?(_ domain: DomainName, _ report: DomainReport) {
        let rules = Set(report.findings.map(\.rule))
        func records(_ parts: String...) -> [String] {
            report.findings.filter { finding in parts.contains { finding.rule.hasPrefix("\($0).") } && finding.severity == .error }
                .flatMap(\.records).prefix(DomainStanding.recordsMax).map(\.line)
        }
        var problems: [Problem] = []
        if let gone = report.findings.first(where: {
            ["domain.missing", "mx.missing", "mx.null"].contains($0.rule) && $0.severity == .error
        }) {
            problems.append(
                Problem(rule: "identity.unreachable", text: "\(gone.text) Yahoo and Outlook.com refuse its mail.", publish: records("mx")))
        }
        let isKnown = rules.isDisjoint(with: ["domain.unanswered", "spf.unanswered", "dkim.unanswered", "dmarc.unanswered"])
        if isKnown, report.spf.record.isEmpty, !report.dkim.contains(where: { $0.signs && $0.state == "published" }) {
            problems.append(
                Problem(
                    rule: "identity.unauthenticated",
                    text: "\(domain) has neither SPF nor a DKIM key that signs: Gmail, Yahoo and Outlook.com refuse its mail.",
                    publish: records("spf", "dkim")))
        } else if isKnown, report.dmarc.effective == "reject", let routes = DomainStanding.unaligned(report) {
            problems.append(
                Problem(
                    rule: "identity.dmarc",
                    text: "The DMARC record of \(domain) asks receivers to refuse what is not aligned, and nothing on the route is.",
                    publish: records("dkim", "spf"), routes: routes.isForAll ? nil : routes.names))
        }
        guard !problems.isEmpty else { return nil }
        self.init(domain: domain, problems: problems)
    }

    private static let recordsMax = 3

    /// Routes of ours by which nothing is aligned; nil for none. What the host of a smarthost route signs is not known here, so such a
    /// route is never among them.
    private static func unaligned(_ report: DomainReport) -> (names: [String], isForAll: Bool)? {
        let lines = report.alignment.filter { $0.kind == "mail" }
        let failing = Set(lines.filter { !$0.source.isEmpty }.map(\.route)).filter { route in
            !lines.contains { $0.route == route && $0.passes }
        }
        guard !failing.isEmpty else { return nil }
        return (failing.sorted(), Set(lines.map(\.route)) == failing)
    }
}

extension DomainLook {
    /// Brings what submission goes by up to the report; nothing is written where that is so already.
    func keepStanding(of domain: DomainName, _ report: DomainReport, at now: Timestamp) async throws {
        let old = try await administration.directory().domainStandings[domain]
        let new = DomainStanding(domain, report)
        guard old != new else { return }
        let act = Act(actor: "postern", reason: "looked at DNS", at: now)
        let entry = act.entry(new == nil ? "domain.identity-clear" : "domain.identity-problem", target: domain.text)
        if let new {
            try await administration.put(.domainStanding, name: domain.text, new, entry: entry)
        } else {
            try await administration.remove(.domainStanding, name: domain.text, entry: entry)
        }
    }

    /// Of domains that are looked at no more, nothing is known.
    func dropStandings(except domains: [DomainName], at now: Timestamp) async throws {
        let act = Act(actor: "postern", reason: "no domain of ours any more", at: now)
        for domain in Set(try await administration.directory().domainStandings.keys).subtracting(domains).sorted() {
            try await administration.remove(
                .domainStanding, name: domain.text, entry: act.entry("domain.identity-clear", target: domain.text))
        }
    }
}
