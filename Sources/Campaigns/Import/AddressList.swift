import MailModel

/// A list of domains or of local parts that addresses are held against, under the name that findings say.
package struct AddressList: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        /// Of mailboxes that are thrown away.
        case disposable
        /// Local parts that belong to a function: `info`, `postmaster`.
        case roles
    }

    /// Why octets are no such list, in one clause.
    package struct Problem: Error, Hashable, CustomStringConvertible {
        package var description: String
    }

    package static let entriesMax = 500_000
    package static let octetsMax = 16 << 20
    /// Of the lines, how many may be something else before all of it is taken for something else, such as a web page.
    private static let unusablePercentMax = 10

    package var name: String
    /// In lower case, domains in the form of `DomainName`.
    package private(set) var entries: Set<String>

    package init(_ name: String, _ entries: Set<String>) {
        self.name = name
        self.entries = entries
    }

    /// The lines of a file. What follows # is a comment; `*.`, a dot or an @ before an entry is passed over.
    package init(_ name: String, _ kind: Kind, octets: [UInt8]) throws(Problem) {
        guard octets.count <= AddressList.octetsMax else {
            throw Problem(description: "it has more than \(AddressList.octetsMax >> 20) MiB")
        }
        var entries: Set<String> = []
        var unusable = 0
        for line in octets.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
            let text = AddressList.bare(String(decoding: line.prefix { $0 != 0x23 }, as: UTF8.self))
            guard !text.isEmpty else { continue }
            guard let entry = AddressList.entry(text, kind) else {
                unusable += 1
                continue
            }
            entries.insert(entry)
            guard entries.count <= AddressList.entriesMax else {
                throw Problem(description: "it has more than \(AddressList.entriesMax) entries")
            }
        }
        guard !entries.isEmpty, unusable * 100 <= (entries.count + unusable) * AddressList.unusablePercentMax else {
            let what = kind == .disposable ? "domains" : "local parts such as info"
            throw Problem(description: "it is no list of \(what), one a line: \(unusable) of \(entries.count + unusable) lines are none")
        }
        self.init(name, entries)
    }

    private static func bare(_ line: String) -> Substring {
        var text = line[...]
        while text.last?.isWhitespace == true { text.removeLast() }
        while let first = text.first, first.isWhitespace || first == "*" || first == "." || first == "@" { text.removeFirst() }
        return text
    }

    private static func entry(_ text: Substring, _ kind: Kind) -> String? {
        switch kind {
        case .disposable:
            guard let domain = DomainName(String(text)), domain.parent != nil else { return nil }
            return domain.text
        case .roles:
            let isLocalPart = (1...64).contains(text.utf8.count) && !text.contains { $0.isWhitespace || "@<>()\",;:".contains($0) }
            return isLocalPart ? text.lowercased() : nil
        }
    }

    /// What findings of ours name as their list.
    package static let ownName = "Postern's own list"

    /// RFC 2142, and what providers of lists refuse beside it.
    package static let commonRoles = AddressList(
        ownName,
        [
            "abuse", "admin", "administrator", "billing", "bounce", "bounces", "contact", "devnull", "dns", "ftp", "help", "hostmaster",
            "info", "inquiries", "list", "list-request", "mail", "mailer-daemon", "marketing", "media", "news", "no-reply", "noc",
            "noreply", "office", "orders", "postmaster", "press", "privacy", "registrar", "remove", "root", "sales", "security", "service",
            "spam", "subscribe", "support", "sysadmin", "tech", "unsubscribe", "usenet", "uucp", "webmaster", "www",
        ])

    /// The best known services; there are thousands, and new ones each day: see `lists.disposable-domains`.
    package static let commonDisposable = AddressList(
        ownName,
        [
            "10minutemail.com", "anonbox.net", "byom.de", "discard.email", "dispostable.com", "einrot.com", "emailondeck.com",
            "fakeinbox.com", "getnada.com", "grr.la", "guerrillamail.biz", "guerrillamail.com", "guerrillamail.de", "guerrillamail.net",
            "guerrillamail.org", "inboxkitten.com", "jetable.org", "mailcatch.com", "maildrop.cc", "mailinator.com", "mailnesia.com",
            "mailsac.com", "mintemail.com", "moakt.com", "mohmal.com", "mytrashmail.com", "sharklasers.com", "spam4.me", "spambog.com",
            "spamgourmet.com", "temp-mail.io", "temp-mail.org", "tempinbox.com", "tempr.email", "throwawaymail.com", "trash-mail.com",
            "trashmail.com", "trashmail.de", "trashmail.net", "wegwerfemail.de", "wegwerfmail.de", "yopmail.com", "yopmail.fr",
            "yopmail.net",
        ])
}
