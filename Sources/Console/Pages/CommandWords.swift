/// Texts that name commands in backticks, as HTML: a command whose work has a page of the console becomes a link to it, all else code.
struct CommandWords {
    /// Nil: nobody is signed in, and nothing is linked.
    let viewer: Viewer?

    /// `text`: as it is; what comes out is escaped.
    func html(_ text: String) -> String {
        guard text.utf8.contains(0x60) else { return HTMLText.escape(text) }
        let parts = text.split(separator: "`", omittingEmptySubsequences: false)
        // The last backtick of an odd number opens nothing.
        let pairs = (parts.count - 1) / 2
        var html = ""
        for (place, part) in parts.enumerated() {
            if place > 2 * pairs {
                html += "`\(HTMLText.escape(String(part)))"
            } else if place % 2 == 0 {
                html += HTMLText.escape(String(part))
            } else {
                html += link(part) ?? "<code>\(HTMLText.escape(String(part)))</code>"
            }
        }
        return html
    }

    /// The same where strangers' words may stand too: only what looks like a command is read.
    func cell(_ text: String) -> String { text.contains("`postern ") ? html(text) : HTMLText.escape(text) }

    private func link(_ command: Substring) -> String? {
        let words = command.split(separator: " ")
        guard let viewer, words.count >= 2, words[0] == "postern", let href = CommandWords.pages[String(words[1])] else { return nil }
        for group in Navigation.groups {
            guard let place = group.places.first(where: { $0.href == href }), viewer.may(place.scopes) else { continue }
            let title = group.title == place.title ? place.title : "\(group.title) → \(place.title)"
            return "<a href=\"\(HTMLText.escape(address(of: words, on: href)))\">\(HTMLText.escape(title))</a>"
        }
        return nil
    }

    /// With what the command names, where the page takes it.
    private func address(of words: [Substring], on href: String) -> String {
        guard words.count >= 4, let name = words.last.map(String.init), !name.contains(where: \.isUppercase) else { return href }
        switch (words[1], words[2]) {
        case ("dkim", "add"), ("dkim", "rotate"): return PagePath.make("dkim", query: ["domain": name])
        case ("domain", "history"), ("domain", "check"): return PagePath.make("domain-health", name)
        case ("campaign", _): return PagePath.make("campaigns", String(words[3]))
        case ("suppressions", "check"): return PagePath.make("suppressions", query: ["address": name])
        default: return href
        }
    }

    /// By a command's first word, the page where its work is done too.
    static let pages = [
        "accounts": "/accounts", "connectors": "/connectors", "groups": "/groups", "ldap-servers": "/ldap-servers", "domains": "/domains",
        "domain": "/domain-health", "routes": "/routes", "sources": "/sources", "pools": "/pools", "warm-up": "/sources",
        "shaping": "/shaping", "rules": "/rules", "dkim": "/dkim", "reputation": "/reputation", "reports": "/domain-reports",
        "tls": "/tls-reports", "restricted": "/restricted", "alerts": "/alerts", "alert-policies": "/notices", "webhooks": "/notices",
        "policy": "/policies", "limits": "/limits", "requests": "/requests", "scan": "/scanning", "review": "/review",
        "suppressions": "/suppressions", "returned": "/returns", "queue": "/queue", "trace": "/trace", "explain": "/explain",
        "pause": "/pauses", "resume": "/pauses", "pauses": "/pauses", "campaign": "/campaigns", "lists": "/lists",
        "subscribers": "/subscribers", "advise": "/advise", "api-keys": "/keys", "sessions": "/sessions", "sign-in": "/sign-in-providers",
        "nodes": "/nodes", "audit": "/audit", "simulate": "/simulations", "twin": "/twin",
    ]
}
