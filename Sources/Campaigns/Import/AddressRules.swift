package import MailModel

/// Lists that addresses are held against. All in lower case.
package struct AddressRules: Sendable {
    /// Local parts that belong to a function: `info`, `postmaster`.
    package var roles: Set<String>
    /// Domains of mailboxes that are thrown away. Their subdomains count too.
    package var disposable: Set<String>
    private var suggestions: [String: String?] = [:]
    private static let suggestionsMax = 100_000

    package init(roles: Set<String> = AddressRules.commonRoles, disposable: Set<String> = []) {
        self.roles = roles
        self.disposable = disposable
    }

    /// The lines of a file; comments begin with #.
    package static func lines(_ text: String) -> Set<String> {
        Set(text.split(whereSeparator: \.isNewline).lazy.map { $0.lowercased() }.filter { !$0.isEmpty && !$0.hasPrefix("#") })
    }

    /// RFC 2142, and what providers of lists refuse beside it.
    package static let commonRoles: Set<String> = [
        "abuse", "admin", "administrator", "billing", "bounce", "bounces", "contact", "devnull", "dns", "ftp", "help", "hostmaster", "info",
        "inquiries", "list", "list-request", "mail", "mailer-daemon", "marketing", "media", "news", "no-reply", "noc", "noreply", "office",
        "orders",
        "postmaster", "press", "privacy", "registrar", "remove", "root", "sales", "security", "service", "spam", "subscribe", "support",
        "sysadmin",
        "tech", "unsubscribe", "usenet", "uucp", "webmaster", "www",
    ]

    package enum Verdict: Hashable, Sendable {
        case typo(of: String)
        case role
        case disposable
    }

    /// What is worth knowing of an address that can be written to.
    package mutating func verdicts(of address: EmailAddress) -> [Verdict] {
        guard let domain = address.domain?.text else { return [] }
        var verdicts: [Verdict] = []
        if let meant = suggestion(for: domain) { verdicts.append(.typo(of: meant)) }
        if roles.contains(address.localPart.lowercased()) { verdicts.append(.role) }
        if isDisposable(domain) { verdicts.append(.disposable) }
        return verdicts
    }

    private mutating func suggestion(for domain: String) -> String? {
        if let known = suggestions[domain] { return known }
        let found = DomainTypos.suggestion(for: domain)
        if suggestions.count < AddressRules.suggestionsMax { suggestions[domain] = .some(found) }
        return found
    }

    private func isDisposable(_ domain: String) -> Bool {
        guard !disposable.isEmpty else { return false }
        var rest = domain[...]
        while true {
            if disposable.contains(String(rest)) { return true }
            guard let dot = rest.firstIndex(of: ".") else { return false }
            rest = rest[rest.index(after: dot)...]
        }
    }
}
