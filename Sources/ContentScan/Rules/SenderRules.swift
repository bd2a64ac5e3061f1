import InternetMessage
import MailModel

extension RuleHits {
    mutating func lookAtSender(_ facts: ScanFacts) {
        let content = facts.content
        let subject = content.field("subject")
        lookAtSubject(subject, content)
        let field = content.field("from")
        guard case .success(let addresses) = AddressList.parse(field), let from = addresses.first else {
            return add(.unreadableFrom, field)
        }
        let name = field.prefix { $0 != "<" }
        if field.contains("<"), let shown = RuleHits.address(in: name), let domain = shown.domain, domain != from.domain {
            add(.addressInName, "\(name)")
        }
        if facts.isSenderDomainAlive == false { add(.deadDomain, from.domain?.text ?? field) }
        if let envelope = facts.envelope?.sender, facts.site(envelope) != facts.site(from) { add(.misaligned, "\(envelope)") }
        if case .success(let replies) = AddressList.parse(content.field("reply-to")), let reply = replies.first,
            facts.site(reply) != facts.site(from), FreeMail.domains.contains(facts.site(reply))
        {
            add(.replyElsewhere, "\(reply)")
        }
    }

    private mutating func lookAtSubject(_ subject: String, _ content: MessageContent) {
        let isReply = ["re:", "fw:", "fwd:", "aw:", "wg:"].contains { subject.lowercased().hasPrefix($0) }
        if isReply, subject.lowercased().hasPrefix("re:"), !content.has("in-reply-to"), !content.has("references"),
            !RuleHits.quotes(content)
        {
            add(.forgedReply, subject)
        }
        if subject.isEmpty { add(.emptySubject, "") }
        let letters = subject.unicodeScalars.filter(\.properties.isAlphabetic)
        let capitals = letters.count { $0.properties.isUppercase }
        if letters.count > 12, capitals * 10 > letters.count * 9 || subject.hasSuffix("!!!") { add(.shouting, subject) }
    }

    /// An answer quotes what it answers to.
    private static func quotes(_ content: MessageContent) -> Bool {
        content.plain.starts(with: [0x3E]) || zip(content.plain, content.plain.dropFirst()).contains { $0 == 0x0A && $1 == 0x3E }
            || content.html.map { $0.structure.count > 0 && content.shownText.contains(0x3E) } ?? false
    }

    /// The first word of a name that is an address.
    private static func address(in name: Substring) -> EmailAddress? {
        guard name.contains("@") else { return nil }
        return name.split { " \"'()[]<>,;".contains($0) }.lazy.compactMap { EmailAddress(String($0)) }.first
    }
}

/// Where anybody has a mailbox for nothing.
enum FreeMail {
    static let domains: Set<String> = [
        "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "msn.com", "yahoo.com", "ymail.com", "aol.com",
        "icloud.com",
        "gmx.de", "gmx.net", "web.de", "mail.ru", "yandex.ru", "proton.me", "protonmail.com", "mail.com", "zoho.com", "qq.com", "163.com",
    ]
}
