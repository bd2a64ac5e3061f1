import ContentReading
package import ContentScan
import InternetMessage
package import MailModel

/// What receivers will object to in a message, for the person who is about to send it: in plain words, with what to do.
package struct SendingCheck: Codable, Sendable {
    package struct Objection: Codable, Sendable {
        /// The rule's name.
        package var rule: String
        package var matched: String
        package var objection: String
        package var advice: String
    }

    package var file: String?
    package var verdict: ScanKind
    package var score: Double
    /// Worst first; empty where there is nothing to say.
    package var objections: [Objection]

    package static func of(_ content: [UInt8], file: String? = nil, knowledge: ScanKnowledge, at time: Timestamp) -> SendingCheck {
        let facts = ContentReader().facts(content)
        let verdict = ContentScan.scan(facts, knowledge: knowledge, at: time)
        let found = verdict.findings.filter { $0.weight > 0 }.map(\.finding).map { finding in
            Objection(
                rule: finding.rule, matched: finding.matched, objection: finding.explanation,
                advice: SendingAdvice.of(finding.rule))
        }
        return SendingCheck(
            file: file, verdict: verdict.kind, score: verdict.score, objections: found + formObjections(facts.content, content))
    }

    /// What is no sign of spam, and is refused or cut all the same.
    private static func formObjections(_ content: MessageContent, _ octets: [UInt8]) -> [Objection] {
        var objections: [Objection] = []
        func object(_ rule: String, _ matched: String, _ objection: String, _ advice: String) {
            objections.append(Objection(rule: "check.\(rule)", matched: matched, objection: objection, advice: advice))
        }
        if content.bytes > 25_000_000 {
            object(
                "size", "\(content.bytes) octets", "Many receivers take no message above 25 MB.",
                "Put large files where they can be fetched, and send a link.")
        }
        if let html = content.parts.first(where: { $0.type == "text/html" && !$0.isAttachment }), html.bytes > 102_000 {
            object(
                "html-size", "\(html.bytes) octets", "Gmail cuts HTML above 102 KB: the end, with the link to unsubscribe, is not seen.",
                "Make the HTML shorter.")
        }
        let longest = octets.split(separator: 0x0A).map(\.count).max() ?? 0
        if longest > 999 {
            object(
                "line-length", "\(longest) octets", "A line is longer than the 998 octets that mail may have (RFC 5322).",
                "Encode the part as quoted-printable or base64; any mail library does.")
        }
        if ByteScan.hasEightBit(octets, in: 0..<headerEnd(octets)) {
            object(
                "header-octets", "", "The header holds characters beyond ASCII that are not encoded.",
                "Write them as encoded words (RFC 2047); any mail library does.")
        }
        if case .success(let from) = AddressList.parse(content.field("from")), let domain = from.first?.domain,
            SendingAdvice.strictProviders.contains(domain.text)
        {
            object(
                "from-provider", domain.text, "Addresses of \(domain.text) are accepted from its own servers only (DMARC).",
                "Send with an address of your own domain, and put this one into Reply-To.")
        }
        return objections
    }

    private static func headerEnd(_ octets: [UInt8]) -> Int { MIMETree.read(octets).fields.last?.end ?? 0 }
}

/// What to do about a finding.
enum SendingAdvice {
    /// Whose domains have a DMARC policy that refuses what others send.
    static let strictProviders: Set<String> = [
        "yahoo.com", "aol.com", "gmail.com", "googlemail.com", "hotmail.com", "outlook.com", "live.com", "msn.com", "icloud.com", "me.com",
        "mail.ru", "gmx.de", "gmx.net", "web.de", "ymail.com",
    ]

    static func of(_ rule: String) -> String {
        guard let rule = ScanRule(rawValue: String(rule.dropFirst("scan.".count))) else { return "Look at it again." }
        switch rule {
        case .recipients, .duplicates: return "Send it as a campaign, which is paced and has a way to unsubscribe."
        case .manyLinks, .manySites: return "Keep the links that readers need, to few sites."
        case .shortener: return "Write the address that the link leads to in the end."
        case .redirect: return "Let links lead to your own site, without a redirect over another's."
        case .pixel: return "Leave the picture out, or have it come from your own site."
        case .lyingText: return "Let the text show the address that the link leads to, or words."
        case .lookAlike, .mixedScript: return "Use the real name of the site, in letters of one alphabet."
        case .numericHost, .userInLink, .escapedHost, .port: return "Link to a plain name: https://www.example.org/page."
        case .hiddenText: return "Take out what readers do not see; a preview line is short."
        case .unseenCharacters, .spacedWords: return "Write words plainly."
        case .imageOnly: return "Write the content as text; pictures are often not shown."
        case .noPlainText: return "Add a plain text part with the same content."
        case .large: return "Put large files where they can be fetched, and send a link."
        case .forgedReply: return "Begin the subject with Re: in answers only."
        case .shouting: return "Write the subject as a sentence."
        case .emptySubject: return "Give it a subject that says what it is about."
        case .addressInName: return "Put a name before the address, not another address."
        case .unreadableFrom: return "Write From as Name <name@example.org>, once."
        case .misaligned: return "Use one domain for From and for the envelope's sender, or sign with From's domain (DKIM)."
        case .deadDomain: return "Give the domain of From an MX or A record, or use a domain that has one."
        case .replyElsewhere: return "Let answers go to the domain that the message is from."
        case .noUnsubscribe: return "Add List-Unsubscribe and List-Unsubscribe-Post, and a link in the text; large providers require it."
        case .executable, .disguised: return "Do not attach programs; nearly all receivers refuse them. Offer a link."
        case .doubleExtension: return "Give the file one extension, the right one."
        case .macros: return "Save the document without macros, or as PDF."
        case .htmlFile: return "Put the page on your site and send a link, or attach a PDF."
        case .headerDamage, .partDamage: return "Make the message with a mail program or library; do not put it together by hand."
        case .form, .script, .embedded: return "Mail programs do not run this. Put it on a page, and link to it."
        case .spamWords: return "Say it in other words. Which words count stands beside the finding."
        case .hamWords: return "Nothing is to be done."
        }
    }
}
