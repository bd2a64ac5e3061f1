import MailModel

// Which ways it leaves by, and what receivers find of the domain.
extension LaunchChecklist {
    static func routes(_ facts: ChecklistFacts) -> [ChecklistLine] {
        let plain = facts.routes.first { !$0.encrypts }
        let stopped = facts.routes.first { !$0.stopped.isEmpty }
        return [
            line(
                "ROUTE", facts.hasRoute, .amber, "Route", good: "Mail has a way out: \(names(facts.routes)).",
                why: "No route is open: all mail ends in the built-in receiver, and none leaves the machine.",
                fix: "Open a way out: `postern routes add`."),
            alignment(facts),
            line(
                "GM-05", plain == nil, .red, "Encryption", good: "Each route encrypts where the other side can.",
                why: "The route \(plain?.name ?? "") is set to send without encryption: Gmail refuses that (4.7.29).",
                fix: "Add the route again with --tls opportunistic."),
            line(
                "M365-02", stopped == nil, .red, "Routes run", good: "No route stands still.",
                why: "The route \(stopped?.name ?? "") stands still: \(stopped?.stopped ?? "").",
                fix: "Mend what its host says, then postern routes probe \(stopped?.name ?? "")."),
            mailbox(facts),
        ] + health(facts) + [volume(facts), complaints(facts), google(facts)]
    }

    private static func names(_ routes: [ChecklistFacts.RouteLine]) -> String {
        let names = routes.prefix(5).map(\.name).joined(separator: ", ")
        return routes.count > 5 ? "\(names) and \(routes.count - 5) more" : names.isEmpty ? "none" : names
    }

    /// DMARC asks for one domain in From and in what is proved, whichever route a copy takes.
    private static func alignment(_ facts: ChecklistFacts) -> ChecklistLine {
        let host = facts.from.host.description
        let title = "One domain on each route"
        if let other = facts.routes.first(where: { route in
            route.fromWritten.map { written in !facts.signedDomains.contains { written.isWithin($0) } } ?? false
        }) {
            return ChecklistLine(
                "ALIGN", .red, title,
                why:
                    "The route \(other.name) writes From as \(other.fromWritten?.text ?? ""), which nothing of ours signs: DMARC fails there.",
                fix:
                    "Take the rewriting off the route, sign that domain (postern dkim add \(other.fromWritten?.text ?? "")), or close the route."
            )
        }
        if let failing = facts.routes.first(where: { $0.isAligned == false }) {
            return ChecklistLine(
                "ALIGN", .red, title,
                why: "By the route \(failing.name) neither SPF nor DKIM speaks for \(host): Gmail, Yahoo and Outlook refuse the mail.",
                fix: "postern domain check \(host) names the record that is missing.")
        }
        return ChecklistLine("ALIGN", .green, title, why: "\(host) is what is proved by \(names(facts.routes)).")
    }

    /// A Microsoft 365 mailbox is made for letters.
    private static func mailbox(_ facts: ChecklistFacts) -> ChecklistLine {
        let limits = MailboxLimits()
        guard let route = facts.routes.first(where: \.isMailbox) else {
            return ChecklistLine("M365-01", .green, "Limits of mailboxes", why: "No route is a Microsoft 365 mailbox.")
        }
        if facts.perDay > limits.recipientsPerDay {
            return ChecklistLine(
                "M365-01", .red, "Limits of mailboxes",
                why:
                    "\(facts.perDay) recipients in a day by the mailbox of the route \(route.name), which may have \(limits.recipientsPerDay): "
                    + "Microsoft stops it for everybody.",
                fix: "Send in batches (--per-day \(limits.batchPerDay)), or by another route.")
        }
        return line(
            "M365-01", facts.perDay <= limits.policyPerDay, .amber, "Limits of mailboxes",
            good: "\(facts.perDay) in a day are within what a mailbox may send.",
            why: "\(facts.perDay) recipients in a day by the mailbox of the route \(route.name): the outbound spam policy usually stops "
                + "at \(limits.policyPerDay).",
            fix: "Send in batches: --per-day \(limits.batchPerDay).")
    }

    // MARK: - What receivers find

    /// What the latest look at DNS says, by the rules of receivers.
    private static let healthRules: [(code: String, title: String, prefixes: [String], why: String)] = [
        ("GM-02", "DMARC", ["dmarc."], "Gmail, Yahoo and Outlook refuse bulk mail from domains without it."),
        ("GM-04", "Names of sending hosts", ["ptr.", "ehlo."], "Receivers refuse hosts whose address has no name that leads back."),
        ("GM-19", "DKIM keys", ["dkim."], "A signature that cannot be verified counts as none."),
        ("MS-06", "SPF", ["spf."], "Outlook wants SPF and DKIM to pass from who sends 5,000 a day; more than 10 look-ups fail."),
        ("YH-04", "The domain can be reached", ["domain.", "mx."], "Yahoo and Outlook refuse mail from domains that take none."),
    ]

    private static func health(_ facts: ChecklistFacts) -> [ChecklistLine] {
        let host = facts.from.host.description
        guard let health = facts.health else {
            return [
                ChecklistLine(
                    "DNS", .amber, "Records of the domain", why: "Nobody has looked yet at what receivers find of \(host) in DNS.",
                    fix: "postern domain check \(host) --keep; domains of the installation are looked at once a day.")
            ]
        }
        return [ChecklistLine("DNS", .green, "Records of the domain", why: "Receivers' view of \(host) was looked at.")]
            + healthRules.map { rule in
                let found = health.findings.filter { finding in
                    rule.prefixes.contains { finding.rule.hasPrefix($0) } && !finding.rule.hasSuffix(".unanswered")
                }
                let worst = found.first(where: \.isError) ?? found.first
                guard let worst else { return ChecklistLine(rule.code, .green, rule.title, why: "Nothing is wrong with it.") }
                return ChecklistLine(
                    rule.code, worst.isError && facts.isMarketing ? .red : .amber, rule.title, why: "\(worst.text) \(rule.why)",
                    fix: worst.record.isEmpty ? "postern domain check \(host)" : "Publish: \(worst.record)")
            }
    }

    /// Gmail: grow slowly, never double suddenly.
    private static func volume(_ facts: ChecklistFacts) -> ChecklistLine {
        let few = 1000
        guard facts.perDay > few else {
            return ChecklistLine("GM-14", .green, "Volume", why: "\(facts.perDay) in a day are few enough to come all at once.")
        }
        let busiest = facts.past.busiestDay ?? 0
        guard facts.perDay > 2 * max(busiest, few / 2) else {
            return ChecklistLine(
                "GM-14", .green, "Volume", why: "\(facts.perDay) in a day, after \(busiest) on the busiest day of the last 30.")
        }
        let times =
            busiest > 0 ? "\(facts.perDay / busiest) times the busiest day of the last 30 (\(busiest))" : "the first volume of this size"
        return ChecklistLine(
            "GM-14", .amber, "Volume", why: "\(facts.perDay) in a day are \(times): receivers put off senders that grow suddenly.",
            fix: "Spread it: --per-day \(max(few, 2 * busiest)), or warm the source up first (postern warm-up).")
    }

    /// GM-06: below 0.1 %, never 0.3 %. What is counted here is a lower bound: Yahoo counts what reached the inbox only (YH-03).
    private static func complaints(_ facts: ChecklistFacts) -> ChecklistLine {
        let (delivered, complaints) = (facts.past.delivered, facts.past.complaints)
        let isMany = complaints >= 2
        let rate = delivered > 0 ? Double(complaints) * 100 / Double(delivered) : 0
        let text = "\((rate * 100).rounded() / 100) %"
        let count = "\(complaints) of \(delivered) people on this list complained in 30 days (\(text), a lower bound)"
        if isMany, rate >= 0.3 {
            return ChecklistLine(
                "GM-06", .red, "Complaints", why: "\(count): from 0.3 % on Gmail and Yahoo block the sender.",
                fix: "Write only to those who asked for it, until a week stays below 0.1 %.")
        }
        return line(
            "GM-06", !isMany || rate < 0.1, .amber, "Complaints",
            good: delivered > 0 ? "\(count)." : "Nothing is known of mail to this list before.",
            why: "\(count): Gmail asks for less than 0.1 %.", fix: "Look at who complained, and why they were on the list.")
    }

    private static let googleDomains = ["gmail.com", "googlemail.com"]

    /// 5,000 a day to Gmail make a bulk sender of the whole domain, for good.
    private static func google(_ facts: ChecklistFacts) -> ChecklistLine {
        let count = googleDomains.reduce(0) { $0 + facts.audience.domains[$1, default: 0] }
        let text =
            count >= 5000
            ? "\(count) Gmail addresses: from 5,000 in a day on the whole domain counts as a bulk sender, for good."
            : "\(count) Gmail addresses; from 5,000 in a day on Gmail's rules for bulk senders hold for the whole domain, for good."
        return ChecklistLine("GM-16", .green, "Gmail's rules for bulk", why: text)
    }
}
