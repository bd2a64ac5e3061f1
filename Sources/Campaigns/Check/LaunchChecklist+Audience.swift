import MailModel

// Who gets it, and from whom.
extension LaunchChecklist {
    static func audience(_ facts: ChecklistFacts) -> [ChecklistLine] {
        let audience = facts.audience
        var lines = [
            line(
                "AUDIENCE", audience.planned > 0, .red, "Recipients",
                good: "\(audience.planned) of \(audience.people) people will get it; on the suppression list: \(audience.suppressed).",
                why: "Nobody of \(audience.people) people would get it.", fix: "Look at the list and the segment."),
            line(
                "CA-2", audience.expiredConsent == 0, .amber, "Expired consent", good: "No consent has expired.",
                why: "The consent of \(audience.expiredConsent) people has expired; they are left out.",
                fix: "Ask them again, or take them off the list."),
            line(
                "DOMAINS", audience.openDomains == 0, .amber, "Domains that take mail",
                good: audience.withoutMailHost == 0
                    ? "Mail can be sent to each domain on the list."
                    : "\(audience.withoutMailHost) people at domains that take no mail are left out.",
                why: "\(audience.openDomains) domains on the list have not been looked up yet; mail to those that do not exist bounces.",
                fix: "Wait until `postern lists domains` shows no open ones."),
            line(
                "RISK", audience.risk != .high, .amber, "Where the list comes from",
                good: audience.risk == .medium
                    ? "The last import was graded as medium risk: fewer people get it first."
                    : "No import shows a great risk.",
                why: "The last import was graded as high risk: many bounces would block you at the large receivers.",
                fix: "Clean the list, or begin with a small canary."),
        ]
        if facts.isMarketing {
            lines += evidence(audience)
            lines.append(
                line(
                    "CA-1", audience.withoutConsent == 0, .red, "Consent", good: "Each recipient's consent has a ground.",
                    why: "\(audience.withoutConsent) people have no recorded consent; CASL and the GDPR want you to prove it.",
                    fix: "Import with --source, or choose the segment \"consent is valid\"."))
        }
        lines.append(gaps(audience))
        return lines
    }

    /// Whether consent could be proved.
    private static func evidence(_ audience: ChecklistFacts.Audience) -> [ChecklistLine] {
        [
            line(
                "GM-18", !audience.hasUnknownSource, .amber, "Where the addresses come from", good: "Each import says where from.",
                why: "An import says of nobody where the addresses come from; receivers block senders of bought lists for good.",
                fix: "Import again with --source, or leave these people out."),
            line(
                "EU-1", audience.withoutWording == 0, .amber, "Proof of consent", good: "The words that people agreed to are kept.",
                why:
                    "The words that \(audience.withoutWording) people agreed to are not kept: the GDPR (Art. 7) wants you to prove consent.",
                fix: "Keep your sign-up form of that time, or ask them once more by double opt-in."),
            line(
                "EU-8", audience.unconfirmed == 0, .amber, "Double opt-in", good: "Nobody in Germany or Austria is unconfirmed.",
                why:
                    "\(audience.unconfirmed) people with addresses in Germany or Austria never confirmed by mail; courts there ask for it.",
                fix: "Send them a confirmation, or choose a segment without them."),
        ]
    }

    private static func gaps(_ audience: ChecklistFacts.Audience) -> ChecklistLine {
        if !audience.unknownNames.isEmpty {
            let names = audience.unknownNames.prefix(5).map { "{{\($0)}}" }.joined(separator: ", ")
            return ChecklistLine(
                "MERGE", .red, "Merge fields", why: "Nobody on the list has \(names).",
                fix: "Correct the name, or write what stands there instead: {{\(audience.unknownNames[0])|…}}.")
        }
        let worst = audience.gaps.filter { $0.value > 0 }.max { ($0.value, $1.key) < ($1.value, $0.key) }
        guard let worst else { return ChecklistLine("MERGE", .green, "Merge fields", why: "No copy has a gap.") }
        return ChecklistLine(
            "MERGE", .amber, "Merge fields", why: "\(worst.value) people would get a gap where {{\(worst.key)}} stands.",
            fix: "Write what stands there instead: {{\(worst.key)|…}}.")
    }

    static func sender(_ facts: ChecklistFacts) -> [ChecklistLine] {
        let domain = facts.from.domain
        let host = facts.from.host.description
        let isFree = freeMailboxes.contains(host)
        let isSigned = facts.signs && domain.map { from in facts.signedDomains.contains { from.isWithin($0) } } == true
        let isOwn = domain.map { from in facts.ownDomains.contains { from.isWithin($0) } || isSigned } == true
        let local = facts.from.localPart.lowercased()
        let answers = facts.replyTo?.localPart.lowercased() ?? local
        return [
            line(
                "GM-10", !isFree, .red, "From", good: "The sender's domain is no mailbox provider's.",
                why: "Nobody else may send as \(host): its DMARC policy refuses the mail.", fix: "Take an address of your own domain."),
            line(
                "GM-01", isSigned, .red, "DKIM", good: "\(host) is signed.",
                why: "Gmail, Yahoo and Outlook refuse bulk mail that is not signed for \(host).", fix: "postern dkim add \(host)"),
            line(
                "GM-03", isOwn, .red, "From is yours", good: "\(host) belongs to the organisation.",
                why: "\(host) is none of the organisation's domains: From, signature and return path would not agree.",
                fix: "postern domains add \(host), or take another From."),
            displayName(facts),
            line(
                "MS-02", !noReply.contains(where: answers.hasPrefix), .amber, "Answers", good: "People can answer.",
                why: "Outlook wants addresses that take replies, and readers who cannot answer complain instead.",
                fix: "Take an address that somebody reads, or set Reply-To."),
        ]
    }

    private static func displayName(_ facts: ChecklistFacts) -> ChecklistLine {
        let name = facts.fromName
        let lower = name.lowercased()
        let problem: String? =
            if name.isEmpty {
                "From has no name: people see an address only."
            } else if name.contains("@") {
                "The display name \"\(name)\" is an address."
            } else if lower.hasPrefix("re:") || lower.hasPrefix("fwd:") || name.contains("(") || name.contains("{{")
                || name.unicodeScalars.contains(where: { $0.properties.isEmojiPresentation })
            {
                "The display name \"\(name)\" looks like a message, not a sender."
            } else {
                nil
            }
        guard let problem else { return ChecklistLine("GM-11", .green, "Display name", why: "It names the sender.") }
        return ChecklistLine(
            "GM-11", .amber, "Display name", why: "\(problem) Gmail asks for the sender's name alone.",
            fix: "From: \"Name of the sender <address>\".")
    }

    private static let noReply = ["noreply", "no-reply", "donotreply", "do-not-reply", "no.reply"]
    private static let freeMailboxes: Set<String> = [
        "gmail.com", "googlemail.com", "yahoo.com", "ymail.com", "aol.com", "outlook.com", "hotmail.com", "live.com", "msn.com",
        "icloud.com", "me.com", "mac.com", "gmx.de", "gmx.net", "gmx.com", "web.de", "proton.me", "protonmail.com", "t-online.de",
        "orange.fr", "yandex.ru", "mail.ru", "zoho.com",
    ]
}
